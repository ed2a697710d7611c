#include <plan/catalog.h>

#include <gtest/gtest.h>

namespace sidereal::plan {
namespace {

std::string fault_of(std::string_view json)
{
    auto catalog = shipped_catalog();
    auto const added = add_to_catalog(catalog, json, "own.json");
    return added ? "" : added.error().message;
}

TEST(CatalogLike, an_entry_says_only_what_differs)
{
    auto catalog = shipped_catalog();
    auto const added = add_to_catalog(catalog,
        R"({"devices": [{"id": "my-4090", "like": "rtx-4090", "memory_gib": 48},
                        {"id": "rtx-4090", "like": "rtx-4090", "prices": [
                            {"usd": 2100, "kind": "street", "as_of": "2026-11", "source": "shop",
                             "confidence": "high"}]}],
            "models": [{"id": "my-8b", "like": "llama-3.1-8b", "vocab": 32000}]})",
        "own.json");
    ASSERT_TRUE(added) << added.error().message;
    auto const* mine = *find_device(catalog, "my-4090");
    auto const* base = *find_device(shipped_catalog(), "rtx-4090");
    EXPECT_EQ(mine->memory_gib, 48);
    EXPECT_EQ(mine->memory_reported_gib, std::nullopt);
    EXPECT_EQ(mine->bandwidth_gb_per_s, base->bandwidth_gb_per_s);
    EXPECT_EQ((*find_device(catalog, "rtx-4090"))->prices.front().usd, 2100);
    EXPECT_EQ((*find_model(catalog, "my-8b"))->vocab, 32'000);
    EXPECT_EQ((*find_model(catalog, "my-8b"))->layers, 32);
}

TEST(CatalogLike, faults_name_the_place_once)
{
    EXPECT_EQ(
        fault_of(R"({"devices": [{"id": "x", "like": "rtx-4091"}]})")
            .find(
                "own.json: devices[0]: field 'like': no device 'rtx-4091' in the catalogue; near"),
        0u);
    EXPECT_EQ(fault_of(R"({"devices": [{"id": "x", "like": "rtx-4090", "tdp_w": -3}]})")
                  .find("own.json: devices[0] 'x': field 'tdp_w'"),
        0u);
    EXPECT_EQ(
        fault_of(R"({"devices": [{"id": "x", "like": 4}]})").find("own.json: devices[0]"), 0u);
    EXPECT_EQ(fault_of(R"({"devices": [{"id": "x"}]})"),
        "own.json: devices[0] 'x': field 'name': is missing: expected a text");
}

}
}
