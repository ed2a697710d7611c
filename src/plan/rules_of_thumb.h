#pragma once

#include <plan/economics.h>

#include <string>
#include <vector>

// Figures that are quoted without their assumptions, and what must hold for them to be true: a
// dense node at 1.06 USD an hour, break-even after 3,000 to 4,000 h, own above 35 % of all hours.
namespace sidereal::plan {

constexpr double thumb_usd_per_h = 1.06;
constexpr double thumb_duty = 0.35;
constexpr double thumb_break_even_low_h = 3'000;
constexpr double thumb_break_even_high_h = 4'000;

// One set of assumptions under which all of them hold.
struct RuleOfThumb {
    double busy_kw { 0 };
    double energy_overhead { 1 };
    double running_usd_per_h { 0 };
    // Of a node that costs 1.06 USD an hour, in use all the time for three years.
    double capex_usd { 0 };
    // An hour of rent at which it breaks even after 3,000 and after 4,000 h.
    double rent_for_low_usd_per_h { 0 };
    double rent_for_high_usd_per_h { 0 };
    // The same node in use for 35 % of the time.
    double usd_per_h_at_thumb_duty { 0 };

    // Electricity alone may cost more than the quoted hour.
    bool holds() const { return capex_usd > 0; }
};

std::vector<RuleOfThumb> rules_of_thumb(double usd_per_kwh);

// 35 % of the hours of a year: 3,066.
constexpr double thumb_duty_h_per_year = thumb_duty * hours_per_year;

// The break-even duty of the 3,000 to 4,000 hours over that many years.
struct DutyRange {
    double low { 0 };
    double high { 0 };
};
DutyRange thumb_break_even_duty(double years);

}
