#include <plan/claim_check.h>

#include <plan/cache.h>
#include <plan/economics.h>
#include <plan/memory.h>
#include <plan/power.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sidereal::plan {

namespace {

// What a number may be rounded up by.
constexpr double rounding = 1.02;
constexpr double usual_usd_per_kwh = 0.20;
constexpr double usual_kw = 0.24;
constexpr double gib = 1024.0 * 1024 * 1024;

Result<double> peak_for(Device const& device, std::string_view precision)
{
    auto const& compute = device.compute;
    auto const value = precision == "fp4" ? compute.fp4_tflops
        : precision == "fp8"              ? compute.fp8_tflops
        : precision == "int8"             ? compute.int8_tops
        : precision == "fp16"             ? compute.fp16_tflops
                                          : std::nullopt;
    if (!value)
        return fail(
            ErrorCode::invalid_input, "the catalogue has no {} peak of {}", precision, device.id);
    return *value;
}

// The highest of all, for a number without a precision.
std::string best_precision(Device const& device)
{
    auto const& compute = device.compute;
    if (compute.fp4_tflops)
        return "fp4";
    if (compute.fp8_tflops)
        return "fp8";
    return compute.int8_tops ? "int8" : "fp16";
}

Result<ClaimAnswer> check_compute(Claim const& claim, Catalog const& catalog)
{
    auto const machine = TRY(claimed_machine(claim, catalog));
    auto const& device = machine.devices.front();
    ClaimAnswer answer;
    auto precision = claim.precision;
    if (precision.empty()) {
        precision = best_precision(device);
        answer.assumed.push_back("at " + precision + ", its fastest");
    }
    auto const peak = TRY(peak_for(device, precision));
    answer.ceiling = peak * static_cast<double>(machine.devices.size());
    judge_by_ceiling(answer, claim.low);
    answer.explained.push_back({ "ceiling", answer.ceiling, "TFLOPS",
        fmt::format("{} x {} dense TFLOPS at {}", machine.devices.size(), peak, precision),
        device.source, device.confidence });
    if (answer.judgement == ClaimJudgement::impossible && answer.factor <= 2 * rounding) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(
            fmt::format("half of the weights are zeros in the 2:4 pattern; dense models get {:.4g}",
                answer.ceiling));
    }
    return answer;
}

Result<ClaimAnswer> check_bandwidth(Claim const& claim, Catalog const& catalog)
{
    auto const machine = TRY(claimed_machine(claim, catalog));
    ClaimAnswer answer;
    for (auto const& device : machine.devices)
        answer.ceiling += device.bandwidth_gb_per_s;
    judge_by_ceiling(answer, claim.low);
    auto const& device = machine.devices.front();
    answer.explained.push_back({ "ceiling", answer.ceiling, "GB/s", "nominal, of all devices",
        device.source, device.confidence });
    return answer;
}

Result<ClaimAnswer> check_cache(Claim const& claim, Catalog const& catalog)
{
    auto const model = TRY(claimed_model(claim, catalog));
    auto const context = TRY(
        claimed(claim.context ? std::optional(static_cast<double>(*claim.context)) : std::nullopt,
            "the context in tokens, as in 'at 32k'"));
    auto const tokens = static_cast<std::int64_t>(context);
    auto const need = cache_bytes(model, { tokens, 16 }) / 1e9;
    ClaimAnswer answer;
    answer.ceiling = need;
    answer.factor = claim.high / need;
    answer.explained.push_back({ "cache", need, "GB",
        fmt::format("{} tokens x {:.0f} B a token in f16", tokens,
            cache_bytes(model, { tokens, 16 }) / static_cast<double>(tokens)),
        model.source, "exact" });
    // A need: it is met from above.
    if (claim.high >= need / 1.08 && claim.low <= need * 1.08) {
        answer.judgement = ClaimJudgement::possible;
    } else if (claim.high < need && claim.high >= need / 4) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(
            fmt::format("the cache is kept in {:.1f} bits instead of 16", 16 * answer.factor));
    } else if (claim.low > need) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(
            fmt::format("{:.1f} sequences of that length are kept", claim.low / need));
    }
    return answer;
}

Result<ClaimAnswer> check_need(Claim const& claim, Catalog const& catalog)
{
    auto const model = TRY(claimed_model(claim, catalog));
    ClaimAnswer answer;
    auto quant = claim.quant.value_or(model.quant);
    if (quant.empty()) {
        quant = "F16";
        answer.assumed.emplace_back("weights in 16 bits");
    }
    auto const weights = TRY(size_weights(model, quant, "llama.cpp", catalog));
    auto const context = claim.context.value_or(0);
    auto const cache = context > 0 ? cache_bytes(model, { context, 16 }) : 0;
    auto const need = (weights.bytes.total() + cache) / 1e9;
    answer.ceiling = need;
    answer.factor = need / claim.high;
    answer.explained.push_back({ "need", need, "GB",
        fmt::format("{:.4g} GB of weights ({}) + {:.4g} GB of cache for {} tokens",
            weights.bytes.total() / 1e9, weights.formula, cache / 1e9, context),
        model.source, weights.confidence });
    // "70 GB" are said of 72.
    constexpr double rounded_need = 1.05;
    if (answer.factor <= rounded_need) {
        answer.judgement = ClaimJudgement::possible;
        if (claim.low > need * 1.5)
            answer.conditions.push_back(fmt::format("it needs less: {:.4g} GB", need));
        return answer;
    }
    for (auto const& smaller : quant_ladder("llama.cpp")) {
        auto const sized = size_weights(model, smaller, "llama.cpp", catalog);
        if (!sized || (sized->bytes.total() + cache) / 1e9 > claim.high * rounding)
            continue;
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format(
            "the weights are in {}: {:.4g} GB", smaller, (sized->bytes.total() + cache) / 1e9));
        return answer;
    }
    answer.judgement = ClaimJudgement::impossible;
    return answer;
}

// The model in the best quant that fits, if none is said.
Result<ClaimAnswer> check_fit(Claim const& claim, Catalog const& catalog)
{
    auto const model = TRY(claimed_model(claim, catalog));
    auto const machine = TRY(claimed_machine(claim, catalog));
    Workload workload;
    workload.context = claim.context.value_or(4096);
    workload.prompt = std::min<std::int64_t>(workload.context, 512);
    ClaimAnswer answer;
    answer.assumed.push_back(fmt::format("{} tokens of context", workload.context));
    auto quants = quant_ladder("llama.cpp");
    if (claim.quant || !model.quant.empty())
        quants = { claim.quant.value_or(model.quant) };
    for (auto const& quant : quants) {
        workload.quant = quant;
        auto const plan = TRY(plan_model(model, machine, workload, catalog));
        double need = 0;
        double usable = 0;
        for (auto const& device : plan.devices) {
            need += device.need();
            usable += device.usable;
        }
        answer.ceiling = usable / need;
        answer.factor = need / usable;
        if (plan.verdict != Verdict::fits)
            continue;
        answer.judgement = quant == quants.front() ? ClaimJudgement::possible
                                                   : ClaimJudgement::possible_if;
        if (answer.judgement == ClaimJudgement::possible_if)
            answer.conditions.push_back(fmt::format("the weights are in {} or smaller", quant));
        answer.explained.push_back({ "memory", need / gib, "GiB",
            fmt::format("{} with cache and buffers, of {:.4g} GiB usable on {}", quant,
                usable / gib, machine.text),
            "as `plan model` reckons", plan.weights.confidence });
        return answer;
    }
    answer.explained.push_back({ "memory", answer.factor, "times what is usable",
        fmt::format("{} with cache and buffers on {}", quants.back(), machine.text),
        "as `plan model` reckons", "high" });
    return answer;
}

// Money claims say less than is computed, or as much: a longer time is easily reached.
void judge_time(ClaimAnswer& answer, Claim const& claim, double computed)
{
    answer.ceiling = computed;
    answer.factor = computed / claim.high;
    answer.judgement = computed <= claim.high * 1.05 ? ClaimJudgement::possible
                                                     : ClaimJudgement::impossible;
}

Result<std::pair<Ownership, Rent>> money_case(
    Claim const& claim, Catalog const& catalog, ClaimAnswer& answer)
{
    Ownership owned;
    auto price = claim.price_usd;
    if (!price && claim.machine) {
        auto const machine = TRY(claimed_machine(claim, catalog));
        price = machine.price_usd();
        if (price)
            answer.assumed.push_back(fmt::format("a price of {} USD, of the catalogue", *price));
    }
    owned.capex_usd = TRY(claimed(price, "a price, as in '$3,999'"));
    owned.usd_per_kwh = usual_usd_per_kwh;
    owned.busy_kw = claim.watts ? *claim.watts / 1000 : usual_kw;
    answer.assumed.push_back(fmt::format("{} kW at {} USD/kWh", owned.busy_kw, owned.usd_per_kwh));
    Rent rent;
    rent.usd_per_h = TRY(claimed(claim.cloud_usd_per_h, "the price of renting, as in '$4/h'"));
    answer.assumed.emplace_back("an owned hour does the work of a rented one");
    return std::pair { owned, rent };
}

Result<ClaimAnswer> check_payback(Claim const& claim, Catalog const& catalog)
{
    ClaimAnswer answer;
    auto [owned, rent] = TRY(money_case(claim, catalog, answer));
    auto const hours = TRY(claimed(claim.hours_per_day, "the hours of use, as in '4 hours a day'"));
    if (!(hours > 0 && hours <= 24))
        return fail(ErrorCode::invalid_input, "{} hours a day: expected up to 24", hours);
    owned.duty = hours / 24;
    auto const months = payback_months(owned, rent);
    if (!months) {
        answer.conditions.emplace_back(
            "renting costs more than the electricity, which it does not");
        return answer;
    }
    judge_time(answer, claim, *months);
    auto const saved = rent.usd_per_h - running_usd_per_h(owned);
    answer.explained.push_back({ "payback", *months, "months",
        fmt::format("{} USD / (({} - {:.3f}) USD/h x {} h x {} days)", owned.capex_usd,
            rent.usd_per_h, running_usd_per_h(owned), hours, days_per_month),
        "price over what an hour saves", "high" });
    if (answer.judgement == ClaimJudgement::possible)
        return answer;
    auto const needed_hours = hours * answer.factor;
    if (needed_hours <= 24)
        answer.conditions.push_back(fmt::format("it works {:.1f} hours a day", needed_hours));
    answer.conditions.push_back(fmt::format(
        "renting costs {:.2f} USD/h", saved * answer.factor + running_usd_per_h(owned)));
    answer.judgement = ClaimJudgement::possible_if;
    return answer;
}

Result<ClaimAnswer> check_break_even(Claim const& claim, Catalog const& catalog)
{
    ClaimAnswer answer;
    auto const [owned, rent] = TRY(money_case(claim, catalog, answer));
    auto const hours = break_even_hours(owned, rent);
    if (!hours) {
        answer.conditions.emplace_back(
            "renting costs more than the electricity, which it does not");
        return answer;
    }
    judge_time(answer, claim, *hours);
    answer.explained.push_back({ "break-even", *hours, "h",
        fmt::format("{} USD / ({} - {:.3f}) USD/h; depreciation is not in the running cost",
            owned.capex_usd, rent.usd_per_h, running_usd_per_h(owned)),
        "price over what an hour saves", "high" });
    if (answer.judgement == ClaimJudgement::impossible) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format(
            "renting costs {:.2f} USD/h", owned.capex_usd / claim.high + running_usd_per_h(owned)));
    }
    return answer;
}

// What the devices draw by their makers' word; the computer around them comes on top.
Result<double> device_watts(Claim const& claim, Catalog const& catalog, ClaimAnswer& answer)
{
    auto const machine = TRY(claimed_machine(claim, catalog));
    double watts = 0;
    for (auto const& device : machine.devices)
        watts += TRY(claimed(device.watts.tdp, "the watts"));
    answer.assumed.push_back(
        fmt::format("{:.0f} W of {} alone, without the computer", watts, machine.text));
    return watts;
}

}

std::string_view to_string(ClaimJudgement judgement)
{
    switch (judgement) {
    case ClaimJudgement::possible: return "possible";
    case ClaimJudgement::possible_if: return "possible if";
    case ClaimJudgement::impossible: break;
    }
    return "impossible";
}

void judge_by_ceiling(ClaimAnswer& answer, double said)
{
    answer.factor = said / answer.ceiling;
    answer.judgement = answer.factor > rounding ? ClaimJudgement::impossible
                                                : ClaimJudgement::possible;
}

Result<Model> claimed_model(Claim const& claim, Catalog const& catalog)
{
    if (!claim.model)
        return fail(ErrorCode::invalid_input,
            "cannot tell which model is meant: name one of 'sidereal plan catalog models', as in "
            "'Llama 3.1 8B', or use --model");
    return model_of(*TRY(find_model(catalog, *claim.model)));
}

Result<Machine> claimed_machine(Claim const& claim, Catalog const& catalog)
{
    if (!claim.machine)
        return fail(ErrorCode::invalid_input,
            "cannot tell which device is meant: name one of 'sidereal plan catalog', as in 'RTX "
            "5090' or '2x DGX Spark', or use --machine");
    return read_machine(*claim.machine, {}, catalog);
}

Result<double> claimed(std::optional<double> const& value, std::string_view what)
{
    if (!value)
        return fail(ErrorCode::invalid_input, "the claim lacks {}", what);
    return *value;
}

Result<ClaimAnswer> check_memory_claim(Claim const& claim, Catalog const& catalog)
{
    if (claim.is_training && claim.kind != ClaimKind::cache)
        return check_training_need(claim, catalog);
    if (claim.kind == ClaimKind::fit)
        return check_fit(claim, catalog);
    return claim.kind == ClaimKind::cache ? check_cache(claim, catalog)
                                          : check_need(claim, catalog);
}

Result<ClaimAnswer> check_device_claim(Claim const& claim, Catalog const& catalog)
{
    return claim.kind == ClaimKind::compute ? check_compute(claim, catalog)
                                            : check_bandwidth(claim, catalog);
}

Result<ClaimAnswer> check_money_claim(Claim const& claim, Catalog const& catalog)
{
    return claim.kind == ClaimKind::payback_months ? check_payback(claim, catalog)
                                                   : check_break_even(claim, catalog);
}

Result<ClaimAnswer> check_power_claim(Claim const& claim, Catalog const& catalog)
{
    ClaimAnswer answer;
    if (claim.kind == ClaimKind::circuit) {
        Circuit circuit;
        circuit.volts = TRY(claimed(claim.volts, "the voltage, as in '120 V'"));
        circuit.breaker_a = TRY(claimed(claim.breaker_a, "the breaker, as in '20 A'"));
        answer.ceiling = continuous_watts(circuit);
        judge_by_ceiling(
            answer, claim.low > 0 ? claim.low : TRY(device_watts(claim, catalog, answer)));
        answer.explained.push_back({ "ceiling", answer.ceiling, "W",
            fmt::format("{} V x {} A x {} for loads of hours", circuit.volts, circuit.breaker_a,
                continuous_share),
            "NEC 210.20", "high" });
        return answer;
    }
    auto const watts = TRY(claimed(claim.watts, "the power, as in '2,800 W'"));
    auto const computed = claim.unit == "tons" ? cooling_tons(watts) : btu_per_h(watts);
    answer.ceiling = computed;
    answer.factor = claim.low / computed;
    answer.explained.push_back({ "heat", computed, claim.unit,
        claim.unit == "tons" ? fmt::format("{} W x {} / 12,000", watts, btu_per_h_per_watt)
                             : fmt::format("{} W x {}", watts, btu_per_h_per_watt),
        "all power becomes heat", "exact" });
    if (std::abs(answer.factor - 1) <= rounding - 1) {
        answer.judgement = ClaimJudgement::possible;
    } else if (answer.factor > 1 && answer.factor <= 1 / 0.8) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format(
            "the watts are behind power supplies of {:.1f} % efficiency", 100 / answer.factor));
    }
    return answer;
}

Result<ClaimAnswer> check_claim(Claim const& claim, Catalog const& catalog)
{
    auto const needs_number = claim.kind != ClaimKind::circuit || !claim.machine;
    if (needs_number && !(claim.low > 0 && claim.high >= claim.low && claim.high < 1e15))
        return fail(ErrorCode::invalid_input,
            "the claim says {} to {} {}: expected numbers above 0", claim.low, claim.high,
            claim.unit);
    switch (claim.kind) {
    case ClaimKind::decode:
    case ClaimKind::prefill: return check_speed_claim(claim, catalog);
    case ClaimKind::training: return check_training_claim(claim, catalog);
    case ClaimKind::memory:
    case ClaimKind::fit:
    case ClaimKind::cache: return check_memory_claim(claim, catalog);
    case ClaimKind::compute:
    case ClaimKind::bandwidth: return check_device_claim(claim, catalog);
    case ClaimKind::payback_months:
    case ClaimKind::break_even_hours: return check_money_claim(claim, catalog);
    case ClaimKind::heat:
    case ClaimKind::circuit: break;
    }
    return check_power_claim(claim, catalog);
}

}
