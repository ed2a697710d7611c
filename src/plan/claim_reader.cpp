#include <plan/claim_words.h>

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

// What follows a number and gives it a meaning: the words, and what it is multiplied by.
struct Unit {
    std::string_view words;
    double scale { 1 };
    std::string_view name;
};

// The longest first.
constexpr std::array units {
    Unit { "k tokens per second", 1e3, "tok/s" },
    Unit { "tokens per second", 1, "tok/s" },
    Unit { "tokens/second", 1, "tok/s" },
    Unit { "tokens/sec", 1, "tok/s" },
    Unit { "tokens/s", 1, "tok/s" },
    Unit { "tokens a second", 1, "tok/s" },
    Unit { "k tok/s", 1e3, "tok/s" },
    Unit { "tok/sec", 1, "tok/s" },
    Unit { "tok/s", 1, "tok/s" },
    Unit { "tps", 1, "tok/s" },
    Unit { "t/s", 1, "tok/s" },
    Unit { "k context", 1024, "context" },
    Unit { "k tokens", 1024, "context" },
    Unit { "k ctx", 1024, "context" },
    Unit { "token context", 1, "context" },
    Unit { "tokens of context", 1, "context" },
    Unit { "gb/s", 1, "GB/s" },
    Unit { "tb/s", 1000, "GB/s" },
    Unit { "gb", 1, "GB" },
    Unit { "gib", 1.073741824, "GB" },
    Unit { "tb", 1000, "GB" },
    Unit { "tflops", 1, "TFLOPS" },
    Unit { "tflop", 1, "TFLOPS" },
    Unit { "teraflops", 1, "TFLOPS" },
    Unit { "tops", 1, "TFLOPS" },
    Unit { "pflops", 1000, "TFLOPS" },
    Unit { "pflop", 1000, "TFLOPS" },
    Unit { "petaflops", 1000, "TFLOPS" },
    Unit { "petaflop", 1000, "TFLOPS" },
    Unit { "months", 1, "months" },
    Unit { "month", 1, "months" },
    Unit { "hours a day", 1, "h/day" },
    Unit { "hours per day", 1, "h/day" },
    Unit { "hours daily", 1, "h/day" },
    Unit { "hours/day", 1, "h/day" },
    Unit { "h a day", 1, "h/day" },
    Unit { "h/day", 1, "h/day" },
    Unit { "hours", 1, "hours" },
    Unit { "btu/h", 1, "BTU/h" },
    Unit { "btu/hr", 1, "BTU/h" },
    Unit { "btu", 1, "BTU/h" },
    Unit { "tons", 1, "tons" },
    Unit { "kilowatts", 1000, "W" },
    Unit { "kw", 1000, "W" },
    Unit { "watts", 1, "W" },
    Unit { "w", 1, "W" },
    Unit { "volts", 1, "V" },
    Unit { "v", 1, "V" },
    Unit { "amps", 1, "A" },
    Unit { "amp", 1, "A" },
    Unit { "a", 1, "A" },
    Unit { "users", 1, "streams" },
    Unit { "streams", 1, "streams" },
    Unit { "concurrent", 1, "streams" },
    Unit { "requests", 1, "streams" },
};

struct Quantity {
    ClaimNumber number;
    std::string unit;
};

std::string after(ClaimWords const& words, std::size_t place)
{
    std::string text;
    for (auto i = place; i < words.words.size() && i < place + 5; ++i)
        text += (text.empty() ? "" : " ") + words.words[i];
    return text;
}

bool begins_with_words(std::string_view text, std::string_view words)
{
    return text.starts_with(words)
        && (text.size() == words.size() || text[words.size()] == ' ' || text[words.size()] == '.');
}

// "$4/h" and "$4 an hour".
bool is_hourly(std::string_view text)
{
    auto const words = { "/ h", "/ hr", "/ hour", "/h", "/hr", "/hour", "per hour", "an hour",
        "a hour", "per h", "hourly" };
    return std::any_of(
        words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

Quantity quantity_of(ClaimWords const& words, ClaimNumber number)
{
    auto const text = after(words, number.last + 1);
    if (number.is_money)
        return { number, is_hourly(text) ? "$/h" : "$" };
    for (auto const& unit : units) {
        if (!begins_with_words(text, unit.words))
            continue;
        number.low *= unit.scale;
        number.high *= unit.scale;
        return { number, std::string(unit.name) };
    }
    auto const before = number.first > 0 ? words.at(number.first - 1) : "";
    auto const earlier = number.first > 1 ? words.at(number.first - 2) : "";
    auto const is_batch = before == "batch" || before == "concurrency" || before == "bs"
        || (earlier == "batch" && (before == "size" || before == "of" || before == "="));
    if (is_batch)
        return { number, "streams" };
    if (before == "context" || (earlier == "context" && before == "of"))
        return { number, "context" };
    // "at 16k".
    if (text.starts_with("k") && before == "at")
        return { { number.low * 1024, number.high * 1024, false, number.first, number.last },
            "context" };
    return { number, "" };
}

std::vector<Quantity> quantities_of(ClaimWords const& words)
{
    std::vector<Quantity> quantities;
    for (auto const& number : words.numbers)
        quantities.push_back(quantity_of(words, number));
    return quantities;
}

Quantity const* first_of(std::vector<Quantity> const& quantities, std::string_view unit)
{
    for (auto const& quantity : quantities) {
        if (quantity.unit == unit)
            return &quantity;
    }
    return nullptr;
}

std::optional<double> amount_of(std::vector<Quantity> const& quantities, std::string_view unit)
{
    auto const* found = first_of(quantities, unit);
    return found ? std::optional(found->number.high) : std::nullopt;
}

std::string precision_in(ClaimWords const& words)
{
    for (auto const* name : { "nvfp4", "fp4", "fp8", "bf16", "fp16", "int8" }) {
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

ClaimKind kind_of_speed(ClaimWords const& words)
{
    if (words.has_any({ "fine - tun", "finetun", "training", "train ", "lora", "qlora" }))
        return ClaimKind::training;
    if (words.has_any({ "prefill", "prompt processing", "prompt eval", "pp ", "pp512", "pp2048" }))
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
    if (has("W") && has("V") && has("A"))
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
        { "fit ", "fits ", "run ", "runs ", "hold ", "holds ", "load ", "loads " });
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
    claim.price_usd = amount_of(quantities, "$");
    claim.cloud_usd_per_h = amount_of(quantities, "$/h");
    claim.hours_per_day = amount_of(quantities, "h/day");
    claim.watts = amount_of(quantities, "W");
    claim.volts = amount_of(quantities, "V");
    claim.breaker_a = amount_of(quantities, "A");
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
        auto const* said = first_of(quantities, subject->unit);
        claim.kind = subject->kind;
        claim.low = said->number.low;
        claim.high = said->number.high;
        claim.unit = said->unit;
    } else if (claim.model && claim.machine && says_it_fits(words)) {
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
