#include <cli/plan_money_drawing.h>

#include <cli/output.h>
#include <cli/plan_chart.h>
#include <cli/plan_drawing.h>
#include <plan/rules_of_thumb.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sidereal::cli {

namespace {

constexpr std::array<double, 6> horizons_years { 0.5, 1, 2, 3, 4, 5 };
constexpr std::size_t bar_width = 24;
// Rows of a fleet that are shown around the best.
constexpr std::size_t rows_around = 4;

std::string per_h(double usd) { return fmt::format("{:.4f}", usd); }
std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

void draw_costs(RentOrBuy const& found)
{
    auto const& cost = found.answer.owned;
    Table table(
        { { "  USD A USEFUL HOUR" }, { "CAPITAL", Align::right }, { "ENERGY", Align::right },
            { "IDLE", Align::right }, { "FIXED", Align::right }, { "TOTAL", Align::right } });
    table.add({ "  owned", per_h(cost.capital), per_h(cost.energy), per_h(cost.idle_energy),
        per_h(cost.fixed), per_h(cost.total()) });
    table.add({ "  leased",
        per_h(found.answer.leased_usd_per_h - cost.energy - cost.idle_energy - cost.fixed),
        per_h(cost.energy), per_h(cost.idle_energy), per_h(cost.fixed),
        per_h(found.answer.leased_usd_per_h) });
    table.add({ "  rented", "", "", "", "", per_h(found.answer.rented_usd_per_h) });
    print(stdout, table.draw(colors_wanted(stdout)));
    auto const saving = found.answer.saving_usd_per_h();
    print(stdout,
        fmt::format("  {} is cheaper by {} USD a useful hour\n  rent: {}\n",
            saving > 0 ? "owning" : "renting", per_h(std::abs(saving)), found.rent_source));
}

Table horizon_table(RentOrBuy const& found)
{
    Table table({ { "  YEARS", Align::right }, { "BREAK-EVEN H", Align::right },
        { "DUTY", Align::right }, { "" } });
    auto owned = found.owned;
    for (auto const years : horizons_years) {
        owned.years = years;
        auto const hours = plan::break_even_hours(owned, found.rent);
        auto const duty = plan::break_even_duty(owned, found.rent);
        table.add({ fmt::format("{}", years), hours ? fmt::format("{:.0f}", *hours) : "never",
            duty ? percent(*duty) : "never", duty ? progress_bar(*duty, bar_width, false) : "" });
    }
    return table;
}

void draw_break_even(RentOrBuy const& found)
{
    auto const& answer = found.answer;
    if (!answer.break_even_h) {
        print(stdout, "\n  no break-even: renting costs no more than the energy\n");
    } else {
        print(stdout,
            fmt::format("\n  break-even after {:.0f} useful hours: {} of {} years{}\n",
                *answer.break_even_h, percent(*answer.break_even_duty), found.owned.years,
                *answer.break_even_duty > 1 ? ", which is never" : ""));
        print(stdout, "  duty from which owning is cheaper, if the machine is kept for\n");
        print(stdout, horizon_table(found).draw(colors_wanted(stdout)));
    }
    if (answer.payback_months)
        print(stdout,
            fmt::format("  at a duty of {} it has paid for itself after {:.1f} months\n",
                percent(found.owned.duty), *answer.payback_months));
    else
        print(stdout,
            fmt::format("  at a duty of {} it never pays for itself\n", percent(found.owned.duty)));
    print(stdout,
        fmt::format("  net present value {} USD; lease {} USD a month\n", in_usd(answer.npv_usd),
            in_usd(answer.lease_usd_per_month)));
}

void draw_tornado(RentOrBuy const& found)
{
    BarScale scale { 0, 0, bar_width };
    for (auto const& bar : found.bars) {
        for (auto const saving : { bar.saving_at_low_usd_per_h, bar.saving_at_high_usd_per_h }) {
            scale.low = std::min(scale.low, saving);
            scale.high = std::max(scale.high, saving);
        }
    }
    print(stdout,
        fmt::format("\n  what owning saves an hour, each input alone {} off; | is nothing\n",
            percent(found.draws.spread)));
    Table table({ { "  INPUT" }, { "FROM", Align::right }, { "TO", Align::right },
        { "SAVES", Align::right }, { "SAVES", Align::right }, { "" } });
    for (auto const& bar : found.bars)
        table.add(
            { "  " + bar.input, fmt::format("{:.5g}", bar.low), fmt::format("{:.5g}", bar.high),
                per_h(bar.saving_at_low_usd_per_h), per_h(bar.saving_at_high_usd_per_h),
                draw_bar({ bar.saving_at_low_usd_per_h, bar.saving_at_high_usd_per_h }, scale) });
    print(stdout, table.draw(colors_wanted(stdout)));
    print(stdout,
        fmt::format("  all of them off at once ({} draws, seed {}): owning is cheaper in {};\n"
                    "  it saves {} USD an hour, {} to {} in 80 %\n",
            found.draws.count, found.draws.seed, percent(found.chances.owning_is_cheaper),
            per_h(found.chances.median_usd_per_h), per_h(found.chances.low_10_usd_per_h),
            per_h(found.chances.high_90_usd_per_h)));
}

void draw_fleet(plan::FleetPlan const& fleet)
{
    Table table({ { "  NODES", Align::right }, { "OWNED USD/YEAR", Align::right },
        { "RENTED USD/YEAR", Align::right }, { "TOTAL", Align::right },
        { "RENTED NODE-H", Align::right }, { "DUTY OF THE LAST", Align::right }, { "" } });
    auto const first = fleet.best > rows_around ? fleet.best - rows_around : 0;
    auto const last = std::min(fleet.best + rows_around + 1, fleet.fleets.size());
    for (auto i = first; i < last; ++i) {
        auto const& row = fleet.fleets[i];
        table.add({ fmt::format("{}", row.nodes), in_usd(row.owned_usd_per_year),
            in_usd(row.rented_usd_per_year), in_usd(row.usd_per_year()),
            fmt::format("{:.0f}", row.rented_h), percent(row.last_node_duty),
            i == fleet.best ? "<- best" : "" });
    }
    print(stdout, "\n");
    print(stdout, table.draw(colors_wanted(stdout)));
    print(stdout,
        fmt::format("  own {}: a node is worth it from a duty of {};\n"
                    "  one less costs {} USD a year more, one more {} USD\n",
            fleet.fleets[fleet.best].nodes, percent(fleet.break_even_duty),
            in_usd(fleet.regret_of_one_less()), in_usd(fleet.regret_of_one_more())));
}

void write_owned(JsonWriter& json, RentOrBuy const& found)
{
    auto const& cost = found.answer.owned;
    json.key("owned")
        .begin_object()
        .field("capital_usd_per_h", cost.capital)
        .field("energy_usd_per_h", cost.energy)
        .field("idle_energy_usd_per_h", cost.idle_energy)
        .field("fixed_usd_per_h", cost.fixed)
        .field("total_usd_per_h", cost.total())
        .end_object();
    json.field("leased_usd_per_h", found.answer.leased_usd_per_h)
        .field("rented_usd_per_h", found.answer.rented_usd_per_h)
        .field("rent_source", found.rent_source)
        .field("saving_usd_per_h", found.answer.saving_usd_per_h())
        .field("break_even_h", found.answer.break_even_h)
        .field("break_even_duty", found.answer.break_even_duty)
        .field("payback_months", found.answer.payback_months)
        .field("net_present_value_usd", found.answer.npv_usd)
        .field("lease_usd_per_month", found.answer.lease_usd_per_month);
    json.key("horizons").begin_array();
    auto owned = found.owned;
    for (auto const years : horizons_years) {
        owned.years = years;
        json.begin_object()
            .field("years", years)
            .field("break_even_h", plan::break_even_hours(owned, found.rent))
            .field("break_even_duty", plan::break_even_duty(owned, found.rent))
            .end_object();
    }
    json.end_array();
}

void write_uncertainty(JsonWriter& json, RentOrBuy const& found)
{
    json.key("tornado").begin_array();
    for (auto const& bar : found.bars)
        json.begin_object()
            .field("input", bar.input)
            .field("low", bar.low)
            .field("high", bar.high)
            .field("saving_at_low_usd_per_h", bar.saving_at_low_usd_per_h)
            .field("saving_at_high_usd_per_h", bar.saving_at_high_usd_per_h)
            .end_object();
    json.end_array()
        .key("chances")
        .begin_object()
        .field("draws", found.draws.count)
        .field("seed", found.draws.seed)
        .field("spread", found.draws.spread)
        .field("owning_is_cheaper", found.chances.owning_is_cheaper)
        .field("saving_low_10_usd_per_h", found.chances.low_10_usd_per_h)
        .field("saving_median_usd_per_h", found.chances.median_usd_per_h)
        .field("saving_high_90_usd_per_h", found.chances.high_90_usd_per_h)
        .end_object();
}

void write_fleet(JsonWriter& json, plan::FleetPlan const& fleet)
{
    json.key("fleet")
        .begin_object()
        .field("best_nodes", fleet.fleets[fleet.best].nodes)
        .field("break_even_duty", fleet.break_even_duty)
        .field("regret_of_one_less_usd_per_year", fleet.regret_of_one_less())
        .field("regret_of_one_more_usd_per_year", fleet.regret_of_one_more())
        .key("sizes")
        .begin_array();
    for (auto const& row : fleet.fleets)
        json.begin_object()
            .field("nodes", row.nodes)
            .field("owned_usd_per_year", row.owned_usd_per_year)
            .field("rented_usd_per_year", row.rented_usd_per_year)
            .field("owned_node_h_per_year", row.owned_h)
            .field("rented_node_h_per_year", row.rented_h)
            .field("last_node_duty", row.last_node_duty)
            .end_object();
    json.end_array().end_object();
}

Table tornado_csv(RentOrBuy const& found)
{
    Table table({ { "input" }, { "low" }, { "high" }, { "saving_at_low_usd_per_h" },
        { "saving_at_high_usd_per_h" } });
    for (auto const& bar : found.bars)
        table.add({ bar.input, fmt::format("{:.6g}", bar.low), fmt::format("{:.6g}", bar.high),
            per_h(bar.saving_at_low_usd_per_h), per_h(bar.saving_at_high_usd_per_h) });
    return table;
}

Table fleet_csv(plan::FleetPlan const& fleet)
{
    Table table({ { "nodes" }, { "owned_usd_per_year" }, { "rented_usd_per_year" },
        { "owned_node_h_per_year" }, { "rented_node_h_per_year" }, { "last_node_duty" } });
    for (auto const& row : fleet.fleets)
        table.add({ fmt::format("{}", row.nodes), fmt::format("{:.2f}", row.owned_usd_per_year),
            fmt::format("{:.2f}", row.rented_usd_per_year), fmt::format("{:.1f}", row.owned_h),
            fmt::format("{:.1f}", row.rented_h), fmt::format("{:.4f}", row.last_node_duty) });
    return table;
}

Table horizon_csv(RentOrBuy const& found)
{
    Table table({ { "years" }, { "break_even_h" }, { "break_even_duty" } });
    auto owned = found.owned;
    for (auto const years : horizons_years) {
        owned.years = years;
        auto const hours = plan::break_even_hours(owned, found.rent);
        auto const duty = plan::break_even_duty(owned, found.rent);
        table.add({ fmt::format("{}", years), hours ? fmt::format("{:.1f}", *hours) : "",
            duty ? fmt::format("{:.4f}", *duty) : "" });
    }
    return table;
}

}

void draw(RentOrBuy const& found)
{
    if (found.farm) {
        auto const& farm = *found.farm;
        print(stdout,
            fmt::format("the farm's {} {:.0f} h: {:.1f} node-hours on {} nodes, {:.2f} kWh, {} "
                        "USD charged\n",
                farm.is_young ? "first" : "last", farm.hours, farm.node_h, farm.rates.nodes,
                farm.energy_kwh, in_usd(farm.cost_usd)));
    }
    print(stdout,
        fmt::format("a machine of {} USD kept {} years, useful {} of the time;\n"
                    "{} kW at {} USD/kWh x {:.4g}\n\n",
            in_usd(found.owned.capex_usd), found.owned.years, percent(found.owned.duty),
            found.owned.busy_kw, found.owned.usd_per_kwh, found.owned.energy_overhead));
    draw_costs(found);
    draw_break_even(found);
    draw_tornado(found);
    if (found.fleet)
        draw_fleet(*found.fleet);
}

void draw_rules_of_thumb(double usd_per_kwh)
{
    print(stdout,
        fmt::format("\n  \"{} USD an hour\": in use all the time for 3 years, at {} USD/kWh, if\n",
            plan::thumb_usd_per_h, usd_per_kwh));
    Table table({ { "  MEAN kW", Align::right }, { "OVERHEAD", Align::right },
        { "RUNNING USD/h", Align::right }, { "PRICE USD", Align::right },
        { "RENT, 4,000 h", Align::right }, { "3,000 h", Align::right },
        { "AT 35 % USD/h", Align::right } });
    auto const some = [](plan::RuleOfThumb const& rule, double value) {
        return rule.holds() ? fmt::format("{:.2f}", value) : std::string("-");
    };
    for (auto const& rule : plan::rules_of_thumb(usd_per_kwh))
        table.add({ fmt::format("{}", rule.busy_kw), fmt::format("{:.3f}", rule.energy_overhead),
            fmt::format("{:.3f}", rule.running_usd_per_h),
            rule.holds() ? fmt::format("{:.0f}", rule.capex_usd) : "none",
            some(rule, rule.rent_for_high_usd_per_h), some(rule, rule.rent_for_low_usd_per_h),
            some(rule, rule.usd_per_h_at_thumb_duty) });
    print(stdout, table.draw(colors_wanted(stdout)));
    auto const duty = plan::thumb_break_even_duty(3);
    print(stdout,
        fmt::format(
            "  \"3,000 to 4,000 h\": price / (rent - running), at the rents above;\n"
            "  4.1 to 5.5 months without a pause\n"
            "  \"own above 35 %\": 8.4 h a day are {:.0f} h in one year, so it means payback\n"
            "  within 12 months; over 3 years the same hours are {} to {}\n",
            plan::thumb_duty_h_per_year, percent(duty.low), percent(duty.high)));
}

std::string rules_of_thumb_json(double usd_per_kwh)
{
    JsonWriter json;
    json.begin_object().field("usd_per_kwh", usd_per_kwh).key("rules_of_thumb").begin_array();
    auto const some = [](plan::RuleOfThumb const& rule, double value) {
        return rule.holds() ? std::optional(value) : std::nullopt;
    };
    for (auto const& rule : plan::rules_of_thumb(usd_per_kwh))
        json.begin_object()
            .field("busy_kw", rule.busy_kw)
            .field("energy_overhead", rule.energy_overhead)
            .field("running_usd_per_h", rule.running_usd_per_h)
            .field("capex_usd", some(rule, rule.capex_usd))
            .field("rent_for_4000_h_usd_per_h", some(rule, rule.rent_for_high_usd_per_h))
            .field("rent_for_3000_h_usd_per_h", some(rule, rule.rent_for_low_usd_per_h))
            .field("usd_per_h_at_35_percent_duty", some(rule, rule.usd_per_h_at_thumb_duty))
            .end_object();
    auto const duty = plan::thumb_break_even_duty(3);
    return json.end_array()
        .field("break_even_duty_over_3_years_low", duty.low)
        .field("break_even_duty_over_3_years_high", duty.high)
        .end_object()
        .take();
}

std::string json_of(RentOrBuy const& found, bool explain)
{
    JsonWriter json;
    json.begin_object();
    if (found.farm)
        json.key("farm")
            .begin_object()
            .field("hours", found.farm->hours)
            .field("nodes", found.farm->rates.nodes)
            .field("node_h", found.farm->node_h)
            .field("energy_kwh", found.farm->energy_kwh)
            .field("cost_usd", found.farm->cost_usd)
            .end_object();
    write_owned(json, found);
    write_uncertainty(json, found);
    if (found.fleet)
        write_fleet(json, *found.fleet);
    if (explain)
        write_explained(json, plan::explain_buy_or_rent(found.owned, found.rent, found.answer));
    return json.end_object().take();
}

std::string csv_of(RentOrBuy const& found, std::string_view what)
{
    if (what == "tornado")
        return tornado_csv(found).csv();
    return what == "fleet" ? fleet_csv(*found.fleet).csv() : horizon_csv(found).csv();
}

}
