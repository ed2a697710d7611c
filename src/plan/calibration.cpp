#include <plan/calibration.h>

#include <base/json.h>
#include <plan/fields.h>

#include <cmath>

namespace sidereal::plan {

namespace {

// Of one run against the next.
constexpr double run_sigma = 0.04;
constexpr Range speed { 1e-3, 1e9 };

bool is_alike(Measured const& run, std::string_view device, std::string_view engine,
    std::string_view quant_class, std::string_view phase)
{
    auto const same_engine = run.engine == engine || engine == run.engine + "-" + run.version;
    return run.device == device && same_engine && run.quant_class == quant_class
        && run.phase == phase && !is_outlier(run);
}

}

bool is_outlier(Measured const& run)
{
    auto const ratio = run.tokens_per_s / run.predicted;
    return !(ratio > 0.5 && ratio < 2);
}

Correction Calibration::correction(std::string_view device, std::string_view engine,
    std::string_view quant_class, std::string_view phase, double prior_sigma) const
{
    Correction correction { 1, prior_sigma, 0 };
    double sum = 0;
    for (auto const& run : measured) {
        if (!is_alike(run, device, engine, quant_class, phase))
            continue;
        sum += std::log(run.tokens_per_s / run.predicted);
        ++correction.points;
    }
    if (correction.points == 0)
        return correction;
    auto const prior = 1 / (prior_sigma * prior_sigma);
    auto const data = correction.points / (run_sigma * run_sigma);
    correction.factor = std::exp(sum / correction.points * data / (prior + data));
    // What is left: the mean's own and that of one more run.
    correction.sigma = std::sqrt(1 / (prior + data) + run_sigma * run_sigma);
    return correction;
}

Result<Calibration> read_calibration(std::string_view text, std::string_view name)
{
    auto const parsed = parse_json(text);
    if (!parsed)
        return fail(parsed.error().code, "{}: {}", name, parsed.error().message);
    Fields document(*TRY(as_object(*parsed, name)), std::string(name));
    Calibration calibration;
    for (auto const* object : document.objects("runs")) {
        Fields fields(*object, fmt::format("{}: runs[{}]", name, calibration.measured.size()));
        Measured run;
        run.device = fields.text("device");
        run.engine = fields.text("engine");
        run.version = fields.maybe_text("version").value_or("");
        run.quant_class = fields.text("quant_class");
        run.model = fields.maybe_text("model").value_or("");
        run.phase = fields.word("phase", { "decode", "prefill" });
        run.tokens_per_s = fields.number("tokens_per_s", speed);
        run.predicted = fields.number("predicted_tokens_per_s", speed);
        TRY(fields.finish());
        calibration.measured.push_back(std::move(run));
    }
    TRY(document.finish());
    return calibration;
}

std::string write_calibration(Calibration const& calibration)
{
    JsonWriter json;
    json.begin_object().key("runs").begin_array();
    for (auto const& run : calibration.measured) {
        json.begin_object().field("device", run.device).field("engine", run.engine);
        if (!run.version.empty())
            json.field("version", run.version);
        json.field("quant_class", run.quant_class);
        if (!run.model.empty())
            json.field("model", run.model);
        json.field("phase", run.phase)
            .field("tokens_per_s", run.tokens_per_s)
            .field("predicted_tokens_per_s", run.predicted)
            .end_object();
    }
    json.end_array().end_object();
    return json.take() + "\n";
}

Result<std::vector<BenchRun>> read_llama_bench(std::string_view text, std::string_view name)
{
    auto const parsed = parse_json(text);
    if (!parsed)
        return fail(parsed.error().code, "{}: {}", name, parsed.error().message);
    if (!parsed->is_array())
        return fail(ErrorCode::invalid_input,
            "{}: expected the array that 'llama-bench -o json' prints", name);
    std::vector<BenchRun> runs;
    for (auto const& entry : parsed->get_array()) {
        auto const& object = *TRY(as_object(entry, name));
        Fields fields(object, fmt::format("{}: run {}", name, runs.size()));
        BenchRun run;
        run.version = fmt::format("{}", fields.maybe_count("build_number", { 0, 1e9 }).value_or(0));
        run.model = fields.text("model_type");
        run.prompt = fields.number("n_prompt", { 0, 1e9 });
        run.generated = fields.number("n_gen", { 0, 1e9 });
        run.depth = fields.maybe_number("n_depth", { 0, 1e9 }).value_or(0);
        run.tokens_per_s = fields.number("avg_ts", speed);
        run.phase = run.generated > 0 ? "decode" : "prefill";
        for (auto const& pair : object)
            fields.skip(std::string_view(pair.key()));
        TRY(fields.finish());
        // Both in one run cannot be told apart.
        if (run.prompt == 0 || run.generated == 0)
            runs.push_back(std::move(run));
    }
    return runs;
}

Result<std::vector<BenchRun>> read_vllm_bench(std::string_view text, std::string_view name)
{
    auto const parsed = parse_json(text);
    if (!parsed)
        return fail(parsed.error().code, "{}: {}", name, parsed.error().message);
    auto const& object = *TRY(as_object(*parsed, name));
    Fields fields(object, std::string(name));
    BenchRun run;
    run.phase = "decode";
    run.model = fields.maybe_text("model_id").value_or("");
    run.streams = fields.maybe_number("max_concurrency", { 1, 1e6 }).value_or(1);
    // What one stream sees between its tokens.
    auto const per_token_ms = fields.number("mean_tpot_ms", { 1e-3, 1e9 });
    run.tokens_per_s = 1000 / per_token_ms;
    for (auto const& pair : object)
        fields.skip(std::string_view(pair.key()));
    TRY(fields.finish());
    return std::vector<BenchRun> { run };
}

}
