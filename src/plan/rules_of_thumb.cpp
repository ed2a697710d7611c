#include <plan/rules_of_thumb.h>

#include <array>
#include <utility>

namespace sidereal::plan {

std::vector<RuleOfThumb> rules_of_thumb(double usd_per_kwh)
{
    // Average power, and air conditioning with a coefficient of performance of 3 or none.
    constexpr double cop_3 = 1 + 1.0 / 3;
    constexpr std::array<std::pair<double, double>, 4> assumed { { { 2.8, 1 }, { 2.8, cop_3 },
        { 2.5, cop_3 }, { 2.0, cop_3 } } };
    std::vector<RuleOfThumb> rules;
    for (auto const& [kw, overhead] : assumed) {
        Ownership owned;
        owned.busy_kw = kw;
        owned.energy_overhead = overhead;
        owned.usd_per_kwh = usd_per_kwh;
        RuleOfThumb rule;
        rule.busy_kw = kw;
        rule.energy_overhead = overhead;
        rule.running_usd_per_h = running_usd_per_h(owned);
        owned.capex_usd = implied_capex_usd(owned, thumb_usd_per_h);
        rule.capex_usd = owned.capex_usd;
        rule.rent_for_low_usd_per_h = rule.running_usd_per_h
            + owned.capex_usd / thumb_break_even_low_h;
        rule.rent_for_high_usd_per_h = rule.running_usd_per_h
            + owned.capex_usd / thumb_break_even_high_h;
        owned.duty = thumb_duty;
        rule.usd_per_h_at_thumb_duty = owned_cost(owned).total();
        rules.push_back(rule);
    }
    return rules;
}

DutyRange thumb_break_even_duty(double years)
{
    auto const hours = years * hours_per_year;
    return { thumb_break_even_low_h / hours, thumb_break_even_high_h / hours };
}

}
