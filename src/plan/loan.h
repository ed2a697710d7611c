#pragma once

#include <base/result.h>
#include <plan/explained.h>

#include <cstdint>
#include <optional>
#include <vector>

// Spare money: to pay a loan down sooner, or to invest it (or to buy a machine that earns). Both
// ways spend the same every month until the loan's original end. Rates and taxes are shares a year:
// 0.065 is 6.5 %.
namespace sidereal::plan {

enum class Compounding : std::uint8_t {
    // A twelfth of the rate each month.
    nominal,
    // The rate is what a year brings.
    annual,
};

// What the spare money buys instead, at the start: a node that earns.
struct EarningNode {
    double price_usd { 0 };
    // After what it costs to run.
    double earns_usd_per_month { 0 };
    std::int64_t life_months { 36 };
    // What it is sold for then.
    double residual_usd { 0 };
    // On what it earns beyond its straight-line depreciation.
    double income_tax { 0 };
};

struct LoanQuestion {
    double balance_usd { 0 };
    double annual_rate { 0 };
    std::int64_t months { 0 };
    double extra_usd_per_month { 0 };
    // At the start, besides what the node costs.
    double lump_usd { 0 };
    double annual_return { 0 };
    Compounding compounding { Compounding::nominal };
    // On gains, at the end.
    double gains_tax { 0 };
    // Tax rate from which interest is deducted; what that saves is invested at once.
    double interest_deduction { 0 };
    double inflation { 0 };
    // Due with each payment while more than this is owed (PMI).
    double insurance_usd_per_month { 0 };
    double insurance_until_usd { 0 };
    std::optional<EarningNode> node;
};

// How things stand at the end of a month.
struct LoanPosition {
    double owed_usd { 0 };
    double invested_usd { 0 };
    // Paid in this month.
    double interest_usd { 0 };
    // Invested after tax, and the node's book value, less what is owed.
    double worth_usd { 0 };
};

struct LoanWay {
    // 0: at once.
    std::int64_t paid_off_month { 0 };
    // In which it was due for the last time; 0: never.
    std::int64_t insurance_last_month { 0 };
    double interest_usd { 0 };
    double insurance_usd { 0 };
    // At the original end.
    double wealth_before_tax_usd { 0 };
    double wealth_usd { 0 };
    // In today's money.
    double real_wealth_usd { 0 };
    // One a month.
    std::vector<LoanPosition> positions;
};

struct LoanAnswer {
    double payment_usd { 0 };
    // The extra money goes to the loan, and once that is paid off everything is invested.
    LoanWay pay_down;
    // The loan is paid as agreed; also how things go without any extra money.
    LoanWay invest;
    // At which both ways end alike. Nothing without extra money, with a node, or if there is none
    // up to 1,000 % a year.
    std::optional<double> break_even_return;
    // What the node must bring a month for that.
    std::optional<double> break_even_earnings_usd;

    double advantage_invest_usd() const { return invest.wealth_usd - pay_down.wealth_usd; }
};

// invalid_input names the field.
Result<LoanAnswer> answer_loan(LoanQuestion const& question);

std::vector<Explained> explain_loan(LoanQuestion const& question, LoanAnswer const& answer);

struct Annuity {
    double principal_usd { 0 };
    double annual_rate { 0 };
    std::int64_t months { 0 };
    // Still owed at the end: a lease's residual value.
    double balloon_usd { 0 };
};
double monthly_payment_usd(Annuity const& annuity);

}
