#include <plan/economics.h>

#include <plan/fields.h>
#include <plan/loan.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr Range money { 0, 1e12 };

double life_h(Ownership const& owned) { return owned.years * hours_per_year; }

std::int64_t life_months(Ownership const& owned)
{
    return std::max<std::int64_t>(1, std::llround(owned.years * 12));
}

double fixed_usd_per_year(Ownership const& owned)
{
    return owned.staff_usd_per_year + owned.space_usd_per_year + owned.licences_usd_per_year
        + owned.spares * owned.capex_usd;
}

double idle_usd_per_h(Ownership const& owned)
{
    return owned.idle_kw * owned.usd_per_kwh * owned.energy_overhead;
}

// Spent each year for having it, idle all year: what a useful hour saves then counts from there.
double standing_usd_per_year(Ownership const& owned)
{
    return fixed_usd_per_year(owned) + idle_usd_per_h(owned) * hours_per_year;
}

// Of a useful hour over an idle one.
double saved_usd_per_h(Ownership const& owned, Rent const& rent)
{
    return rented_usd_per_useful_h(rent) - running_usd_per_h(owned) + idle_usd_per_h(owned);
}

double saved_usd_per_month(Ownership const& owned, Rent const& rent)
{
    auto const useful_h = owned.duty * hours_per_month;
    return useful_h * saved_usd_per_h(owned, rent) - standing_usd_per_year(owned) / 12
        + rent.storage_usd_per_month;
}

double net_present_value(Ownership const& owned, Rent const& rent, double discount_rate)
{
    auto const months = life_months(owned);
    auto const saved = saved_usd_per_month(owned, rent);
    auto const factor = std::pow(1 + discount_rate, -1.0 / 12);
    double present = 1;
    double sum = 0;
    for (std::int64_t month = 0; month < months; ++month) {
        present *= factor;
        sum += saved * present;
    }
    return sum + owned.residual * owned.capex_usd * present - owned.capex_usd - owned.install_usd;
}

}

double capital_usd(Ownership const& owned)
{
    auto const months = life_months(owned);
    auto const interest = owned.loan_rate > 0
        ? monthly_payment_usd({ owned.capex_usd, owned.loan_rate, months })
                * static_cast<double>(months)
            - owned.capex_usd
        : 0;
    return owned.capex_usd * (1 - owned.residual) + owned.install_usd + interest;
}

double running_usd_per_h(Ownership const& owned)
{
    return owned.busy_kw * owned.usd_per_kwh * owned.energy_overhead;
}

OwnedCost owned_cost(Ownership const& owned)
{
    auto const useful_h_per_year = hours_per_year * owned.duty;
    OwnedCost cost;
    cost.capital = capital_usd(owned) / (life_h(owned) * owned.duty);
    cost.energy = running_usd_per_h(owned);
    cost.idle_energy = idle_usd_per_h(owned) * (1 - owned.duty) / owned.duty;
    cost.fixed = fixed_usd_per_year(owned) / useful_h_per_year;
    return cost;
}

double rented_usd_per_useful_h(Rent const& rent)
{
    auto const again = 1 + rent.interruptions_per_h * rent.lost_h_per_interruption;
    auto const started = 1 + rent.boot_h / rent.session_h;
    auto const compute = rent.usd_per_h * (1 - rent.spot_discount) * again * started;
    return (compute + rent.egress_usd_per_h) * rent.performance_ratio;
}

double implied_capex_usd(Ownership const& owned, double usd_per_useful_h)
{
    auto priced = owned;
    priced.capex_usd = 0;
    auto const without = owned_cost(priced).total();
    priced.capex_usd = 1;
    // The cost is linear in the price.
    return (usd_per_useful_h - without) / (owned_cost(priced).total() - without);
}

std::optional<double> break_even_hours(Ownership const& owned, Rent const& rent)
{
    auto const saved = saved_usd_per_h(owned, rent);
    if (saved <= 0)
        return {};
    auto const standing = standing_usd_per_year(owned) - 12 * rent.storage_usd_per_month;
    return std::max(0.0, capital_usd(owned) + standing * owned.years) / saved;
}

std::optional<double> break_even_duty(Ownership const& owned, Rent const& rent)
{
    auto const hours = break_even_hours(owned, rent);
    return hours ? std::optional(*hours / life_h(owned)) : std::nullopt;
}

std::optional<double> payback_months(Ownership const& owned, Rent const& rent)
{
    auto const saved = saved_usd_per_month(owned, rent);
    return saved > 0 ? std::optional(capital_usd(owned) / saved) : std::nullopt;
}

Status check(Ownership const& owned)
{
    TRY(in_range("capex", owned.capex_usd, money));
    TRY(in_range("installation", owned.install_usd, money));
    TRY(in_range("residual", owned.residual, { 0, 1 }));
    TRY(in_range("years", owned.years, { 0.1, 50 }));
    TRY(in_range("duty", owned.duty, { 1e-9, 1 }));
    TRY(in_range("busy power in kW", owned.busy_kw, { 0, 1e6 }));
    TRY(in_range("idle power in kW", owned.idle_kw, { 0, 1e6 }));
    TRY(in_range("price of a kWh", owned.usd_per_kwh, { 0, 100 }));
    TRY(in_range("energy overhead", owned.energy_overhead, { 1, 10 }));
    TRY(in_range("staff a year", owned.staff_usd_per_year, money));
    TRY(in_range("space a year", owned.space_usd_per_year, money));
    TRY(in_range("licences a year", owned.licences_usd_per_year, money));
    TRY(in_range("spares", owned.spares, { 0, 1 }));
    return in_range("loan rate", owned.loan_rate, { 0, 1 });
}

Status check(Rent const& rent)
{
    TRY(in_range("rent an hour", rent.usd_per_h, { 1e-6, 1e6 }));
    TRY(in_range("spot discount", rent.spot_discount, { 0, 0.99 }));
    TRY(in_range("interruptions an hour", rent.interruptions_per_h, { 0, 60 }));
    TRY(in_range("hours lost an interruption", rent.lost_h_per_interruption, { 0, 1000 }));
    TRY(in_range("boot time in hours", rent.boot_h, { 0, 1000 }));
    TRY(in_range("hours a session", rent.session_h, { 0.01, 1e6 }));
    TRY(in_range("egress an hour", rent.egress_usd_per_h, { 0, 1e6 }));
    TRY(in_range("storage a month", rent.storage_usd_per_month, money));
    return in_range("performance ratio", rent.performance_ratio, { 1e-4, 1e4 });
}

Result<BuyOrRent> buy_or_rent(Ownership const& owned, Rent const& rent, MoneyTerms const& terms)
{
    TRY(check(owned));
    TRY(check(rent));
    TRY(in_range("discount rate", terms.discount_rate, { 0, 1 }));
    TRY(in_range("lease rate", terms.lease_rate, { 0, 1 }));
    BuyOrRent answer;
    answer.owned = owned_cost(owned);
    answer.rented_usd_per_h = rented_usd_per_useful_h(rent)
        + rent.storage_usd_per_month / (owned.duty * hours_per_month);
    answer.break_even_h = break_even_hours(owned, rent);
    answer.break_even_duty = break_even_duty(owned, rent);
    answer.payback_months = payback_months(owned, rent);
    answer.npv_usd = net_present_value(owned, rent, terms.discount_rate);
    answer.lease_usd_per_month = monthly_payment_usd({ owned.capex_usd, terms.lease_rate,
        life_months(owned), owned.capex_usd * owned.residual });
    auto bought = owned;
    bought.loan_rate = 0;
    auto const cost = owned_cost(bought);
    auto const useful_h_per_month = owned.duty * hours_per_month;
    answer.leased_usd_per_h = answer.lease_usd_per_month / useful_h_per_month
        + owned.install_usd / (life_h(owned) * owned.duty) + cost.energy + cost.idle_energy
        + cost.fixed;
    return answer;
}

std::vector<Explained> explain_buy_or_rent(
    Ownership const& owned, Rent const& rent, BuyOrRent const& answer)
{
    std::vector<Explained> all;
    auto const add = [&](std::string name, double value, std::string unit, std::string formula) {
        all.push_back({ std::move(name), value, std::move(unit), std::move(formula),
            "the inputs given", "exact" });
    };
    add("capital", answer.owned.capital, "USD a useful h",
        fmt::format(
            "({} x (1 - {}) + installation {} + interest {:.2f}) / ({} years x 8760 h x {})",
            owned.capex_usd, owned.residual, owned.install_usd,
            capital_usd(owned) - owned.capex_usd * (1 - owned.residual) - owned.install_usd,
            owned.years, owned.duty));
    add("energy", answer.owned.energy, "USD a useful h",
        fmt::format(
            "{} kW x {} USD/kWh x {}", owned.busy_kw, owned.usd_per_kwh, owned.energy_overhead));
    add("idle energy", answer.owned.idle_energy, "USD a useful h",
        fmt::format("{} kW x {} USD/kWh x {} x (1 - {}) / {}", owned.idle_kw, owned.usd_per_kwh,
            owned.energy_overhead, owned.duty, owned.duty));
    add("fixed", answer.owned.fixed, "USD a useful h",
        fmt::format("(staff {} + space {} + licences {} + spares {} x {}) / (8760 h x {})",
            owned.staff_usd_per_year, owned.space_usd_per_year, owned.licences_usd_per_year,
            owned.spares, owned.capex_usd, owned.duty));
    add("rented", answer.rented_usd_per_h, "USD a useful h",
        fmt::format(
            "({} USD/h x (1 - {}) x (1 + {} x {} h) x (1 + {} h / {} h) + egress {}) x {} + "
            "storage {} a month",
            rent.usd_per_h, rent.spot_discount, rent.interruptions_per_h,
            rent.lost_h_per_interruption, rent.boot_h, rent.session_h, rent.egress_usd_per_h,
            rent.performance_ratio, rent.storage_usd_per_month));
    if (answer.break_even_h)
        add("break-even", *answer.break_even_h, "useful h",
            fmt::format("(capital {:.2f} + {} years x standing cost {:.2f}) / saved {:.4f} USD/h; "
                        "the running cost holds no depreciation",
                capital_usd(owned), owned.years,
                standing_usd_per_year(owned) - 12 * rent.storage_usd_per_month,
                saved_usd_per_h(owned, rent)));
    if (answer.payback_months)
        add("payback", *answer.payback_months, "months",
            fmt::format("capital {:.2f} / saved {:.2f} USD a month at a duty of {}",
                capital_usd(owned), saved_usd_per_month(owned, rent), owned.duty));
    add("net present value", answer.npv_usd, "USD",
        "savings of each month and the residual value, discounted, less price and installation");
    add("lease", answer.lease_usd_per_month, "USD a month",
        fmt::format("annuity over {} months with {:.2f} still owed at the end", life_months(owned),
            owned.capex_usd * owned.residual));
    return all;
}

}
