#include <plan/calibration.h>

#include <base/json.h>
#include <plan/fields.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sidereal::plan {

namespace {

// Of one run against the next.
constexpr double run_sigma = 0.04;
// The profile knows the overhead of layers less well than the share of bandwidth.
constexpr double layers_doubt = 3;
constexpr Range speed { 1e-3, 1e9 };

// "llama.cpp" and "6918" of "llama.cpp-6918", if the run is of that engine.
bool is_version(Measured const& run, std::string_view engine)
{
    return !run.version.empty() && engine == run.engine + "-" + run.version;
}

bool is_engine(Measured const& run, std::string_view engine)
{
    return run.engine == engine || engine.starts_with(run.engine + "-");
}

std::vector<Measured const*> runs_for(
    std::vector<Measured> const& measured, CorrectionQuery const& query)
{
    std::vector<Measured const*> of_engine;
    std::vector<Measured const*> of_version;
    for (auto const& run : measured) {
        auto const alike = run.device == query.device && run.quant_class == query.quant_class
            && run.phase == query.phase && is_engine(run, query.engine) && !is_outlier(run);
        if (!alike)
            continue;
        of_engine.push_back(&run);
        if (is_version(run, query.engine))
            of_version.push_back(&run);
    }
    return of_version.empty() ? of_engine : of_version;
}

// A symmetric matrix of two rows.
struct Precision {
    double a { 0 };
    double b { 0 };
    double d { 0 };

    double determinant() const { return a * d - b * b; }
};

}

bool is_outlier(Measured const& run)
{
    auto const ratio = run.tokens_per_s / run.predicted;
    return !(ratio > 0.5 && ratio < 2);
}

Correction Calibration::correction(CorrectionQuery const& query) const
{
    Correction correction;
    correction.sigma = query.prior_sigma;
    correction.bandwidth_sigma = correction.prior_bandwidth_sigma = query.prior_sigma;
    correction.layers_sigma = correction.prior_layers_sigma = layers_doubt * query.prior_sigma;
    auto const runs = runs_for(measured, query);
    correction.points = static_cast<int>(runs.size());
    if (runs.empty())
        return correction;
    auto const inverse_square = [](double sigma) { return 1 / (sigma * sigma); };
    Precision precision { inverse_square(correction.bandwidth_sigma), 0,
        inverse_square(correction.layers_sigma) };
    double bandwidth = 0;
    double layers = 0;
    for (auto const* run : runs) {
        auto const& shares = run->shares;
        auto const weight = inverse_square(run_sigma);
        auto const seen = std::log(run->tokens_per_s / run->predicted);
        precision.a += weight * shares.bandwidth * shares.bandwidth;
        precision.b += weight * shares.bandwidth * shares.layers;
        precision.d += weight * shares.layers * shares.layers;
        bandwidth += weight * shares.bandwidth * seen;
        layers += weight * shares.layers * seen;
    }
    auto const determinant = precision.determinant();
    auto const mean_bandwidth = (precision.d * bandwidth - precision.b * layers) / determinant;
    auto const mean_layers = (precision.a * layers - precision.b * bandwidth) / determinant;
    auto const& asked = query.shares;
    auto const variance = (precision.d * asked.bandwidth * asked.bandwidth
                              - 2 * precision.b * asked.bandwidth * asked.layers
                              + precision.a * asked.layers * asked.layers)
        / determinant;
    correction.factor = std::exp(asked.bandwidth * mean_bandwidth + asked.layers * mean_layers);
    // What is left: the parameters' own and that of one more run.
    correction.sigma = std::sqrt(variance + run_sigma * run_sigma);
    correction.bandwidth = std::exp(mean_bandwidth);
    correction.layers = std::exp(-mean_layers);
    correction.bandwidth_sigma = std::sqrt(precision.d / determinant);
    correction.layers_sigma = std::sqrt(precision.a / determinant);
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
        run.shares.bandwidth = fields.maybe_number("bandwidth_share", { 0, 1 }).value_or(1);
        run.shares.layers = fields.maybe_number("layers_share", { 0, 1 }).value_or(0);
        run.source = fields.maybe_text("source").value_or("");
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
            .field("bandwidth_share", run.shares.bandwidth)
            .field("layers_share", run.shares.layers);
        if (!run.source.empty())
            json.field("source", run.source);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take() + "\n";
}

void add_run(Calibration& calibration, Measured run)
{
    auto const same = [&](Measured const& other) {
        return other.device == run.device && other.engine == run.engine
            && other.version == run.version && other.quant_class == run.quant_class
            && other.model == run.model && other.phase == run.phase
            && other.predicted == run.predicted;
    };
    auto const place = std::find_if(calibration.measured.begin(), calibration.measured.end(), same);
    if (place == calibration.measured.end())
        calibration.measured.push_back(std::move(run));
    else
        *place = std::move(run);
}

}
