#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_chart.h>
#include <cli/plan_drawing.h>
#include <plan/loan.h>

#include <cmath>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    plan::LoanQuestion question;
    std::optional<double> annual_return;
    std::string compounding { "nominal" };
    bool hardware { false };
    plan::EarningNode node;
    bool csv { false };
    bool explain { false };
};

std::string month_text(std::int64_t month)
{
    return month == 0 ? "at once" : fmt::format("month {}", month);
}

std::string in_percent(double share) { return fmt::format("{:.4f} %", share * 100); }

void draw_ways(plan::LoanQuestion const& question, plan::LoanAnswer const& answer)
{
    auto const insured = question.insurance_usd_per_month > 0;
    std::vector<Column> columns { { "  WAY" }, { "PAID OFF" }, { "INTEREST USD", Align::right } };
    if (insured)
        columns.push_back({ "INSURANCE USD", Align::right });
    for (auto const* title : { "WEALTH USD", "AFTER TAX USD", "IN TODAY'S USD" })
        columns.push_back({ title, Align::right });
    Table table(columns);
    auto const add = [&](std::string const& name, plan::LoanWay const& way) {
        std::vector<Cell> cells { name, month_text(way.paid_off_month), in_usd(way.interest_usd) };
        if (insured)
            cells.emplace_back(in_usd(way.insurance_usd));
        cells.emplace_back(in_usd(way.wealth_before_tax_usd));
        cells.emplace_back(in_usd(way.wealth_usd));
        cells.emplace_back(in_usd(way.real_wealth_usd));
        table.add(std::move(cells));
    };
    add("  pay it down", answer.pay_down);
    add(question.node ? "  buy the node" : "  invest", answer.invest);
    print(stdout, table.draw(colors_wanted(stdout)));
}

void draw_verdict(plan::LoanQuestion const& question, plan::LoanAnswer const& answer)
{
    auto const more = answer.advantage_invest_usd();
    auto const* const way = more > 0 ? (question.node ? "the node" : "investing") : "paying down";
    if (std::abs(more) < 0.005)
        print(stdout, "  both ways end alike\n");
    else
        print(stdout, fmt::format("  {} leaves {} USD more\n", way, in_usd(std::abs(more))));
    if (answer.break_even_return)
        print(stdout,
            fmt::format("  they are equal at a return of {} a year\n",
                in_percent(*answer.break_even_return)));
    if (answer.break_even_earnings_usd)
        print(stdout,
            fmt::format("  they are equal if the node earns {} USD a month\n",
                in_usd(*answer.break_even_earnings_usd)));
}

void draw_chart(plan::LoanQuestion const& question, plan::LoanAnswer const& answer)
{
    ChartLine pay_down { 'P', {} };
    ChartLine invest { question.node ? 'N' : 'I', {} };
    for (std::size_t i = 0; i < answer.invest.positions.size(); ++i) {
        pay_down.values.push_back(answer.pay_down.positions[i].worth_usd);
        invest.values.push_back(answer.invest.positions[i].worth_usd);
    }
    print(stdout,
        fmt::format("\n  USD after tax less what is owed: P pay it down, {}\n",
            question.node ? "N buy the node" : "I invest"));
    print(stdout,
        draw_lines({ pay_down, invest },
            { .from = "month 1", .to = fmt::format("month {}", question.months) }));
}

void draw(plan::LoanQuestion const& question, plan::LoanAnswer const& answer)
{
    print(stdout,
        fmt::format("{} USD at {} a year over {} months:\n{} USD a month, and {} USD more\n\n",
            in_usd(question.balance_usd), in_percent(question.annual_rate), question.months,
            in_usd(answer.payment_usd), in_usd(question.extra_usd_per_month)));
    draw_ways(question, answer);
    draw_verdict(question, answer);
    draw_chart(question, answer);
}

void write(JsonWriter& json, std::string_view name, plan::LoanWay const& way)
{
    json.key(name)
        .begin_object()
        .field("paid_off_month", way.paid_off_month)
        .field("interest_usd", way.interest_usd)
        .field("insurance_usd", way.insurance_usd)
        .field("insurance_last_month", way.insurance_last_month)
        .field("wealth_before_tax_usd", way.wealth_before_tax_usd)
        .field("wealth_after_tax_usd", way.wealth_usd)
        .field("wealth_after_tax_real_usd", way.real_wealth_usd)
        .key("months")
        .begin_array();
    for (auto const& at : way.positions)
        json.begin_object()
            .field("owed_usd", at.owed_usd)
            .field("invested_usd", at.invested_usd)
            .field("interest_usd", at.interest_usd)
            .field("worth_usd", at.worth_usd)
            .end_object();
    json.end_array().end_object();
}

std::string json_of(
    plan::LoanAnswer const& answer, std::vector<plan::Explained> const& explained, bool explain)
{
    JsonWriter json;
    json.begin_object().field("monthly_payment_usd", answer.payment_usd);
    write(json, "pay_down", answer.pay_down);
    write(json, "invest", answer.invest);
    json.field("advantage_invest_usd", answer.advantage_invest_usd())
        .field("break_even_annual_return", answer.break_even_return)
        .field("break_even_earnings_usd_per_month", answer.break_even_earnings_usd);
    if (explain)
        write_explained(json, explained);
    return json.end_object().take();
}

std::string csv_of(plan::LoanAnswer const& answer)
{
    Table table({ { "month" }, { "pay_down_owed_usd" }, { "pay_down_invested_usd" },
        { "pay_down_interest_usd" }, { "pay_down_worth_usd" }, { "invest_owed_usd" },
        { "invest_invested_usd" }, { "invest_interest_usd" }, { "invest_worth_usd" } });
    auto const cents = [](double usd) { return fmt::format("{:.2f}", usd); };
    for (std::size_t i = 0; i < answer.invest.positions.size(); ++i) {
        auto const& one = answer.pay_down.positions[i];
        auto const& other = answer.invest.positions[i];
        table.add({ fmt::format("{}", i + 1), cents(one.owed_usd), cents(one.invested_usd),
            cents(one.interest_usd), cents(one.worth_usd), cents(other.owed_usd),
            cents(other.invested_usd), cents(other.interest_usd), cents(other.worth_usd) });
    }
    return table.csv();
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto question = flags.question;
    if (flags.compounding == "annual")
        question.compounding = plan::Compounding::annual;
    if (flags.hardware)
        question.node = flags.node;
    else if (flags.node.price_usd != 0)
        return fail(
            ErrorCode::invalid_input, "--node-usd is for a loan on hardware: add --hardware");
    if (!flags.annual_return && !flags.hardware)
        return fail(ErrorCode::invalid_input,
            "no return is given: say what invested money brings a year with --return, as in 0.07");
    question.annual_return = flags.annual_return.value_or(0);
    auto const answer = TRY(plan::answer_loan(question));
    auto const explained = plan::explain_loan(question, answer);
    if (flags.csv) {
        print(stdout, csv_of(answer));
    } else if (context.format == OutputFormat::json) {
        print(stdout, json_of(answer, explained, flags.explain) + "\n");
    } else {
        draw(question, answer);
        if (flags.explain)
            draw_explained(explained);
    }
    return 0;
}

void add_loan_options(std::vector<Option>& options, plan::LoanQuestion& question)
{
    options.push_back({ "--balance", &question.balance_usd, "still owed", "USD", true });
    options.push_back({ "--rate", &question.annual_rate,
        "of the loan, a share a year: 0.065 is 6.5 %", "SHARE", true });
    options.push_back(
        { "--months", &question.months, "until it is paid off as agreed", "N", true });
    options.push_back({ "--extra", &question.extra_usd_per_month, "spare money, a month", "USD" });
    options.push_back({ "--lump", &question.lump_usd, "spare money, at the start", "USD" });
    options.push_back({ "--tax", &question.gains_tax, "on gains, at the end", "SHARE" });
    options.push_back({ "--interest-deduction", &question.interest_deduction,
        "tax rate from which the loan's interest is deducted", "SHARE" });
    options.push_back({ "--inflation", &question.inflation, "a year", "SHARE" });
    options.push_back({ "--insurance", &question.insurance_usd_per_month,
        "due with each payment while more than --insurance-until is owed (PMI)", "USD" });
    options.push_back(
        { "--insurance-until", &question.insurance_until_usd, "what is owed when it ends", "USD" });
}

void add_node_options(std::vector<Option>& options, Flags& flags)
{
    options.push_back(
        { "--hardware", &flags.hardware, "repay the loan, or buy a node that earns" });
    options.push_back({ "--node-usd", &flags.node.price_usd, "what the node costs", "USD" });
    options.push_back({ "--node-earns", &flags.node.earns_usd_per_month,
        "what it brings a month, after what it costs to run", "USD" });
    options.push_back({ "--node-months", &flags.node.life_months, "how long it earns", "N" });
    options.push_back(
        { "--node-residual", &flags.node.residual_usd, "what it is sold for then", "USD" });
    options.push_back({ "--income-tax", &flags.node.income_tax,
        "on what it earns beyond its straight-line depreciation", "SHARE" });
}

}

Command plan_loan()
{
    return { "plan loan", "pay a loan down or invest; repay hardware or buy another node",
        "sidereal plan loan --balance 300000 --rate 0.065 --months 360 --extra 500 --return 0.07 "
        "--tax 0.15\n"
        "sidereal plan loan --hardware --balance 40000 --rate 0.09 --months 48 --node-usd 13000 "
        "--node-earns 480",
        Speaks::to_nobody, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_loan_options(options, flags->question);
            options.push_back({ "--return", &flags->annual_return,
                "what invested money brings, a share a year", "SHARE" });
            options.push_back({ "--compounding", &flags->compounding,
                "a twelfth of the return each month, or what it makes in a year", "nominal|annual",
                false, {}, {}, { "nominal", "annual" } });
            add_node_options(options, *flags);
            options.push_back(
                { "--csv", &flags->csv, "month by month, comma-separated, for sheets" });
            options.push_back({ "--explain", &flags->explain,
                "each number with its formula, source and confidence" });
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
