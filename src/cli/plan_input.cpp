#include <cli/plan_input.h>

#include <io/file.h>
#include <openjd/text_rules.h>

#include <cstdlib>

namespace sidereal::cli {

namespace {

constexpr std::size_t max_catalog_bytes = 8 << 20;

std::string own_path(std::string const& name)
{
    auto const text_of = [](char const* variable) {
        char const* value = std::getenv(variable);
        return std::string(value ? value : "");
    };
    if (auto const config = text_of("XDG_CONFIG_HOME"); !config.empty())
        return config + "/sidereal/" + name;
    auto const home = text_of("HOME");
    return home.empty() ? "" : home + "/.config/sidereal/" + name;
}

Status add_file(plan::Catalog& catalog, std::string const& path)
{
    auto const text = TRY(io::read_file(path, max_catalog_bytes));
    return plan::add_to_catalog(catalog, text, path);
}

Result<plan::Speculation> read_draft(std::string const& text)
{
    std::vector<double> numbers;
    std::string_view rest = text;
    while (true) {
        auto const comma = rest.find(',');
        auto const number = openjd::parse_float(rest.substr(0, comma));
        if (!number)
            break;
        numbers.push_back(*number);
        if (comma == std::string_view::npos)
            break;
        rest.remove_prefix(comma + 1);
    }
    if (numbers.size() != 3)
        return fail(ErrorCode::invalid_input,
            "--draft {}: expected ACCEPTANCE,LENGTH,COST, as in 0.7,4,0.1", text);
    return plan::Speculation { numbers[0], static_cast<std::int64_t>(numbers[1]), numbers[2] };
}

void add_money_options(std::vector<Option>& options, plan::Workload& workload)
{
    options.push_back({ "--usd-per-kwh", &workload.usd_per_kwh, "price of electricity", "USD" });
    options.push_back(
        { "--years", &workload.years, "over which a machine's price is spread", "N" });
    options.push_back({ "--host-memory-gib", &workload.host_memory_gib,
        "memory of the computer around the cards, for what does not fit them", "GIB" });
    options.push_back({ "--host-gb-per-s", &workload.host_gb_per_s,
        "how fast weights in the host's memory are worked through", "GB/S" });
}

}

void add_catalog_option(std::vector<Option>& options, std::optional<std::string>& path)
{
    options.push_back({ "--catalog", &path,
        "facts of your own on top of the shipped ones (and of $XDG_CONFIG_HOME/sidereal/"
        "catalog.json)",
        "FILE" });
}

Result<plan::Catalog> load_catalog(std::optional<std::string> const& path)
{
    auto catalog = plan::shipped_catalog();
    if (auto const own = own_path("catalog.json"); !own.empty() && io::path_exists(own))
        TRY(add_file(catalog, own));
    if (path)
        TRY(add_file(catalog, *path));
    return catalog;
}

std::string calibration_path() { return own_path("calibration.json"); }

Result<plan::Calibration> load_calibration(std::optional<std::string> const& path)
{
    auto const file = path.value_or(calibration_path());
    if (!path && (file.empty() || !io::path_exists(file)))
        return plan::Calibration {};
    auto const text = TRY(io::read_file(file, max_catalog_bytes));
    return plan::read_calibration(text, file);
}

void add_workload_options(std::vector<Option>& options, WorkloadFlags& flags)
{
    auto& workload = flags.workload;
    options.push_back({ "MODEL", &flags.model,
        "a GGUF file, a safetensors file or index, a config.json, or an id of 'plan catalog "
        "models'",
        "FILE", true });
    options.push_back({ "-m,--machine", &flags.machines,
        "devices of 'plan catalog', as in 3xrtx-3090, rtx-4090+rtx-3090, m3-ultra-80c:256 "
        "(GiB) or epyc-9654:384@307 (GiB@GB/s); again to compare",
        "MACHINE" });
    options.push_back({ "-q,--quant", &flags.quant,
        "how the weights are stored; by default as in the file", "QUANT" });
    options.push_back(
        { "--engine", &workload.engine, "what runs it, of 'plan catalog engines'", "ENGINE" });
    options.push_back({ "-c,--context", &flags.context,
        "tokens that a stream may grow to (default: 8192, or what the prompt takes)", "TOKENS" });
    options.push_back({ "--prompt", &flags.prompt,
        "tokens of the prompt (default: 2048, or what the context holds)", "TOKENS" });
    options.push_back({ "--depth", &workload.depth,
        "tokens in the cache when decoding is timed; 0: the prompt", "TOKENS" });
    options.push_back({ "--cached", &workload.cached,
        "tokens before the prompt that are in the cache already", "TOKENS" });
    options.push_back({ "-n,--streams", &workload.streams, "requests at a time", "N" });
    options.push_back(
        { "--cache", &workload.cache_type, "type of the cache: f16, q8_0, fp8, …", "TYPE" });
    options.push_back(
        { "--micro-batch", &workload.micro_batch, "tokens of a prompt at once", "N" });
    options.push_back({ "--split", &flags.split, "how several devices share the model",
        "auto|layer|tensor", false, {}, {}, { "auto", "layer", "tensor" } });
    options.push_back({ "--link", &flags.link, "between them, an id of the catalogue", "LINK" });
    options.push_back({ "--draft", &flags.draft,
        "speculative decoding: share of guesses that hold, guesses a step, cost of one over that "
        "of a step",
        "A,N,C" });
    add_money_options(options, workload);
    add_catalog_option(options, flags.catalog);
    options.push_back({ "--calibration", &flags.calibration,
        "measured runs (default: calibration.json beside the catalogue of your own)", "FILE" });
}

// Where only one of context and prompt is said, the other follows it.
Status fill_tokens(
    plan::Workload& workload, WorkloadFlags const& flags, std::optional<std::int64_t> most)
{
    constexpr std::int64_t unlimited = 1 << 24;
    workload.prompt = flags.prompt.value_or(workload.prompt);
    workload.context = flags.context.value_or(workload.context);
    for (auto const count :
        { workload.prompt, workload.cached, workload.depth, workload.context }) {
        // Refused later, by name.
        if (count < 0 || count > unlimited)
            return {};
    }
    auto const needed = std::max(workload.cached + workload.prompt, workload.depth);
    if (!flags.context) {
        auto const usual = std::min(workload.context, most.value_or(workload.context));
        workload.context = flags.prompt || workload.cached > 0 || workload.depth > 0
            ? std::max(usual, needed)
            : usual;
    }
    if (!flags.prompt)
        workload.prompt = std::clamp<std::int64_t>(
            workload.context - workload.cached, 1, workload.prompt);
    auto const filled = std::max(workload.cached + workload.prompt, workload.depth);
    if (filled > workload.context && workload.context > 0)
        return fail(ErrorCode::invalid_input,
            "--context is {}: {} tokens are to be in it (of --cached, --prompt and --depth)",
            workload.context, filled);
    return {};
}

Result<plan::Workload> read_workload(WorkloadFlags const& flags, plan::Model const& model)
{
    auto workload = flags.workload;
    TRY(fill_tokens(workload, flags, model.max_context));
    workload.quant = flags.quant.value_or("");
    if (flags.split != "auto")
        workload.split = flags.split == "tensor" ? plan::Split::tensor : plan::Split::layer;
    if (flags.draft)
        workload.speculation = TRY(read_draft(*flags.draft));
    return workload;
}

}
