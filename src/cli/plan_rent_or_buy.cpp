#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_drawing.h>
#include <cli/plan_input.h>
#include <cli/plan_money.h>
#include <cli/plan_money_drawing.h>
#include <plan/fields.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    OwnershipFlags ownership;
    std::optional<double> rent_usd_per_h;
    std::string offer { "cloud-comparable-node" };
    plan::Rent rent;
    double boot_min { 3 };
    plan::MoneyTerms terms;
    plan::Draws draws;
    std::optional<std::string> demand;
    bool from_farm { false };
    UsageQuery usage;
    bool rules { false };
    bool explain { false };
    std::optional<std::string> csv;
};

Result<plan::Rent> read_rent(Flags const& flags, plan::Catalog const& catalog, std::string& source)
{
    auto rent = flags.rent;
    rent.boot_h = flags.boot_min / 60;
    source = "--rent";
    if (flags.rent_usd_per_h) {
        rent.usd_per_h = *flags.rent_usd_per_h;
    } else {
        auto const price = TRY(find_offer(catalog, flags.offer));
        rent.usd_per_h = price.middle();
        source = fmt::format("middle of {} to {} USD/h: {}", price.low, price.high, price.source);
    }
    TRY(plan::check(rent));
    return rent;
}

Result<RentOrBuy> work_out(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.ownership.catalog));
    RentOrBuy found;
    if (flags.from_farm) {
        auto const client = TRY(Client::of(context));
        found.farm = TRY(fetch_usage(client, flags.usage));
    }
    auto const* rates = found.farm ? &found.farm->rates : nullptr;
    found.owned = TRY(read_ownership(flags.ownership, catalog, rates));
    found.rent = TRY(read_rent(flags, catalog, found.rent_source));
    found.answer = TRY(plan::buy_or_rent(found.owned, found.rent, flags.terms));
    found.bars = TRY(plan::tornado(found.owned, found.rent, flags.draws.spread));
    found.draws = flags.draws;
    found.chances = TRY(plan::chances(found.owned, found.rent, flags.draws));
    plan::Demand demand;
    if (flags.demand)
        demand = TRY(read_demand(*flags.demand));
    else if (found.farm)
        demand = found.farm->demand;
    if (!demand.empty())
        found.fleet = TRY(plan::plan_fleet(demand, found.owned, found.rent));
    return found;
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const& machine = flags.ownership;
    // The table asks for nothing but the price of electricity.
    if (flags.rules && !machine.machine && !machine.capex_usd && !flags.csv) {
        auto const usd_per_kwh = machine.usd_per_kwh.value_or(machine.owned.usd_per_kwh);
        TRY(plan::in_range("price of a kWh", usd_per_kwh, { 0, 100 }));
        if (context.format == OutputFormat::json)
            print(stdout, rules_of_thumb_json(usd_per_kwh) + "\n");
        else
            draw_rules_of_thumb(usd_per_kwh);
        return 0;
    }
    auto const found = TRY(work_out(flags, context));
    if (flags.csv) {
        if (*flags.csv == "fleet" && !found.fleet)
            return fail(ErrorCode::invalid_input,
                "--csv fleet needs a demand: say it with --demand or --from-farm");
        print(stdout, csv_of(found, *flags.csv));
    } else if (context.format == OutputFormat::json) {
        print(stdout, json_of(found, flags.explain) + "\n");
    } else {
        draw(found);
        if (flags.rules)
            draw_rules_of_thumb(found.owned.usd_per_kwh);
        if (flags.explain)
            draw_explained(plan::explain_buy_or_rent(found.owned, found.rent, found.answer));
    }
    return 0;
}

void add_rent_options(std::vector<Option>& options, Flags& flags)
{
    auto& rent = flags.rent;
    options.push_back({ "--rent", &flags.rent_usd_per_h, "an hour of the rented machine", "USD" });
    options.push_back({ "--offer", &flags.offer,
        "of 'plan catalog offers', whose middle price is taken without --rent", "OFFER" });
    options.push_back({ "--performance-ratio", &rent.performance_ratio,
        "rented hours for the work of one owned hour, measured on your own work", "FACTOR" });
    options.push_back({ "--spot-discount", &rent.spot_discount, "off the price", "SHARE" });
    options.push_back(
        { "--interruptions", &rent.interruptions_per_h, "of spot machines, an hour", "N" });
    options.push_back({ "--lost-hours", &rent.lost_h_per_interruption,
        "done again and waited for, an interruption", "H" });
    options.push_back({ "--boot-minutes", &flags.boot_min, "paid before the work begins", "MIN" });
    options.push_back({ "--session-hours", &rent.session_h, "of work after each start", "H" });
    options.push_back({ "--egress", &rent.egress_usd_per_h, "of results, an hour", "USD" });
    options.push_back({ "--storage", &rent.storage_usd_per_month, "a month", "USD" });
    options.push_back({ "--discount-rate", &flags.terms.discount_rate,
        "for the net present value, a year", "SHARE" });
    options.push_back({ "--lease-rate", &flags.terms.lease_rate, "a year", "SHARE" });
}

void add_demand_options(std::vector<Option>& options, Flags& flags)
{
    options.push_back({ "--demand", &flags.demand,
        "for how many hours how many nodes had work, as in 0:140,4:148,10.5:48", "NODES:HOURS,…" });
    options.push_back({ "--from-farm", &flags.from_farm,
        "take demand, power and electricity from the farm's own accounting" });
    options.push_back({ "--days", &flags.usage.days, "of it, up to now", "N" });
    options.push_back({ "--within-hours", &flags.usage.within_h,
        "count work from its submission, to be done within this time: what the farm was too small "
        "for then shows; 0: as it ran",
        "H" });
    options.push_back({ "--draws", &flags.draws.count, "of the chances", "N" });
    options.push_back(
        { "--spread", &flags.draws.spread, "by which each input may be off", "SHARE" });
}

}

Command plan_rent_or_buy()
{
    return { "plan rent-or-buy", "what an hour costs owned and rented, and where they are equal",
        "sidereal plan rent-or-buy --capex 13140 --busy-kw 2.8 --overhead 1.33 --duty 0.35 --rent "
        "4\n"
        "sidereal plan rent-or-buy -m 4xrtx-5090 --from-farm --days 60 --within-hours 12",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_ownership_options(options, flags->ownership);
            add_rent_options(options, *flags);
            add_demand_options(options, *flags);
            auto const seed = std::make_shared<std::int64_t>(1);
            options.push_back({ "--seed", seed.get(), "of the draws", "N", false, 0 });
            options.push_back({ "--rules-of-thumb", &flags->rules,
                "under which assumptions 1.06 USD an hour, 3,000 to 4,000 h and 35 % hold" });
            options.push_back({ .name = "--csv",
                .target = &flags->csv,
                .help = "comma-separated values for sheets",
                .value_name = "WHAT",
                .choices = { "horizon", "tornado", "fleet" } });
            options.push_back({ "--explain", &flags->explain,
                "each number with its formula, source and confidence" });
            return [flags, seed](Context const& context) {
                flags->draws.seed = static_cast<std::uint64_t>(*seed);
                return run(*flags, context);
            };
        } };
}

}
