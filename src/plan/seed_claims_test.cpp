#include <plan/seed_checks.h>
#include <plan/seed_claims.h>

#include <gtest/gtest.h>

#include <set>

namespace sidereal::plan {

namespace {

std::vector<CheckedClaim> checked(Catalog const& catalog)
{
    auto const claims = check_seed(catalog);
    EXPECT_TRUE(claims.has_value()) << claims.error().message;
    return claims.value_or(std::vector<CheckedClaim> {});
}

TEST(SeedClaims, all_92_come_out_as_stated)
{
    auto const claims = checked(shipped_catalog());
    EXPECT_EQ(claims.size(), 92u);
    std::set<std::string> ids;
    for (auto const& claim : claims) {
        ids.insert(claim.claim.id);
        EXPECT_EQ(to_string(claim.found), to_string(claim.claim.stated))
            << claim.claim.id << " " << claim.claim.text << ": said " << said_text(claim.claim)
            << ", computed " << computed_text(claim) << " (" << claim.formula << ")";
        EXPECT_FALSE(claim.formula.empty()) << claim.claim.id;
    }
    EXPECT_EQ(ids.size(), 92u);
}

// What is computed follows the catalogue: nothing repeats the claim.
TEST(SeedClaims, a_changed_fact_changes_the_verdict)
{
    auto catalog = shipped_catalog();
    for (auto& device : catalog.devices) {
        if (device.id != "dgx-spark-gb10")
            continue;
        device.bandwidth_gb_per_s = 100;
        device.compute.fp4_tflops = 1000;
        device.prices.front().usd = 1000;
    }
    std::set<std::string> changed;
    for (auto const& claim : checked(catalog)) {
        if (!claim.is_as_stated())
            changed.insert(claim.claim.id);
    }
    for (auto const* id : { "SC-002", "SC-006", "SC-009", "SC-021", "SC-023", "SC-060" })
        EXPECT_TRUE(changed.contains(id)) << id;
}

TEST(SeedClaims, tolerance_counts_from_the_nearest_bound)
{
    SeedClaim claim;
    claim.min = 10;
    claim.max = 20;
    claim.tolerance_pct = 10;
    EXPECT_TRUE(is_within(claim, 9.0));
    EXPECT_TRUE(is_within(claim, 15));
    EXPECT_TRUE(is_within(claim, 22));
    EXPECT_FALSE(is_within(claim, 8.9));
    EXPECT_FALSE(is_within(claim, 22.1));
    claim.max.reset();
    EXPECT_TRUE(is_within(claim, 1000));
}

TEST(SeedClaims, several_values_are_compared_one_by_one)
{
    SeedClaim claim;
    claim.values = { 60, 25 };
    claim.tolerance_pct = 1;
    EXPECT_EQ(by_number(claim, { 60, 25 }, "").verdict, ClaimVerdict::consistent);
    EXPECT_EQ(by_number(claim, { 60, 30 }, "").verdict, ClaimVerdict::inconsistent);
    EXPECT_EQ(by_number(claim, { 60 }, "").verdict, ClaimVerdict::inconsistent);
}

TEST(SeedClaims, an_unknown_verdict_is_refused_by_its_claim)
{
    auto const claims = read_seed_claims(
        R"({"claims": [{"id": "X", "topic": "t", "claim": "c", "kind": "rule",
            "verdict": "true"}]})",
        "mine.json");
    ASSERT_FALSE(claims.has_value());
    EXPECT_NE(claims.error().message.find("claims[0] 'X'"), std::string::npos)
        << claims.error().message;
}

}

}
