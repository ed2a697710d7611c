#pragma once

#include <base/json.h>
#include <cli/client.h>
#include <cli/command.h>
#include <plan/catalog.h>
#include <plan/demand.h>
#include <plan/economics.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What `plan rent-or-buy` and `plan job` ask about a machine that is owned, and what a farm knows.
namespace sidereal::cli {

struct OwnershipFlags {
    std::optional<std::string> machine;
    std::optional<std::string> catalog;
    // Not given: the machine's, or the farm's.
    std::optional<double> capex_usd;
    std::optional<double> busy_kw;
    std::optional<double> usd_per_kwh;
    std::optional<double> duty;
    plan::Ownership owned;
};
void add_ownership_options(std::vector<Option>& options, OwnershipFlags& flags);

// Of the farm's nodes, weighted alike.
struct FarmRates {
    std::size_t nodes { 0 };
    // Node-hours that were worked of all that there were.
    double duty { 0 };
    double busy_kw { 0 };
    double idle_kw { 0 };
    double usd_per_kwh { 0 };
    double usd_per_h { 0 };
};

// `rates` fills in what was not given; options go before it.
Result<plan::Ownership> read_ownership(
    OwnershipFlags const& flags, plan::Catalog const& catalog, FarmRates const* rates);

// What the farm's own accounting says of its last days: GET /v1/usage.
struct FarmUsage {
    FarmRates rates;
    // From the first job on, if it came within the time that was asked for.
    double hours { 0 };
    bool is_young { false };
    double node_h { 0 };
    double energy_kwh { 0 };
    double cost_usd { 0 };
    // One level an hour.
    plan::Demand demand;
};
struct UsageQuery {
    double days { 30 };
    // Work counts from its submission and may take this long; 0: as it ran.
    double within_h { 0 };
};
Result<FarmUsage> fetch_usage(Client const& client, UsageQuery const& query);

// "0:140,4:148": NODES:HOURS.
Result<plan::Demand> read_demand(std::string_view text);

// The price of an offer of the catalogue: its lowest and highest.
struct OfferPrice {
    double low { 0 };
    double high { 0 };
    std::string source;

    double middle() const { return (low + high) / 2; }
};
Result<OfferPrice> find_offer(plan::Catalog const& catalog, std::string_view id);

}
