// How long the planner takes for money and power, on one core; see README.md. Prints the fastest
// and the median time of each plan in microseconds, and fails above its bound.
#include <plan/demand.h>
#include <plan/economics.h>
#include <plan/facility_plan.h>
#include <plan/loan.h>
#include <plan/render_job.h>

#include <base/json.h>
#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace sidereal::plan {

namespace {

constexpr int rounds = 101;
constexpr double plan_bound_us = 1'000;
constexpr double draws_bound_us = 50'000;

struct Bound {
    char const* name;
    double most_us;
};

// Whether the fastest round stays below the bound: what is slower is the machine's noise.
template<typename Plan>
bool measure(Bound const& bound, Plan plan)
{
    std::vector<double> times_us;
    for (int round = 0; round < rounds; ++round) {
        auto const begin = std::chrono::steady_clock::now();
        VERIFY(plan());
        std::chrono::duration<double, std::micro> const spent = std::chrono::steady_clock::now()
            - begin;
        times_us.push_back(spent.count());
    }
    std::sort(times_us.begin(), times_us.end());
    auto const holds = times_us.front() <= bound.most_us;
    fmt::print("{:<24} {:>9.1f} {:>9.1f}   at most {:.0f}{}\n", bound.name, times_us.front(),
        times_us[rounds / 2], bound.most_us, holds ? "" : "  TOO SLOW");
    return holds;
}

LoanQuestion loan()
{
    LoanQuestion question;
    question.balance_usd = 300e3;
    question.annual_rate = 0.065;
    question.months = 360;
    question.extra_usd_per_month = 500;
    question.annual_return = 0.07;
    question.gains_tax = 0.15;
    return question;
}

Ownership node()
{
    Ownership owned;
    owned.capex_usd = 13'140;
    owned.busy_kw = 2.8;
    owned.idle_kw = 0.2;
    owned.energy_overhead = 1.33;
    owned.duty = 0.35;
    return owned;
}

Rent cloud()
{
    Rent rent;
    rent.usd_per_h = 4;
    return rent;
}

// Every hour of a year, up to 200 nodes.
Demand year()
{
    Demand demand;
    for (int hour = 0; hour < 8760; ++hour)
        demand.push_back({ static_cast<double>(hour * 7919 % 20'000) / 100, 1 });
    return demand;
}

// 500 nodes on 100 circuits.
Facility room()
{
    std::string text = R"({"nodes": [{"name": "n", "count": 500, "devices": ["4xrtx-5090"],
        "psus": {"type": "80plus-titanium-230v", "rated_w": 1600, "count": 2}}], "circuits": [)";
    for (int i = 0; i < 100; ++i)
        text += fmt::format(R"({}{{"name": "c{}", "type": "240v-50a", "nodes": ["n-{}*"]}})",
            i == 0 ? "" : ",", i, i + 1);
    auto const document = parse_json(text + "]}");
    VERIFY(document);
    auto facility = read_facility(document->get_object(), "bench", shipped_catalog());
    VERIFY(facility);
    return *std::move(facility);
}

bool run()
{
    fmt::print("{:<24} {:>9} {:>9}\n", "us", "fastest", "median");
    bool holds = measure({ "loan", plan_bound_us }, [] { return answer_loan(loan()).has_value(); });
    holds &= measure({ "rent or buy", plan_bound_us }, [] {
        return buy_or_rent(node(), cloud(), {}).has_value() && tornado(node(), cloud()).has_value();
    });
    auto const demand = year();
    holds &= measure({ "fleet, 8760 hours", plan_bound_us },
        [&] { return plan_fleet(demand, node(), cloud()).has_value(); });
    holds &= measure({ "render job", plan_bound_us }, [] {
        RenderPlace place;
        place.usd_per_h = 4;
        place.interruptions_per_h = 0.05;
        return price({ 2400, 25, 50, 10, 100 }, place, { 2.5, 6 }).has_value();
    });
    auto const facility = room();
    holds &= measure({ "facility, 500 nodes", 20 * plan_bound_us },
        [&] { return plan_facility(facility, shipped_catalog()).has_value(); });
    auto small = facility;
    small.nodes.front().count = 20;
    small.circuits.resize(10);
    holds &= measure({ "facility, 20 nodes", plan_bound_us },
        [&] { return plan_facility(small, shipped_catalog()).has_value(); });
    holds &= measure({ "10,000 draws", draws_bound_us },
        [] { return chances(node(), cloud(), {}).has_value(); });
    return holds;
}

}

}

int main() { return sidereal::plan::run() ? 0 : 1; }
