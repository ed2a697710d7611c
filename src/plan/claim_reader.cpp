#include <plan/claim_units.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

struct KindName {
    ClaimKind kind;
    std::string_view name;
};
constexpr std::array kinds {
    KindName { ClaimKind::decode, "decode" },
    KindName { ClaimKind::prefill, "prefill" },
    KindName { ClaimKind::training, "training" },
    KindName { ClaimKind::memory, "memory" },
    KindName { ClaimKind::fit, "fit" },
    KindName { ClaimKind::cache, "cache" },
    KindName { ClaimKind::compute, "compute" },
    KindName { ClaimKind::bandwidth, "bandwidth" },
    KindName { ClaimKind::payback_months, "payback-months" },
    KindName { ClaimKind::break_even_hours, "break-even-hours" },
    KindName { ClaimKind::heat, "heat" },
    KindName { ClaimKind::circuit, "circuit" },
};

std::string precision_in(ClaimWords const& words)
{
    for (auto const* name :
        { "nvfp4", "fp4", "fp8", "bf16", "fp16", "int8", "fp32", "tf32", "fp64" }) {
        if (words.has(name))
            return name == std::string_view("nvfp4") ? "fp4"
                : name == std::string_view("bf16")   ? "fp16"
                                                     : name;
    }
    return "";
}

std::optional<std::string> engine_in(ClaimWords const& words)
{
    struct Word {
        std::string_view word;
        std::string_view engine;
    };
    for (auto const& [word, engine] : { Word { "llama.cpp", "llama.cpp" },
             Word { "ollama", "llama.cpp" }, Word { "gguf", "llama.cpp" }, Word { "mlx", "mlx" },
             Word { "vllm", "vllm" }, Word { "sglang", "sglang" }, Word { "tensorrt", "trt-llm" },
             Word { "trt", "trt-llm" } }) {
        if (words.has(word))
            return std::string(engine);
    }
    return {};
}

std::string method_in(ClaimWords const& words)
{
    if (words.has("qlora"))
        return "qlora";
    return words.has("lora") ? "lora" : "full";
}

bool says_training(ClaimWords const& words)
{
    return words.has_any(
        { "fine - tun", "fine tun", "finetun", "training", "train ", "trains ", "lora", "qlora" });
}

// "each of them gets 40 tok/s".
bool says_each(ClaimWords const& words)
{
    return words.has_any({ "each", "per user", "a user", "per stream", "per request", "per client",
        "/ user", "apiece" });
}

ClaimKind kind_of_speed(ClaimWords const& words)
{
    if (says_training(words))
        return ClaimKind::training;
    if (words.has_any({ "prefill", "prompt processing", "prompt eval", "prompt speed", "pp ",
            "pp512", "pp2048" }))
        return ClaimKind::prefill;
    return ClaimKind::decode;
}

// What the numbers in the sentence are about: the unit that is claimed, and its kind.
struct Subject {
    ClaimKind kind;
    std::string_view unit;
};

std::optional<Subject> subject_of(ClaimWords const& words, std::vector<Quantity> const& quantities)
{
    auto const has = [&](std::string_view unit) { return first_of(quantities, unit) != nullptr; };
    if (has("tok/s"))
        return Subject { kind_of_speed(words), "tok/s" };
    if (has("TFLOPS"))
        return Subject { ClaimKind::compute, "TFLOPS" };
    if (has("months") && (has("$") || words.has_any({ "pay", "payback", "break" })))
        return Subject { ClaimKind::payback_months, "months" };
    if (has("hours") && words.has_any({ "break", "pay" }))
        return Subject { ClaimKind::break_even_hours, "hours" };
    if (has("BTU/h") || has("tons"))
        return Subject { ClaimKind::heat, has("BTU/h") ? "BTU/h" : "tons" };
    if (has("V") && has("A"))
        return Subject { ClaimKind::circuit, "W" };
    if (has("GB/s"))
        return Subject { ClaimKind::bandwidth, "GB/s" };
    if (has("GB"))
        return Subject { words.has_any({ "kv", "cache" }) ? ClaimKind::cache : ClaimKind::memory,
            "GB" };
    return {};
}

}

std::string_view to_string(ClaimKind kind)
{
    for (auto const& entry : kinds) {
        if (entry.kind == kind)
            return entry.name;
    }
    return "";
}

std::optional<ClaimKind> claim_kind(std::string_view name)
{
    for (auto const& entry : kinds) {
        if (entry.name == name)
            return entry.kind;
    }
    return {};
}

namespace {

// "The pair of Sparks runs Llama 405B": no number but the model's own.
bool says_it_fits(ClaimWords const& words)
{
    return words.has_any(
        { "on ", "fit ", "fits ", "run ", "runs ", "hold ", "holds ", "load ", "loads ", "handle ",
            "handles ", "fine - tune ", "fine tune ", "finetune ", "train ", "trains " });
}

Result<std::optional<std::int64_t>> count_of(
    std::vector<Quantity> const& quantities, std::string_view unit)
{
    constexpr double most = 1e9;
    auto const amount = amount_of(quantities, unit);
    if (!amount)
        return std::nullopt;
    if (*amount > most)
        return fail(ErrorCode::invalid_input, "{} is {}: expected at most {}", unit, *amount, most);
    return static_cast<std::int64_t>(*amount);
}

Status read_circumstances(
    Claim& claim, ClaimWords const& words, std::vector<Quantity> const& quantities)
{
    claim.streams = TRY(count_of(quantities, "streams"));
    claim.context = TRY(count_of(quantities, "context"));
    claim.engine = engine_in(words);
    claim.precision = precision_in(words);
    claim.says_sparse = words.has_any({ "sparse", "sparsity" });
    claim.method = method_in(words);
    claim.is_training = says_training(words);
    claim.price_usd = amount_of(quantities, "$");
    claim.cloud_usd_per_h = amount_of(quantities, "$/h");
    claim.hours_per_day = amount_of(quantities, "h/day");
    claim.watts = amount_of(quantities, "W");
    claim.volts = amount_of(quantities, "V");
    claim.breaker_a = amount_of(quantities, "A");
    return {};
}

Status read_amount(Claim& claim, Subject const& subject, ClaimWords const& words,
    std::vector<Quantity> const& quantities)
{
    claim.kind = subject.kind;
    claim.unit = subject.unit;
    auto const* said = first_of(quantities, subject.unit);
    // A circuit for devices, whose watts the catalogue knows.
    if (!said)
        return {};
    claim.low = said->number.low;
    claim.high = said->number.high;
    if (subject.unit != "tok/s")
        return {};
    for (auto const& quantity : quantities) {
        if (&quantity != said && quantity.unit == subject.unit)
            return fail(ErrorCode::invalid_input,
                "it claims several speeds, {} and {} tok/s: ask about one at a time",
                said->number.low, quantity.number.low);
    }
    if (claim.kind == ClaimKind::decode && claim.streams.value_or(1) > 1 && says_each(words)) {
        claim.is_each = true;
        claim.low *= static_cast<double>(*claim.streams);
        claim.high *= static_cast<double>(*claim.streams);
    }
    return {};
}

}

Result<Claim> read_claim(std::string_view text, Catalog const& catalog)
{
    if (text.size() > 10'000)
        return fail(
            ErrorCode::invalid_input, "a claim of {} bytes: expected a sentence", text.size());
    auto const words = split_claim(text);
    auto const quantities = quantities_of(words);
    auto const subject = subject_of(words, quantities);
    Claim claim;
    claim.model = model_in(words, catalog);
    claim.machine = machine_in(words, catalog);
    claim.quant = quant_in(words, catalog);
    TRY(read_circumstances(claim, words, quantities));
    if (subject) {
        TRY(read_amount(claim, *subject, words, quantities));
    } else if ((claim.model || claim.machine) && says_it_fits(words)) {
        claim.kind = ClaimKind::fit;
        claim.low = claim.high = 1;
        claim.unit = "of the memory";
    } else {
        return fail(ErrorCode::invalid_input,
            "cannot tell what is claimed: no number has a unit that can be checked; say tok/s, "
            "TFLOPS, GB, GB/s, months, hours to break even, BTU/h, tons or W on V and A, or that a "
            "machine runs a model");
    }
    return claim;
}

}
