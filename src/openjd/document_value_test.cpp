#include <openjd/document_value.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

TEST(DocumentValue, keeps_kinds_and_order)
{
    auto const document = parse_document(
        "a: [1, 2.5, 0x10, .inf, '7', yes, true, null]\nb: {c: d}\n", "some.yaml");
    ASSERT_TRUE(document);
    auto const value = to_json(*document);
    EXPECT_EQ(value,
        Json({ { "a", JsonArray { 1, 2.5, 16, ".inf", "7", "yes", true, nullptr } },
            { "b", JsonObject { { "c", "d" } } } }));
}

TEST(DocumentValue, whole_numbers_beyond_64_bits_lose_digits_only)
{
    auto const document = parse_document("{\"n\": 123456789012345678901}", "some.json");
    ASSERT_TRUE(document);
    EXPECT_NEAR(to_json(*document).at("n").as_double(), 1.2345678901234568e20, 1e5);
}

}
