#include <plan/economics.h>
#include <plan/render_job.h>
#include <plan/seed_checks.h>

#include <array>

namespace sidereal::plan {

namespace {

// The posts' electricity.
constexpr double usd_per_kwh = 0.20;
// Air conditioning that moves three times the heat it draws.
constexpr double cooled = 1 + 1.0 / 3;

Result<std::pair<double, double>> range_of(SeedDesk const& desk, std::string_view id)
{
    auto const* offer = TRY(desk.offer(id));
    if (!offer->usd_per_h_min || !offer->usd_per_h_max)
        return fail(ErrorCode::not_found, "offer '{}' has no price range", id);
    return std::pair { *offer->usd_per_h_min, *offer->usd_per_h_max };
}

Result<SeedFinding> a100_price(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const [low, high] = TRY(range_of(desk, "cloud-a100-80"));
    return by_number(claim, { low, high }, "the catalogue's offer");
}

// A Spark at its system's lowest power against a cloud GPU, so many hours a day.
Result<double> spark_payback(
    SeedDesk const& desk, std::string_view price_kind, double cloud_usd_per_h)
{
    auto const* spark = TRY(desk.device("dgx-spark-gb10"));
    Ownership owned;
    for (auto const& price : spark->prices) {
        if (price.kind.find(price_kind) != price.kind.npos)
            owned.capex_usd = price.usd;
    }
    owned.duty = 4.0 / 24;
    owned.busy_kw = spark->watts.psu.value_or(0) / 1000;
    owned.usd_per_kwh = usd_per_kwh;
    Rent rent;
    rent.usd_per_h = cloud_usd_per_h;
    auto const months = payback_months(owned, rent);
    if (!months)
        return fail(
            ErrorCode::invalid_input, "a Spark never pays back at {} USD/h", cloud_usd_per_h);
    return *months;
}

Result<SeedFinding> payback(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const [low, high] = TRY(range_of(desk, "cloud-a100-80"));
    auto const fast = TRY(spark_payback(desk, "4TB", high));
    auto const slow = TRY(spark_payback(desk, "4TB", low));
    return by_number(claim, { fast, slow },
        fmt::format(
            "months at 4 h a day against {} and {} USD/h; also takes an hour of a Spark for "
            "an hour of an A100",
            high, low));
}

Result<SeedFinding> payback_corner(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const [low, high] = TRY(range_of(desk, "cloud-a100-80"));
    auto const months = TRY(spark_payback(desk, "1TB", high));
    return by_number(claim, { months },
        fmt::format("months of the 1 TB unit at 4 h a day against {} USD/h", high));
}

Result<SeedFinding> rule_in_hours(SeedClaim const& claim, SeedDesk const&)
{
    return by_number(claim, { 0.35 * 24 }, "0.35 x 24 h");
}

// The posts' break-even hours.
bool breaks_even(double hours) { return hours >= 3000 && hours <= 4000; }

Result<SeedFinding> rule(SeedClaim const& claim, SeedDesk const&)
{
    auto const share = claim.values.empty() ? 0 : claim.values.front();
    auto const one_year = share * hours_per_year;
    return by_condition({ breaks_even(one_year), breaks_even(3 * one_year) },
        { one_year, 3000 / (3 * hours_per_year), 4000 / (3 * hours_per_year) },
        "useful hours in one year, as many as break even; over three years the same hours are that "
        "share of all");
}

struct NodeCase {
    double capex_usd { 0 };
    double kw { 0 };
    double overhead { 1 };
};
// Power and cooling that the posts allow, with the price that goes with 1.06 USD/h.
constexpr std::array cases {
    NodeCase { 13'140, 2.8, 1.0 },
    NodeCase { 8235, 2.8, cooled },
    NodeCase { 10'337, 2.5, cooled },
    NodeCase { 13'841, 2.0, cooled },
};

Ownership node_of(NodeCase const& node, double duty)
{
    Ownership owned;
    owned.capex_usd = node.capex_usd;
    owned.years = 3;
    owned.duty = duty;
    owned.busy_kw = node.kw;
    owned.usd_per_kwh = usd_per_kwh;
    owned.energy_overhead = node.overhead;
    return owned;
}

Result<SeedFinding> node_cost(SeedClaim const& claim, SeedDesk const&)
{
    auto always = true;
    auto at_the_rule = true;
    std::vector<double> costs;
    for (auto const& node : cases) {
        auto const full = owned_cost(node_of(node, 1)).total();
        auto const rule = owned_cost(node_of(node, 0.35)).total();
        always = always && is_within(claim, full);
        at_the_rule = at_the_rule && is_within(claim, rule);
        costs.push_back(full);
    }
    return by_condition({ always, at_the_rule }, costs,
        fmt::format(
            "USD/h of 8,235 to 13,841 USD of hardware that always works; at 35 % duty {:.2f} "
            "to {:.2f} a useful hour",
            owned_cost(node_of(cases[1], 0.35)).total(),
            owned_cost(node_of(cases[0], 0.35)).total()));
}

Result<SeedFinding> instance_price(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const [low, high] = TRY(range_of(desk, "cloud-comparable-node"));
    return by_number(claim, { low, high }, "the catalogue's offer");
}

Result<SeedFinding> break_even(SeedClaim const&, SeedDesk const& desk)
{
    auto const [low, high] = TRY(range_of(desk, "cloud-comparable-node"));
    auto some = false;
    auto all = true;
    std::vector<double> found;
    for (auto const& node : { cases[1], cases[0] }) {
        for (auto const cloud : { low, 3.0, 3.5, 4.0, 5.0, high }) {
            Rent rent;
            rent.usd_per_h = cloud;
            auto const hours = break_even_hours(node_of(node, 1), rent);
            auto const holds = hours && breaks_even(*hours);
            some = some || holds;
            all = all && holds;
            if (holds)
                found.push_back(*hours);
        }
    }
    return by_condition({ some, all }, found,
        "hours = price / (cloud - running cost): true for a cloud price of 2.8 to 3.5 USD/h "
        "against "
        "the cheap node, 3.9 to 4.9 against the dear one");
}

Result<SeedFinding> continuous_months(SeedClaim const& claim, SeedDesk const&)
{
    return by_number(
        claim, { 3000 / hours_per_month, 4000 / hours_per_month }, "3,000 and 4,000 h / 730 h");
}

Result<SeedFinding> spot(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* offer = TRY(desk.offer("spot-discount"));
    return by_number(claim, { offer->discount_max_pct.value_or(0) / 100 },
        "the most that is given; the planner counts with less");
}

RenderJob ten_hours()
{
    RenderJob job;
    job.frames = 600;
    job.minutes_per_frame = 1;
    return job;
}

Result<double> job_price(SeedDesk const& desk, std::string_view id)
{
    auto const [low, high] = TRY(range_of(desk, id));
    auto const priced = TRY(price(ten_hours(), {}, { low, high }));
    return priced.middle.work_usd;
}

Result<SeedFinding> ten_hour_job(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const commercial = TRY(job_price(desk, "farm-commercial-8gpu"));
    auto const own = TRY(job_price(desk, "farm-diy-8gpu"));
    return by_number(claim, { commercial, own }, "10 h at the middle of each offer");
}

Result<SeedFinding> raw_and_service(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const [raw, raw_high] = TRY(range_of(desk, "farm-diy-8gpu"));
    auto const commercial = TRY(job_price(desk, "farm-commercial-8gpu"));
    return by_number(claim, { raw, commercial / 10 },
        fmt::format("USD/h of raw machines from {} to {}, and the middle of a commercial farm", raw,
            raw_high));
}

Result<SeedFinding> ready(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const bytes = TRY(desk.weights("llama-3.1-8b", "Q4_K_M"));
    auto const* network = entry_of(desk.catalog().networks, "10gbe");
    if (!network)
        return fail(ErrorCode::not_found, "no network '10gbe' in the catalogue");
    // What a provider takes to start a machine, and what the node then fetches: a system's image
    // and programs, as large as a small model.
    constexpr double start_min = 2;
    auto const fetch_min = 2 * bytes / (network->effective_mb_per_s * 1e6 / 8) / 60;
    return by_number(claim, { start_min + fetch_min },
        fmt::format(
            "{} min to start, {:.1f} min for {:.0f} GB of image and programs at an eighth of "
            "10GbE",
            start_min, fetch_min, 2 * bytes / 1e9));
}

Result<SeedFinding> deadline(SeedClaim const& claim, SeedDesk const&)
{
    auto job = ten_hours();
    job.frames = 2400;
    RenderPlace place;
    place.usd_per_h = 1;
    auto const alone = TRY(cost_of(job, place));
    job.nodes = 50;
    auto const many = TRY(cost_of(job, place));
    auto finding = by_number(claim, { alone.wall_h },
        fmt::format("h on one node; {:.2f} h on 50, for {:.2f} times the hours paid", many.wall_h,
            many.work_h / alone.work_h));
    if (many.wall_h > 1 || many.work_h > alone.work_h * 1.001)
        finding.verdict = ClaimVerdict::inconsistent;
    return finding;
}

Result<SeedFinding> stop_idle(SeedClaim const&, SeedDesk const& desk)
{
    auto const [low, high] = TRY(range_of(desk, "cloud-comparable-node"));
    return by_judgement({ low, high }, "USD that an idle hour of one node costs");
}

constexpr std::array checks {
    SeedCheck { "SC-059", a100_price },
    SeedCheck { "SC-060", payback },
    SeedCheck { "SC-061", payback_corner },
    SeedCheck { "SC-062", rule_in_hours },
    SeedCheck { "SC-063", rule },
    SeedCheck { "SC-064", node_cost },
    SeedCheck { "SC-065", instance_price },
    SeedCheck { "SC-066", break_even },
    SeedCheck { "SC-067", continuous_months },
    SeedCheck { "SC-086", spot },
    SeedCheck { "SC-087", ten_hour_job },
    SeedCheck { "SC-088", raw_and_service },
    SeedCheck { "SC-090", ready },
    SeedCheck { "SC-091", deadline },
    SeedCheck { "SC-092", stop_idle },
};

}

std::span<SeedCheck const> money_checks() { return checks; }

}
