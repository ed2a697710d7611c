#include <plan/loan.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sidereal::plan {

namespace {

struct Vector {
    LoanQuestion question;
    double payment;
    std::int64_t paid_off;
    double interest_with;
    double interest_without;
    double wealth_pay_down;
    double wealth_invest;
    std::optional<double> break_even;
};

// Loans whose answers were computed apart, by hand-written sums.
std::vector<Vector> vectors()
{
    return {
        { { .balance_usd = 300e3,
              .annual_rate = 0.065,
              .months = 360,
              .extra_usd_per_month = 500,
              .annual_return = 0.07,
              .gains_tax = 0.15 },
            1896.20, 210, 202'874.38, 382'633.47, 540'938.23, 545'487.67, 0.069323 },
        { { .balance_usd = 200e3,
              .annual_rate = 0.03,
              .months = 240,
              .extra_usd_per_month = 300,
              .annual_return = 0.08,
              .gains_tax = 0.2 },
            1109.20, 176, 47'320.83, 66'206.85, 108'651.37, 155'764.90, 0.035563 },
        { { .balance_usd = 120e3,
              .annual_rate = 0,
              .months = 120,
              .extra_usd_per_month = 200,
              .annual_return = 0.05 },
            1000.00, 100, 0, 0, 24'974.18, 31'056.46, 0.0 },
        { { .balance_usd = 400e3,
              .annual_rate = 0.07,
              .months = 360,
              .extra_usd_per_month = 1000,
              .annual_return = 0.05,
              .gains_tax = 0.238 },
            2661.21, 175, 238'413.60, 558'035.59, 940'954.44, 719'861.08, 0.076822 },
        { { .balance_usd = 250e3,
              .annual_rate = 0.06,
              .months = 300,
              .annual_return = 0.07,
              .gains_tax = 0.15 },
            1610.75, 300, 233'226.05, 233'226.05, 0, 0, std::nullopt },
    };
}

LoanQuestion usual() { return vectors().front().question; }

LoanAnswer answer(LoanQuestion const& asked)
{
    auto const found = answer_loan(asked);
    EXPECT_TRUE(found) << found.error().message;
    return *found;
}

constexpr double half_a_cent = 0.005 + 1e-9;

}

TEST(Loan, known_loans_come_out_to_the_cent)
{
    for (auto const& vector : vectors()) {
        auto const found = answer(vector.question);
        EXPECT_NEAR(found.payment_usd, vector.payment, half_a_cent);
        EXPECT_EQ(found.pay_down.paid_off_month, vector.paid_off);
        EXPECT_EQ(found.invest.paid_off_month, vector.question.months);
        EXPECT_NEAR(found.pay_down.interest_usd, vector.interest_with, half_a_cent);
        EXPECT_NEAR(found.invest.interest_usd, vector.interest_without, half_a_cent);
        EXPECT_NEAR(found.pay_down.wealth_usd, vector.wealth_pay_down, half_a_cent);
        EXPECT_NEAR(found.invest.wealth_usd, vector.wealth_invest, half_a_cent);
        ASSERT_EQ(found.break_even_return.has_value(), vector.break_even.has_value());
        if (vector.break_even) {
            EXPECT_NEAR(*found.break_even_return, *vector.break_even, 5e-7);
        }
    }
}

TEST(Loan, without_tax_the_break_even_return_is_the_loan_rate)
{
    for (auto const rate : { 0.01, 0.042, 0.065, 0.19 }) {
        auto asked = usual();
        asked.annual_rate = rate;
        asked.gains_tax = 0;
        EXPECT_NEAR(answer(asked).break_even_return.value_or(-1), rate, 1e-9);
        asked.compounding = Compounding::annual;
        EXPECT_NEAR(
            answer(asked).break_even_return.value_or(-1), std::pow(1 + rate / 12, 12) - 1, 1e-9);
    }
}

TEST(Loan, interest_that_is_deducted_lowers_the_break_even_by_its_share)
{
    auto asked = usual();
    asked.gains_tax = 0;
    asked.interest_deduction = 0.3;
    EXPECT_NEAR(answer(asked).break_even_return.value_or(-1), 0.065 * 0.7, 1e-9);
}

TEST(Loan, break_even_rises_with_the_tax_and_stays_below_the_rate_before_tax)
{
    auto asked = usual();
    double last = 0;
    for (auto const tax : { 0.0, 0.1, 0.2, 0.4, 0.6 }) {
        asked.gains_tax = tax;
        auto const found = answer(asked).break_even_return.value_or(-1);
        EXPECT_GT(found, last);
        if (tax > 0) {
            EXPECT_LT(found, asked.annual_rate / (1 - tax));
        }
        last = found;
    }
}

TEST(Loan, a_higher_return_favours_investing)
{
    auto asked = usual();
    double last = -1e18;
    for (double annual_return = 0; annual_return < 0.2; annual_return += 0.01) {
        asked.annual_return = annual_return;
        auto const found = answer(asked).advantage_invest_usd();
        EXPECT_GT(found, last);
        last = found;
    }
}

TEST(Loan, months_add_up_to_the_whole)
{
    auto const asked = usual();
    auto const found = answer(asked);
    for (auto const* way : { &found.pay_down, &found.invest }) {
        ASSERT_EQ(way->positions.size(), 360U);
        double interest = 0;
        double owed = asked.balance_usd;
        for (auto const& at : way->positions) {
            EXPECT_NEAR(at.interest_usd, owed * asked.annual_rate / 12, 1e-6);
            EXPECT_LE(at.owed_usd, owed);
            interest += at.interest_usd;
            owed = at.owed_usd;
        }
        EXPECT_EQ(owed, 0);
        EXPECT_NEAR(interest, way->interest_usd, 1e-6);
        EXPECT_NEAR(way->positions.back().worth_usd, way->wealth_usd, 1e-6);
    }
}

TEST(Loan, a_lump_sum_that_covers_the_loan_pays_it_off_at_once)
{
    auto asked = usual();
    asked.lump_usd = 310e3;
    auto const found = answer(asked);
    EXPECT_EQ(found.pay_down.paid_off_month, 0);
    EXPECT_EQ(found.pay_down.interest_usd, 0);
    EXPECT_EQ(found.invest.interest_usd, answer(usual()).invest.interest_usd);
    // What was not needed grows from the start.
    EXPECT_NEAR(found.pay_down.positions.front().invested_usd,
        10e3 * (1 + 0.07 / 12) + found.payment_usd + 500, 1e-6);
}

TEST(Loan, insurance_ends_sooner_when_more_is_paid_and_the_money_stays_in_the_budget)
{
    auto asked = usual();
    asked.insurance_usd_per_month = 120;
    asked.insurance_until_usd = 240e3;
    auto const found = answer(asked);
    EXPECT_LT(found.pay_down.insurance_last_month, found.invest.insurance_last_month);
    EXPECT_EQ(found.pay_down.insurance_usd,
        120 * static_cast<double>(found.pay_down.insurance_last_month));
    // Everything that is not interest or insurance ends up in the account: at no return, the
    // difference of the wealths is that of the costs.
    asked.annual_return = 0;
    auto const flat = answer(asked);
    auto const costs = [](LoanWay const& way) { return way.interest_usd + way.insurance_usd; };
    EXPECT_NEAR(flat.pay_down.wealth_usd - flat.invest.wealth_usd,
        costs(flat.invest) - costs(flat.pay_down), 1e-5);
}

TEST(Loan, wealth_in_todays_money_is_less_by_the_inflation)
{
    auto asked = usual();
    asked.inflation = 0.025;
    auto const found = answer(asked);
    EXPECT_NEAR(found.invest.real_wealth_usd, found.invest.wealth_usd / std::pow(1.025, 30), 1e-6);
}

TEST(Loan, a_node_that_earns_the_loans_own_instalments_breaks_even)
{
    // Without residual value and tax, and with spare money kept at the loan's rate, a node is worth
    // exactly the loan that its earnings would repay over its life.
    LoanQuestion asked;
    asked.balance_usd = 40e3;
    asked.annual_rate = 0.09;
    asked.annual_return = 0.09;
    asked.months = 60;
    asked.node = EarningNode { 12e3, 500, 36, 0, 0 };
    auto const found = answer(asked);
    EXPECT_FALSE(found.break_even_return);
    EXPECT_NEAR(
        found.break_even_earnings_usd.value_or(0), monthly_payment_usd({ 12e3, 0.09, 36 }), 1e-4);
    EXPECT_GT(found.advantage_invest_usd(), 0);
    asked.node->earns_usd_per_month = 300;
    EXPECT_LT(answer(asked).advantage_invest_usd(), 0);
}

TEST(Loan, a_node_outliving_the_loan_counts_with_its_book_value)
{
    LoanQuestion asked;
    asked.balance_usd = 40e3;
    asked.months = 12;
    asked.node = EarningNode { 12e3, 0, 36, 3e3, 0 };
    auto const found = answer(asked);
    EXPECT_NEAR(found.invest.wealth_usd, 12e3 - 9e3 / 3, 1e-6);
}

TEST(Loan, nonsense_is_refused_by_name)
{
    auto const refused = [](auto change, std::string_view name) {
        auto asked = usual();
        change(asked);
        auto const found = answer_loan(asked);
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(found.error().code, ErrorCode::invalid_input);
        EXPECT_EQ(found.error().message.substr(0, name.size()), name);
    };
    refused([](LoanQuestion& asked) { asked.balance_usd = 0; }, "balance is 0");
    refused([](LoanQuestion& asked) { asked.balance_usd = 1e308; }, "balance is 1e+308");
    refused([](LoanQuestion& asked) { asked.annual_rate = 6.5; }, "loan rate is 6.5");
    refused([](LoanQuestion& asked) { asked.months = 0; }, "months is 0");
    refused([](LoanQuestion& asked) { asked.extra_usd_per_month = -1; }, "extra a month is -1");
    refused([](LoanQuestion& asked) { asked.annual_return = std::nan(""); }, "return is nan");
    refused([](LoanQuestion& asked) { asked.gains_tax = 1; }, "tax on gains is 1");
    refused([](LoanQuestion& asked) { asked.inflation = std::numeric_limits<double>::infinity(); },
        "inflation is inf");
    refused(
        [](LoanQuestion& asked) {
            asked.node = EarningNode { 0, 1, 1, 0, 0 };
        },
        "price of the node is 0");
}

TEST(Loan, extreme_but_allowed_inputs_give_finite_answers)
{
    LoanQuestion asked;
    asked.balance_usd = 1e12;
    asked.annual_rate = 1;
    asked.months = 600;
    asked.extra_usd_per_month = 1;
    asked.annual_return = 1;
    asked.gains_tax = 0.9;
    auto const found = answer(asked);
    EXPECT_TRUE(std::isfinite(found.invest.wealth_usd));
    EXPECT_TRUE(std::isfinite(found.pay_down.wealth_usd));
}

}
