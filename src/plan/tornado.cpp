#include <plan/economics.h>

#include <base/prng.h>
#include <plan/fields.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace sidereal::plan {

namespace {

struct Case {
    Ownership owned;
    Rent rent;
};

// An input that is not known for sure.
struct Uncertain {
    std::string_view name;
    double& (*of)(Case&);
    double least { 0 };
    double most { std::numeric_limits<double>::max() };
};

constexpr std::array<Uncertain, 10> uncertain { {
    { "duty", [](Case& at) -> double& { return at.owned.duty; }, 1e-9, 1 },
    { "rent USD/h", [](Case& at) -> double& { return at.rent.usd_per_h; } },
    { "performance ratio", [](Case& at) -> double& { return at.rent.performance_ratio; } },
    { "capex USD", [](Case& at) -> double& { return at.owned.capex_usd; } },
    { "electricity USD/kWh", [](Case& at) -> double& { return at.owned.usd_per_kwh; } },
    { "busy power kW", [](Case& at) -> double& { return at.owned.busy_kw; } },
    { "energy overhead", [](Case& at) -> double& { return at.owned.energy_overhead; }, 1 },
    { "life years", [](Case& at) -> double& { return at.owned.years; }, 0.1 },
    { "residual", [](Case& at) -> double& { return at.owned.residual; }, 0, 1 },
    { "staff USD/year", [](Case& at) -> double& { return at.owned.staff_usd_per_year; } },
} };

double saving_usd_per_h(Case const& at)
{
    auto const stored = at.rent.storage_usd_per_month / (at.owned.duty * hours_per_month);
    return rented_usd_per_useful_h(at.rent) + stored - owned_cost(at.owned).total();
}

Status check_case(Ownership const& owned, Rent const& rent, double spread)
{
    TRY(check(owned));
    TRY(check(rent));
    return in_range("spread", spread, { 0, 0.95 });
}

// Of the triangle from -1 to 1 with its peak at 0.
double triangular(Prng& prng) { return prng.unit() - prng.unit(); }

}

Result<std::vector<TornadoBar>> tornado(Ownership const& owned, Rent const& rent, double spread)
{
    TRY(check_case(owned, rent, spread));
    std::vector<TornadoBar> bars;
    for (auto const& input : uncertain) {
        Case at { owned, rent };
        auto const given = input.of(at);
        if (given == 0)
            continue;
        TornadoBar bar;
        bar.input = input.name;
        bar.low = std::clamp(given * (1 - spread), input.least, input.most);
        bar.high = std::clamp(given * (1 + spread), input.least, input.most);
        input.of(at) = bar.low;
        bar.saving_at_low_usd_per_h = saving_usd_per_h(at);
        input.of(at) = bar.high;
        bar.saving_at_high_usd_per_h = saving_usd_per_h(at);
        bars.push_back(std::move(bar));
    }
    std::stable_sort(bars.begin(), bars.end(), [](TornadoBar const& one, TornadoBar const& other) {
        auto const width = [](TornadoBar const& bar) {
            return std::abs(bar.saving_at_high_usd_per_h - bar.saving_at_low_usd_per_h);
        };
        return width(one) > width(other);
    });
    return bars;
}

Result<Chances> chances(Ownership const& owned, Rent const& rent, Draws const& draws)
{
    TRY(check_case(owned, rent, draws.spread));
    TRY(in_range("number of draws", static_cast<double>(draws.count), { 1, 10'000'000 }));
    Prng prng(draws.seed);
    std::vector<double> savings;
    savings.reserve(static_cast<std::size_t>(draws.count));
    for (std::int64_t draw = 0; draw < draws.count; ++draw) {
        Case at { owned, rent };
        for (auto const& input : uncertain) {
            auto& value = input.of(at);
            value = std::clamp(
                value * (1 + draws.spread * triangular(prng)), input.least, input.most);
        }
        savings.push_back(saving_usd_per_h(at));
    }
    std::sort(savings.begin(), savings.end());
    auto const at_share = [&](double share) {
        return savings[static_cast<std::size_t>(
            std::llround(share * static_cast<double>(savings.size() - 1)))];
    };
    auto const first_gain = std::upper_bound(savings.begin(), savings.end(), 0.0);
    Chances found;
    found.owning_is_cheaper = static_cast<double>(savings.end() - first_gain)
        / static_cast<double>(savings.size());
    found.low_10_usd_per_h = at_share(0.1);
    found.median_usd_per_h = at_share(0.5);
    found.high_90_usd_per_h = at_share(0.9);
    return found;
}

}
