#include <cli/plan_money.h>

#include <cli/fields.h>
#include <cli/plan_input.h>
#include <openjd/text_rules.h>
#include <plan/fields.h>
#include <plan/machine.h>

#include <algorithm>
#include <cmath>

namespace sidereal::cli {

namespace {

Result<double> price_of(plan::Machine const& machine)
{
    auto const price = machine.price_usd();
    if (!price)
        return fail(ErrorCode::invalid_input,
            "the catalogue knows no price of {}: say it with --capex", machine.text);
    return *price;
}

// What is there in an hour of work that was submitted in another, if it may take `within_h` hours.
plan::Demand spread(std::vector<double> const& submitted, double within_h)
{
    std::vector<double> wanted(submitted.size());
    auto const span = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(within_h)));
    for (std::size_t hour = 0; hour < submitted.size(); ++hour) {
        for (std::size_t i = hour; i < std::min(hour + span, wanted.size()); ++i)
            wanted[i] += submitted[hour] / static_cast<double>(span);
    }
    plan::Demand demand;
    for (auto const nodes : wanted)
        demand.push_back({ nodes, 1 });
    return demand;
}

FarmRates rates_of(Json const& answer)
{
    FarmRates rates;
    for (auto const& node : list_at(answer, "nodes")) {
        ++rates.nodes;
        rates.busy_kw += number_at(node, "busy_w") / 1000;
        rates.idle_kw += number_at(node, "idle_w") / 1000;
        rates.usd_per_kwh += number_at(node, "usd_per_kwh");
        rates.usd_per_h += number_at(node, "usd_per_h");
    }
    auto const count = static_cast<double>(std::max<std::size_t>(1, rates.nodes));
    for (auto* rate : { &rates.busy_kw, &rates.idle_kw, &rates.usd_per_kwh, &rates.usd_per_h })
        *rate /= count;
    return rates;
}

}

void add_ownership_options(std::vector<Option>& options, OwnershipFlags& flags)
{
    auto& owned = flags.owned;
    options.push_back({ "-m,--machine", &flags.machine,
        "devices of 'plan catalog' whose price and power are taken, as in 4xrtx-5090", "MACHINE" });
    options.push_back({ "--capex", &flags.capex_usd, "price of the machine", "USD" });
    options.push_back({ "--install", &owned.install_usd, "to set it up, once", "USD" });
    options.push_back({ "--residual", &owned.residual,
        "part of the price that it still brings at the end", "SHARE" });
    options.push_back({ "--years", &owned.years, "that it is kept", "N" });
    options.push_back({ "--duty", &flags.duty,
        "useful hours of all hours: 0.35 is 8.4 h a day; by default the farm's, else all",
        "SHARE" });
    options.push_back({ "--busy-kw", &flags.busy_kw, "drawn while it works", "KW" });
    options.push_back({ "--idle-kw", &owned.idle_kw, "drawn while it waits", "KW" });
    options.push_back({ "--usd-per-kwh", &flags.usd_per_kwh, "price of electricity", "USD" });
    options.push_back({ "--overhead", &owned.energy_overhead,
        "drawn from the grid for each kWh of the machine: PUE, or 1 + 1/COP of the air "
        "conditioning",
        "FACTOR" });
    options.push_back({ "--staff", &owned.staff_usd_per_year, "a year", "USD" });
    options.push_back({ "--space", &owned.space_usd_per_year, "a year", "USD" });
    options.push_back({ "--licences", &owned.licences_usd_per_year, "a year", "USD" });
    options.push_back({ "--spares", &owned.spares, "part of the price, a year", "SHARE" });
    options.push_back({ "--loan-rate", &owned.loan_rate,
        "of a loan over the price for all the years; 0: paid at once", "SHARE" });
    add_catalog_option(options, flags.catalog);
}

Result<plan::Ownership> read_ownership(
    OwnershipFlags const& flags, plan::Catalog const& catalog, FarmRates const* rates)
{
    auto owned = flags.owned;
    auto capex_usd = flags.capex_usd;
    auto busy_kw = flags.busy_kw;
    auto usd_per_kwh = flags.usd_per_kwh;
    if (flags.machine) {
        plan::Machine machine;
        machine.text = *flags.machine;
        machine.devices = TRY(plan::read_devices(*flags.machine, catalog));
        if (!capex_usd)
            capex_usd = TRY(price_of(machine));
        busy_kw = busy_kw.value_or(machine.load_watts() / 1000);
    }
    if (rates) {
        busy_kw = busy_kw.value_or(rates->busy_kw);
        usd_per_kwh = usd_per_kwh.value_or(rates->usd_per_kwh);
        if (owned.idle_kw == 0)
            owned.idle_kw = rates->idle_kw;
        if (!flags.duty && rates->duty <= 0)
            return fail(ErrorCode::invalid_input,
                "the farm did no work in these days: say how much a machine would have with "
                "--duty");
        owned.duty = rates->duty;
    }
    if (!capex_usd)
        return fail(ErrorCode::invalid_input,
            "no price of the machine is given: say it with --capex or --machine");
    if (!busy_kw)
        return fail(ErrorCode::invalid_input,
            "no power of the machine is given: say it with --busy-kw or --machine");
    owned.capex_usd = *capex_usd;
    owned.busy_kw = *busy_kw;
    owned.usd_per_kwh = usd_per_kwh.value_or(owned.usd_per_kwh);
    owned.duty = flags.duty.value_or(owned.duty);
    TRY(plan::check(owned));
    return owned;
}

Result<FarmUsage> fetch_usage(Client const& client, UsageQuery const& query)
{
    TRY(plan::in_range("days", query.days, { 1, 366 }));
    TRY(plan::in_range("within hours", query.within_h, { 0, 8784 }));
    auto const hours = static_cast<std::size_t>(std::ceil(query.days * 24));
    auto const answer = TRY(
        client.get(fmt::format("/v1/usage?hours={}", hours), std::chrono::minutes(5)));
    FarmUsage usage;
    usage.rates = rates_of(answer);
    usage.hours = number_at(answer, "hours_total");
    auto from = time_at(answer, "from");
    // Before its first job a farm was not idle: it was not there.
    if (auto const first = client.get("/v1/jobs/1")) {
        auto const earlier = std::floor((time_at(*first, "submitted_at") - from) / 3600);
        if (earlier >= 1 && earlier < usage.hours) {
            usage.hours -= earlier;
            from += earlier * 3600;
            usage.is_young = true;
        }
    }
    auto const count = static_cast<std::size_t>(std::clamp(usage.hours, 0.0, 8784.0));
    std::vector<double> ran(count);
    std::vector<double> submitted(count);
    for (auto const& row : list_at(answer, "hours")) {
        usage.node_h += number_at(row, "node_h");
        usage.energy_kwh += number_at(row, "energy_wh") / 1000;
        usage.cost_usd += number_at(row, "cost_usd");
        auto const at = (time_at(row, "hour") - from) / 3600;
        if (at < 0 || at >= static_cast<double>(count))
            continue;
        ran[static_cast<std::size_t>(at)] += number_at(row, "node_h");
        submitted[static_cast<std::size_t>(at)] += number_at(row, "submitted_node_h");
    }
    auto const node_hours = usage.hours * static_cast<double>(usage.rates.nodes);
    usage.rates.duty = node_hours > 0 ? usage.node_h / node_hours : 0;
    usage.demand = query.within_h > 0 ? spread(submitted, query.within_h) : spread(ran, 1);
    return usage;
}

Result<plan::Demand> read_demand(std::string_view text)
{
    plan::Demand demand;
    auto rest = text;
    while (true) {
        auto const comma = rest.find(',');
        auto const part = rest.substr(0, comma);
        auto const colon = part.find(':');
        auto const nodes = openjd::parse_float(part.substr(0, colon));
        auto const hours = colon == std::string_view::npos
            ? std::nullopt
            : openjd::parse_float(part.substr(colon + 1));
        if (!nodes || !hours)
            return fail(ErrorCode::invalid_input,
                "--demand '{}': expected NODES:HOURS, as in 0:140,4:148,10.5:48", part);
        demand.push_back({ *nodes, *hours });
        if (comma == std::string_view::npos)
            return demand;
        rest.remove_prefix(comma + 1);
    }
}

Result<OfferPrice> find_offer(plan::Catalog const& catalog, std::string_view id)
{
    auto const* offer = TRY(plan::find_entry(catalog.cloud_offers, id, "offer"));
    if (!offer->usd_per_h_min && !offer->usd_per_h_max)
        return fail(ErrorCode::invalid_input,
            "offer '{}' has no price in the catalogue: say it in USD an hour", id);
    OfferPrice price;
    price.low = offer->usd_per_h_min.value_or(offer->usd_per_h_max.value_or(0));
    price.high = offer->usd_per_h_max.value_or(price.low);
    price.source = fmt::format("{} ({})", offer->what, offer->source);
    return price;
}

}
