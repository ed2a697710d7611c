#include <plan/loan.h>

#include <plan/fields.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr double max_usd = 1e12;
constexpr double max_break_even_return = 10;
constexpr int bisections = 60;

enum class Strategy : std::uint8_t { pay_down, invest };
enum class Trace : std::uint8_t { no, yes };

double monthly_rate(double annual, Compounding compounding)
{
    return compounding == Compounding::annual ? std::pow(1 + annual, 1.0 / 12) - 1 : annual / 12;
}

// Money at work; gains are taxed when it is taken out.
struct Account {
    double value { 0 };
    double basis { 0 };

    void add(double usd)
    {
        value += usd;
        basis += usd;
    }
    double after_tax(double tax) const { return value - tax * std::max(0.0, value - basis); }
};

double depreciation(EarningNode const& node)
{
    return (node.price_usd - node.residual_usd) / static_cast<double>(node.life_months);
}

// What it brings in a month, its sale at the end of its life with it.
double earned(EarningNode const& node, std::int64_t month)
{
    if (month > node.life_months)
        return 0;
    auto const taxed = node.earns_usd_per_month - depreciation(node);
    auto const sale = month == node.life_months ? node.residual_usd : 0;
    return node.earns_usd_per_month - node.income_tax * taxed + sale;
}

double book_value(EarningNode const& node, std::int64_t month)
{
    return month >= node.life_months
        ? 0
        : node.price_usd - depreciation(node) * static_cast<double>(month);
}

// One way, month by month.
class Walk {
public:
    Walk(LoanQuestion const& question, Strategy strategy, double payment)
        : question_(question)
        , strategy_(strategy)
        , payment_(payment)
        , owed_(question.balance_usd)
        , agreed_owed_(question.balance_usd)
        , growth_(monthly_rate(question.annual_return, question.compounding))
    {
    }

    LoanWay run(Trace trace)
    {
        if (trace == Trace::yes)
            way_.positions.reserve(static_cast<std::size_t>(question_.months));
        begin();
        for (std::int64_t month = 1; month <= question_.months; ++month) {
            auto const interest = step(month);
            if (trace == Trace::yes)
                way_.positions.push_back({ owed_, account_.value, interest,
                    account_.after_tax(question_.gains_tax) + kept_value(month) - owed_ });
        }
        auto const kept = kept_value(question_.months);
        way_.wealth_before_tax_usd = account_.value + kept;
        way_.wealth_usd = account_.after_tax(question_.gains_tax) + kept;
        auto const years = static_cast<double>(question_.months) / 12;
        way_.real_wealth_usd = way_.wealth_usd / std::pow(1 + question_.inflation, years);
        return std::move(way_);
    }

private:
    void begin()
    {
        if (strategy_ == Strategy::invest)
            return account_.add(question_.lump_usd);
        auto const lump = question_.lump_usd + (question_.node ? question_.node->price_usd : 0);
        auto const paid = std::min(lump, owed_);
        owed_ -= paid;
        account_.add(lump - paid);
        is_paid_off_ = owed_ <= 0;
    }

    double insurance(double owed) const
    {
        return owed > question_.insurance_until_usd ? question_.insurance_usd_per_month : 0;
    }

    // What is spent beyond interest and principal as agreed is the same both ways, so that the
    // insurance that ends sooner leaves money.
    double step(std::int64_t month)
    {
        auto const rate = question_.annual_rate / 12;
        auto const budget = payment_ + question_.extra_usd_per_month + insurance(agreed_owed_);
        agreed_owed_ -= std::min(payment_ - agreed_owed_ * rate, agreed_owed_);
        auto const premium = insurance(owed_);
        auto const interest = owed_ * rate;
        auto const due = owed_ + interest;
        auto const paid = month == question_.months ? due
            : strategy_ == Strategy::pay_down       ? std::min(budget - premium, due)
                                                    : std::min(payment_, due);
        owed_ = due - paid;
        note(month, interest, premium);
        account_.value *= 1 + growth_;
        account_.add(budget - premium - paid + interest * question_.interest_deduction);
        if (strategy_ == Strategy::invest && question_.node)
            account_.add(earned(*question_.node, month));
        return interest;
    }

    void note(std::int64_t month, double interest, double premium)
    {
        way_.interest_usd += interest;
        way_.insurance_usd += premium;
        if (premium > 0)
            way_.insurance_last_month = month;
        // What remains of a balance paid to the last cent is rounding.
        if (owed_ > question_.balance_usd * 1e-9)
            return;
        owed_ = 0;
        if (!std::exchange(is_paid_off_, true))
            way_.paid_off_month = month;
    }

    double kept_value(std::int64_t month) const
    {
        return strategy_ == Strategy::invest && question_.node ? book_value(*question_.node, month)
                                                               : 0;
    }

    LoanQuestion const& question_;
    Strategy strategy_;
    double payment_;
    double owed_;
    // As it would be without extra money.
    double agreed_owed_;
    double growth_;
    bool is_paid_off_ { false };
    Account account_;
    LoanWay way_;
};

double payment_of(LoanQuestion const& question)
{
    return monthly_payment_usd({ question.balance_usd, question.annual_rate, question.months });
}

double advantage_invest(LoanQuestion const& question)
{
    auto const payment = payment_of(question);
    return Walk(question, Strategy::invest, payment).run(Trace::no).wealth_usd
        - Walk(question, Strategy::pay_down, payment).run(Trace::no).wealth_usd;
}

// Where `advantage` turns positive, which grows from a negative one at `low`.
template<typename Advantage>
std::optional<double> turning_point(double low, double first, double most, Advantage advantage)
{
    // Half a cent is none.
    if (advantage(low) >= -0.005)
        return low;
    auto high = first;
    while (advantage(high) < 0) {
        low = high;
        high *= 2;
        if (high > most)
            return {};
    }
    for (int round = 0; round < bisections; ++round) {
        auto const middle = (low + high) / 2;
        (advantage(middle) < 0 ? low : high) = middle;
    }
    return (low + high) / 2;
}

std::optional<double> break_even_return(LoanQuestion const& question)
{
    if (question.node || question.extra_usd_per_month + question.lump_usd <= 0)
        return {};
    auto asked = question;
    return turning_point(0, 0.01, max_break_even_return, [&](double annual_return) {
        asked.annual_return = annual_return;
        return advantage_invest(asked);
    });
}

std::optional<double> break_even_earnings(LoanQuestion const& question)
{
    if (!question.node)
        return {};
    auto asked = question;
    return turning_point(
        0, std::max(1.0, question.node->price_usd * 1e-3), max_usd, [&](double earnings) {
            asked.node->earns_usd_per_month = earnings;
            return advantage_invest(asked);
        });
}

Status check_node(EarningNode const& node)
{
    TRY(in_range("price of the node", node.price_usd, { 0.01, max_usd }));
    TRY(in_range("earnings of the node", node.earns_usd_per_month, { -max_usd, max_usd }));
    TRY(in_range("life of the node", static_cast<double>(node.life_months), { 1, 600 }));
    TRY(in_range("residual value of the node", node.residual_usd, { 0, node.price_usd }));
    return in_range("income tax", node.income_tax, { 0, 0.9 });
}

Status check(LoanQuestion const& question)
{
    TRY(in_range("balance", question.balance_usd, { 0.01, max_usd }));
    TRY(in_range("loan rate", question.annual_rate, { 0, 1 }));
    TRY(in_range("months", static_cast<double>(question.months), { 1, 600 }));
    TRY(in_range("extra a month", question.extra_usd_per_month, { 0, max_usd }));
    TRY(in_range("lump sum", question.lump_usd, { 0, max_usd }));
    TRY(in_range("return", question.annual_return, { -0.5, 1 }));
    TRY(in_range("tax on gains", question.gains_tax, { 0, 0.9 }));
    TRY(in_range("interest deduction", question.interest_deduction, { 0, 0.9 }));
    TRY(in_range("inflation", question.inflation, { -0.1, 1 }));
    TRY(in_range("insurance a month", question.insurance_usd_per_month, { 0, max_usd }));
    TRY(in_range("end of insurance", question.insurance_until_usd, { 0, max_usd }));
    return question.node ? check_node(*question.node) : Status {};
}

}

double monthly_payment_usd(Annuity const& annuity)
{
    auto const months = static_cast<double>(annuity.months);
    auto const rate = annuity.annual_rate / 12;
    if (rate <= 0)
        return (annuity.principal_usd - annuity.balloon_usd) / months;
    // log1p and expm1 keep the digits of rates close to none.
    auto const discount = std::exp(-months * std::log1p(rate));
    auto const repaid = -std::expm1(-months * std::log1p(rate));
    return (annuity.principal_usd - annuity.balloon_usd * discount) * rate / repaid;
}

Result<LoanAnswer> answer_loan(LoanQuestion const& question)
{
    TRY(check(question));
    LoanAnswer answer;
    answer.payment_usd = payment_of(question);
    answer.pay_down = Walk(question, Strategy::pay_down, answer.payment_usd).run(Trace::yes);
    answer.invest = Walk(question, Strategy::invest, answer.payment_usd).run(Trace::yes);
    answer.break_even_return = break_even_return(question);
    answer.break_even_earnings_usd = break_even_earnings(question);
    return answer;
}

std::vector<Explained> explain_loan(LoanQuestion const& question, LoanAnswer const& answer)
{
    std::vector<Explained> all;
    auto const add = [&](std::string name, double value, std::string unit, std::string formula) {
        all.push_back({ std::move(name), value, std::move(unit), std::move(formula),
            "annuity with payments at the end of each month", "exact" });
    };
    auto const rate = question.annual_rate / 12;
    add("payment", answer.payment_usd, "USD a month",
        fmt::format("balance {} x i / (1 - (1 + i)^-{}), i = {} / 12 = {:.6g}",
            question.balance_usd, question.months, question.annual_rate, rate));
    add("interest, paid down", answer.pay_down.interest_usd, "USD",
        fmt::format("sum of balance x i over {} months", answer.pay_down.paid_off_month));
    add("interest, as agreed", answer.invest.interest_usd, "USD",
        fmt::format("sum of balance x i over {} months", answer.invest.paid_off_month));
    auto const growth = monthly_rate(question.annual_return, question.compounding);
    auto const wealth = fmt::format("value - {} x (value - paid in); value grows by {:.6g} a month",
        question.gains_tax, growth);
    add("wealth, paid down", answer.pay_down.wealth_usd, "USD",
        wealth
            + fmt::format("; {:.2f} a month goes in from month {}",
                answer.payment_usd + question.extra_usd_per_month,
                answer.pay_down.paid_off_month + 1));
    add("wealth, invested", answer.invest.wealth_usd, "USD",
        wealth
            + fmt::format("; {} goes in from month 1",
                question.node ? "what the node earns and "
                        + fmt::format("{:.2f} a month", question.extra_usd_per_month)
                              : fmt::format("{:.2f} a month", question.extra_usd_per_month)));
    if (answer.break_even_return)
        add("break-even return", *answer.break_even_return, "a year",
            "where both wealths are equal, by bisection");
    if (answer.break_even_earnings_usd)
        add("break-even earnings", *answer.break_even_earnings_usd, "USD a month",
            "where both wealths are equal, by bisection");
    return all;
}

}
