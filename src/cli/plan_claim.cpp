#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_input.h>
#include <plan/claim.h>

#include <fmt/ranges.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::optional<std::string> text;
    std::optional<std::string> kind;
    std::optional<std::string> value;
    std::optional<std::string> unit;
    std::optional<std::string> model;
    std::optional<std::string> machine;
    std::optional<std::string> quant;
    std::optional<std::string> engine;
    std::optional<std::int64_t> streams;
    std::optional<std::int64_t> context;
    std::optional<std::string> precision;
    double price_usd { 0 };
    double cloud_usd_per_h { 0 };
    double hours_per_day { 0 };
    double watts { 0 };
    double volts { 0 };
    double amps { 0 };
    std::optional<std::string> catalog;
    bool explain { false };
};

std::string unit_of(plan::ClaimKind kind)
{
    switch (kind) {
    case plan::ClaimKind::compute: return "TFLOPS";
    case plan::ClaimKind::memory:
    case plan::ClaimKind::cache: return "GB";
    case plan::ClaimKind::bandwidth: return "GB/s";
    case plan::ClaimKind::payback_months: return "months";
    case plan::ClaimKind::break_even_hours: return "hours";
    case plan::ClaimKind::heat: return "BTU/h";
    case plan::ClaimKind::circuit: return "W";
    case plan::ClaimKind::fit: return "of the memory";
    case plan::ClaimKind::decode:
    case plan::ClaimKind::prefill:
    case plan::ClaimKind::training: break;
    }
    return "tok/s";
}

void add_circumstances(plan::Claim& claim, Flags const& flags)
{
    auto const set = [](std::optional<double>& value, double given) {
        if (given > 0)
            value = given;
    };
    set(claim.price_usd, flags.price_usd);
    set(claim.cloud_usd_per_h, flags.cloud_usd_per_h);
    set(claim.hours_per_day, flags.hours_per_day);
    set(claim.watts, flags.watts);
    set(claim.volts, flags.volts);
    set(claim.breaker_a, flags.amps);
    if (flags.streams)
        claim.streams = flags.streams;
    if (flags.context)
        claim.context = flags.context;
    if (flags.precision)
        claim.precision = *flags.precision;
}

// What the flags say goes before what the sentence does.
Result<plan::Claim> read_flags(Flags const& flags, plan::Catalog const& catalog)
{
    plan::Claim claim;
    if (flags.text)
        claim = TRY(plan::read_claim(*flags.text, catalog));
    else if (!flags.kind || (!flags.value && *flags.kind != "fit"))
        return fail(
            ErrorCode::invalid_input, "nothing is claimed: give a sentence, or --kind and --value");
    if (flags.kind) {
        claim.kind = plan::claim_kind(*flags.kind).value_or(claim.kind);
        claim.unit = flags.unit.value_or(unit_of(claim.kind));
        claim.low = claim.high = claim.kind == plan::ClaimKind::fit ? 1 : claim.low;
    }
    if (flags.value) {
        auto const number = plan::read_claim(*flags.value + " tok/s", catalog);
        if (!number)
            return fail(ErrorCode::invalid_input,
                "--value '{}': expected a number or a range, as in 35-55", *flags.value);
        claim.low = number->low;
        claim.high = number->high;
    }
    if (flags.model)
        claim.model = flags.model;
    if (flags.machine)
        claim.machine = flags.machine;
    if (flags.quant)
        claim.quant = flags.quant;
    if (flags.engine)
        claim.engine = flags.engine;
    add_circumstances(claim, flags);
    return claim;
}

std::string range_text(double low, double high)
{
    return low == high ? fmt::format("{:.6g}", low) : fmt::format("{:.6g} to {:.6g}", low, high);
}

std::string understood(plan::Claim const& claim)
{
    std::string text = claim.kind == plan::ClaimKind::fit ? "that it fits"
        : claim.low == 0                                  ? "that a circuit carries it"
                         : fmt::format("{} of {} {}", to_string(claim.kind),
                             range_text(claim.low, claim.high), claim.unit);
    if (claim.model)
        text += ", " + *claim.model;
    if (claim.quant)
        text += " " + *claim.quant;
    if (claim.machine)
        text += " on " + *claim.machine;
    if (claim.engine)
        text += " with " + *claim.engine;
    if (claim.streams)
        text += fmt::format(
            ", {} request{} at a time", *claim.streams, *claim.streams == 1 ? "" : "s");
    if (claim.is_each)
        text += ", said of each of them";
    if (claim.context)
        text += fmt::format(", at {} tokens", *claim.context);
    return text;
}

// Of needs and times the factor is what is computed over what is said.
double said_share(plan::Claim const& claim, plan::ClaimAnswer const& answer)
{
    auto const is_need = claim.kind == plan::ClaimKind::memory
        || claim.kind == plan::ClaimKind::payback_months
        || claim.kind == plan::ClaimKind::break_even_hours;
    return is_need && answer.factor > 0 ? 1 / answer.factor : answer.factor;
}

Color color_of(plan::ClaimJudgement judgement)
{
    if (judgement == plan::ClaimJudgement::possible)
        return Color::green;
    return judgement == plan::ClaimJudgement::possible_if ? Color::yellow : Color::red;
}

void draw(plan::Claim const& claim, plan::ClaimAnswer const& answer, bool explain)
{
    std::string verdict(to_string(answer.judgement));
    if (answer.judgement == plan::ClaimJudgement::impossible)
        verdict += answer.factor > 1 ? fmt::format(" by a factor of {:.3g}", answer.factor) : "";
    print(stdout, paint_for(stdout, verdict, color_of(answer.judgement)) + "\n");
    for (auto const& condition : answer.conditions)
        print_wrapped(stdout, "  - ", condition);
    print_wrapped(stdout, "  claimed   ", understood(claim));
    for (auto const& assumed : answer.assumed)
        print_wrapped(stdout, "  assumed   ", assumed);
    if (claim.kind == plan::ClaimKind::fit)
        print(stdout,
            fmt::format("  physics   the memory is {:.3g} times what it takes\n", answer.ceiling));
    else
        print(stdout,
            fmt::format("  physics   {:.4g} {}; the claim is {:.3g} times that\n", answer.ceiling,
                claim.unit, said_share(claim, answer)));
    if (answer.expected)
        print(stdout,
            fmt::format("  expected  {:.4g} {} ({:.4g} to {:.4g})\n", answer.expected->value,
                claim.unit, answer.expected->low, answer.expected->high));
    for (auto const& row : answer.explained) {
        print_wrapped(stdout, fmt::format("  {} = ", row.name), row.formula);
        if (explain)
            print_wrapped(stdout,
                "    source: ", fmt::format("{}; confidence: {}", row.source, row.confidence));
    }
}

std::string claim_json(plan::Claim const& claim, plan::ClaimAnswer const& answer)
{
    JsonWriter json;
    json.begin_object()
        .field("verdict", to_string(answer.judgement))
        .field("kind", to_string(claim.kind))
        .field("claimed_low", claim.low)
        .field("claimed_high", claim.high)
        .field("unit", claim.unit)
        .field("model", claim.model)
        .field("machine", claim.machine)
        .field("quant", claim.quant)
        .field("ceiling", answer.ceiling)
        .field("factor", answer.factor);
    if (answer.expected)
        json.key("expected")
            .begin_object()
            .field("value", answer.expected->value)
            .field("low_80", answer.expected->low)
            .field("high_80", answer.expected->high)
            .end_object();
    auto const list = [&](std::string_view name, std::vector<std::string> const& texts) {
        json.key(name).begin_array();
        for (auto const& text : texts)
            json.value(text);
        json.end_array();
    };
    list("conditions", answer.conditions);
    list("assumed", answer.assumed);
    json.key("explained").begin_array();
    for (auto const& row : answer.explained)
        json.begin_object()
            .field("name", row.name)
            .field("value", row.value)
            .field("unit", row.unit)
            .field("formula", row.formula)
            .field("source", row.source)
            .field("confidence", row.confidence)
            .end_object();
    json.end_array().end_object();
    return json.take();
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.catalog));
    auto const claim = TRY(read_flags(flags, catalog));
    auto const answer = TRY(plan::check_claim(claim, catalog));
    if (context.format == OutputFormat::json)
        print(stdout, claim_json(claim, answer) + "\n");
    else
        draw(claim, answer, flags.explain);
    return answer.judgement == plan::ClaimJudgement::impossible ? 1 : 0;
}

}

Command plan_claim()
{
    return { "plan claim", "whether what a vendor or a blog says can be true",
        "sidereal plan claim \"RTX 4090 runs Llama 3.3 70B Q4_K_M at 300 tok/s\"\n"
        "sidereal plan claim \"The $3,999 Spark pays back in 2-6 months at 4 hours a day, $4/h\"\n"
        "sidereal plan claim --kind prefill --value 1725-1821 --model gpt-oss-120b -m "
        "dgx-spark-gb10",
        Speaks::to_nobody, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ "TEXT", &flags->text, "a sentence with a number in it", "TEXT" });
            options.push_back({ .name = "--kind",
                .target = &flags->kind,
                .help = "what is claimed, in place of the sentence",
                .value_name = "KIND",
                .choices = { "decode", "prefill", "training", "memory", "fit", "cache", "compute",
                    "bandwidth", "payback-months", "break-even-hours", "heat", "circuit" } });
            options.push_back({ "--value", &flags->value, "how much", "NUMBER[-NUMBER]" });
            options.push_back({ "--unit", &flags->unit, "of heat: BTU/h or tons", "UNIT" });
            options.push_back({ "--model", &flags->model, "of 'plan catalog models'", "MODEL" });
            options.push_back(
                { "-m,--machine", &flags->machine, "devices of 'plan catalog'", "MACHINE" });
            options.push_back({ "-q,--quant", &flags->quant, "of the weights", "QUANT" });
            options.push_back({ "--engine", &flags->engine, "what runs it", "ENGINE" });
            options.push_back({ "-n,--streams", &flags->streams, "requests at a time", "N" });
            options.push_back({ "-c,--context", &flags->context, "tokens in the cache", "TOKENS" });
            options.push_back({ .name = "--precision",
                .target = &flags->precision,
                .help = "of TFLOPS",
                .value_name = "TYPE",
                .choices = { "fp4", "fp8", "fp16", "int8" } });
            options.push_back({ "--price-usd", &flags->price_usd, "of the machine", "USD" });
            options.push_back(
                { "--cloud-usd-per-h", &flags->cloud_usd_per_h, "of renting", "USD" });
            options.push_back({ "--hours-per-day", &flags->hours_per_day, "of use", "H" });
            options.push_back({ "--watts", &flags->watts, "that become heat, or of use", "W" });
            options.push_back({ "--volts", &flags->volts, "of the circuit", "V" });
            options.push_back({ "--amps", &flags->amps, "of its breaker", "A" });
            options.push_back({ "--explain", &flags->explain, "with source and confidence" });
            add_catalog_option(options, flags->catalog);
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
