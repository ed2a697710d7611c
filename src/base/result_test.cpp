#include <base/errors.h>
#include <base/id.h>
#include <base/money.h>
#include <base/result.h>
#include <base/verify.h>

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace sidereal {

namespace {

Result<int> half(int number)
{
    if (number % 2 != 0)
        return fail(ErrorCode::invalid_input, "{} is odd", number);
    return number / 2;
}

Result<int> quarter(int number)
{
    auto const once = TRY(half(number));
    return half(once);
}

Status check_quarter(int number)
{
    TRY(quarter(number));
    return {};
}

Result<std::unique_ptr<int>> boxed(int number)
{
    auto box = TRY(Result<std::unique_ptr<int>>(std::make_unique<int>(number)));
    return box;
}

}

TEST(Result, try_gives_the_value_or_passes_the_error_up)
{
    EXPECT_EQ(quarter(12), 3);
    EXPECT_EQ(quarter(7).error(), (Error { ErrorCode::invalid_input, "7 is odd" }));
    EXPECT_EQ(quarter(6).error().message, "3 is odd");
    EXPECT_TRUE(check_quarter(8).has_value());
    EXPECT_EQ(check_quarter(6).error().message, "3 is odd");
}

TEST(Result, try_moves_values_that_cannot_be_copied) { EXPECT_EQ(**boxed(4), 4); }

TEST(Errors, the_table_knows_every_code_and_tells_exits_apart)
{
    std::set<int> exits;
    for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
        auto const& row = error_row(static_cast<ErrorCode>(code));
        EXPECT_EQ(row.code, static_cast<ErrorCode>(code));
        EXPECT_TRUE(exits.insert(row.exit_code).second) << row.name;
        EXPECT_NE(row.exit_code, 0);
    }
}

TEST(Errors, a_status_leads_back_to_its_code)
{
    EXPECT_EQ(error_code_of_http(404), ErrorCode::not_found);
    EXPECT_EQ(error_code_of_http(503), ErrorCode::unavailable);
    EXPECT_EQ(error_code_of_http(500), ErrorCode::internal);
    EXPECT_EQ(error_code_of_http(418), ErrorCode::internal);
}

TEST(Id, only_decimal_numbers_above_0_are_ids)
{
    EXPECT_EQ(parse_id<JobId>("7"), JobId { 7 });
    EXPECT_EQ(parse_id<JobId>("18446744073709551615"), JobId { ~0ull });
    for (auto const* text :
        { "", "0", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "1.0" })
        EXPECT_EQ(parse_id<JobId>(text), std::nullopt) << text;
    EXPECT_EQ(to_string(JobId { 42 }), "42");
    EXPECT_FALSE(JobId {});
    EXPECT_LT(JobId { 1 }, JobId { 2 });
}

TEST(Money, sums_are_exact)
{
    Money sum;
    for (int i = 0; i < 1'000'000; ++i)
        sum += Money::from_usd(0.1);
    EXPECT_EQ(sum, Money::from_usd(100'000));
    EXPECT_EQ(Money::from_usd(-0.0000004), Money {});
    EXPECT_EQ(Money::from_usd(12.345678).micro_usd, 12'345'678);
}

TEST(Money, for_people)
{
    EXPECT_EQ(to_string(Money::from_usd(12.345)), "$12.35");
    EXPECT_EQ(to_string(Money::from_usd(0.0042)), "$0.0042");
    EXPECT_EQ(to_string(Money::from_usd(-3)), "-$3.00");
    EXPECT_EQ(to_string(Money {}), "$0.0000");
}

TEST(VerifyDeath, tells_the_broken_assumption)
{
    EXPECT_DEATH(VERIFY(1 + 1 == 3), "broken assumption: 1 \\+ 1 == 3");
}

}
