#pragma once

#include <base/result.h>
#include <plan/explained.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// To own a machine or to rent one. Rates, duties and discounts are shares: 0.35 is 35 %. A useful
// hour is one in which the machine does wanted work.
namespace sidereal::plan {

constexpr double hours_per_year = 8760;
constexpr double days_per_month = 30.44;
constexpr double hours_per_month = hours_per_year / 12;

// A machine that is bought.
struct Ownership {
    double capex_usd { 0 };
    double install_usd { 0 };
    // Part of capex that it still brings at the end.
    double residual { 0 };
    double years { 3 };
    // Useful hours of all hours.
    double duty { 1 };
    double busy_kw { 0 };
    double idle_kw { 0 };
    double usd_per_kwh { 0.20 };
    // Drawn from the grid for each kWh of the machine: PUE, or 1 + 1/COP of the air conditioning.
    double energy_overhead { 1 };
    double staff_usd_per_year { 0 };
    double space_usd_per_year { 0 };
    double licences_usd_per_year { 0 };
    // Of capex, each year.
    double spares { 0 };
    // Of a loan over capex for all the years; 0: paid at once.
    double loan_rate { 0 };
};

// The same work on rented machines.
struct Rent {
    double usd_per_h { 0 };
    double spot_discount { 0 };
    double interruptions_per_h { 0 };
    // Work done again and waiting, paid for each.
    double lost_h_per_interruption { 0 };
    // Start, licence and data before the first useful hour of a session.
    double boot_h { 0 };
    double session_h { 8 };
    double egress_usd_per_h { 0 };
    // Due whether there is work or not.
    double storage_usd_per_month { 0 };
    // Hours of the rented machine that do the work of one owned hour, measured on one's own work.
    double performance_ratio { 1 };
};

// Of a useful hour, in USD.
struct OwnedCost {
    double capital { 0 };
    double energy { 0 };
    double idle_energy { 0 };
    double fixed { 0 };

    double total() const { return capital + energy + idle_energy + fixed; }
};

// What is lost for good: price less residual, installation, interest.
double capital_usd(Ownership const& owned);
// While it works: energy alone, no depreciation.
double running_usd_per_h(Ownership const& owned);
OwnedCost owned_cost(Ownership const& owned);
double rented_usd_per_useful_h(Rent const& rent);

// The price at which an owned hour costs this much, all else as given.
double implied_capex_usd(Ownership const& owned, double usd_per_useful_h);

// Useful hours over the machine's years at which owning costs what renting does: capital over what
// an hour saves. Depreciation is not in the running cost, or it would count twice. Nothing if
// renting costs no more than the energy.
std::optional<double> break_even_hours(Ownership const& owned, Rent const& rent);
// The same as a share of all hours of the years; above 1 it is never reached.
std::optional<double> break_even_duty(Ownership const& owned, Rent const& rent);
// At the machine's duty; nothing if a month saves nothing.
std::optional<double> payback_months(Ownership const& owned, Rent const& rent);

struct BuyOrRent {
    OwnedCost owned;
    double rented_usd_per_h { 0 };
    std::optional<double> break_even_h;
    std::optional<double> break_even_duty;
    std::optional<double> payback_months;
    // Of buying against renting, in today's money.
    double npv_usd { 0 };
    double lease_usd_per_month { 0 };
    double leased_usd_per_h { 0 };

    double saving_usd_per_h() const { return rented_usd_per_h - owned.total(); }
};

struct MoneyTerms {
    double discount_rate { 0.08 };
    double lease_rate { 0.08 };
};

// invalid_input names the field.
Result<BuyOrRent> buy_or_rent(Ownership const& owned, Rent const& rent, MoneyTerms const& terms);

// What one input alone does to the saving of an owned hour.
struct TornadoBar {
    std::string input;
    double low { 0 };
    double high { 0 };
    double saving_at_low_usd_per_h { 0 };
    double saving_at_high_usd_per_h { 0 };
};
// Each input less and more by that share, kept to what is possible; the widest bar first.
Result<std::vector<TornadoBar>> tornado(
    Ownership const& owned, Rent const& rent, double spread = 0.3);

struct Draws {
    std::int64_t count { 10'000 };
    std::uint64_t seed { 1 };
    // Triangular: the given value is the likeliest, and nothing lies further off than this share.
    double spread { 0.3 };
};
struct Chances {
    double owning_is_cheaper { 0 };
    // Of the saving of an owned hour.
    double low_10_usd_per_h { 0 };
    double median_usd_per_h { 0 };
    double high_90_usd_per_h { 0 };
};
// All inputs of the tornado drawn at once, each on its own.
Result<Chances> chances(Ownership const& owned, Rent const& rent, Draws const& draws);

Status check(Ownership const& owned);
Status check(Rent const& rent);

std::vector<Explained> explain_buy_or_rent(
    Ownership const& owned, Rent const& rent, BuyOrRent const& answer);

}
