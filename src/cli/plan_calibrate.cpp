#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_drawing.h>
#include <cli/plan_input.h>
#include <io/file.h>
#include <plan/bench_match.h>
#include <plan/speed.h>

#include <filesystem>
#include <memory>
#include <set>

namespace sidereal::cli {

namespace {

constexpr std::size_t max_report_bytes = 64 << 20;

struct Flags {
    std::vector<std::string> files;
    std::optional<std::string> model;
    std::optional<std::string> machine;
    std::optional<std::string> quant;
    std::optional<std::string> engine_version;
    std::optional<std::string> calibration;
    std::optional<std::string> catalog;
    bool dry_run { false };
    bool csv { false };
};

Result<std::vector<plan::Measured>> read_runs(Flags const& flags, plan::Catalog const& catalog)
{
    plan::BenchSubject subject;
    subject.machine = flags.machine;
    subject.quant = flags.quant;
    if (flags.model)
        subject.model = TRY(load_model(*flags.model, catalog));
    std::vector<plan::Measured> measured;
    for (auto const& file : flags.files) {
        auto const text = TRY(io::read_file(file, max_report_bytes));
        subject.source = file;
        auto runs = TRY(plan::read_bench_report(text, file));
        for (auto& run : runs) {
            if (flags.engine_version)
                run.version = *flags.engine_version;
            measured.push_back(TRY(plan::measure(run, subject, catalog)));
        }
    }
    if (measured.empty())
        return fail(ErrorCode::invalid_input,
            "no run to learn from: tests with a prompt and an answer in one (pp+tg) cannot be told "
            "apart");
    return measured;
}

Table run_table(std::vector<plan::Measured> const& runs)
{
    Table table({ { "DEVICE" }, { "ENGINE" }, { "MODEL" }, { "QUANTS" }, { "PHASE" },
        { "MEASURED", Align::right }, { "PREDICTED", Align::right }, { "RATIO", Align::right },
        { "NOTE" } });
    for (auto const& run : runs) {
        auto const engine = run.version.empty() ? run.engine : run.engine + "-" + run.version;
        table.add({ run.device, engine, run.model, run.quant_class, run.phase,
            fmt::format("{:.2f}", run.tokens_per_s), fmt::format("{:.2f}", run.predicted),
            fmt::format("{:.3f}", run.tokens_per_s / run.predicted),
            is_outlier(run) ? "outlier, not counted" : "" });
    }
    return table;
}

std::string runs_json(std::vector<plan::Measured> const& runs)
{
    JsonWriter json;
    json.begin_array();
    for (auto const& run : runs)
        json.begin_object()
            .field("device", run.device)
            .field("engine", run.engine)
            .field("version", run.version)
            .field("model", run.model)
            .field("quants", run.quant_class)
            .field("phase", run.phase)
            .field("measured_tokens_per_s", run.tokens_per_s)
            .field("predicted_tokens_per_s", run.predicted)
            .field("is_outlier", is_outlier(run))
            .end_object();
    return json.end_array().take();
}

struct Group {
    std::string device;
    std::string engine;
    std::string quant_class;
    std::string phase;

    auto operator<=>(Group const&) const = default;
};

// One number of a profile before and after the runs, with its uncertainty as a share.
struct Learnt {
    Group group;
    int runs { 0 };
    std::string profile;
    std::string parameter;
    double prior { 0 };
    double prior_sigma { 0 };
    double posterior { 0 };
    double posterior_sigma { 0 };
};

void add_parameters(std::vector<Learnt>& all, Learnt learnt, plan::EngineProfile const& profile,
    plan::Correction const& correction)
{
    auto const is_prefill = learnt.group.phase == "prefill";
    learnt.parameter = is_prefill ? "rate of prefill" : "share of bandwidth";
    learnt.prior = is_prefill ? 1 : profile.bandwidth_efficiency;
    learnt.prior_sigma = correction.prior_bandwidth_sigma;
    learnt.posterior = learnt.prior * correction.bandwidth;
    learnt.posterior_sigma = correction.bandwidth_sigma;
    all.push_back(learnt);
    if (is_prefill)
        return;
    learnt.parameter = "us a layer";
    learnt.prior = profile.layer_dense_us;
    learnt.prior_sigma = correction.prior_layers_sigma;
    learnt.posterior = learnt.prior * correction.layers;
    learnt.posterior_sigma = correction.layers_sigma;
    all.push_back(std::move(learnt));
}

Result<std::vector<Learnt>> learnt_from(std::vector<plan::Measured> const& runs,
    plan::Calibration const& calibration, plan::Catalog const& catalog)
{
    std::vector<Learnt> all;
    std::set<Group> groups;
    for (auto const& run : runs)
        groups.insert({ run.device, run.engine, run.quant_class, run.phase });
    for (auto const& group : groups) {
        auto const* device = TRY(plan::find_device(catalog, group.device));
        auto const* profile = TRY(plan::find_profile(*device, group.engine, catalog));
        auto const sigma = group.phase == "prefill" ? profile->prefill_sigma
                                                    : profile->decode_sigma_unseen;
        auto const correction = calibration.correction(
            { group.device, group.engine, group.quant_class, group.phase, sigma, {} });
        Learnt learnt;
        learnt.group = group;
        learnt.runs = correction.points;
        learnt.profile = profile->id;
        add_parameters(all, std::move(learnt), *profile, correction);
    }
    return all;
}

void draw(std::vector<Learnt> const& all)
{
    Group const* before = nullptr;
    for (auto const& learnt : all) {
        auto const& group = learnt.group;
        if (!before || *before != group)
            print(stdout,
                fmt::format("\n{} {} {} {}: {} run{} that count{}, prior {}\n", group.device,
                    group.engine, group.quant_class, group.phase, learnt.runs,
                    learnt.runs == 1 ? "" : "s", learnt.runs == 1 ? "s" : "", learnt.profile));
        before = &group;
        print(stdout,
            fmt::format("  {:<18}  {:.3g} +- {:.0f} % -> {:.3g} +- {:.0f} %\n", learnt.parameter,
                learnt.prior, 100 * learnt.prior_sigma, learnt.posterior,
                100 * learnt.posterior_sigma));
    }
}

std::string learnt_json(std::vector<Learnt> const& all)
{
    JsonWriter json;
    json.begin_array();
    for (auto const& learnt : all)
        json.begin_object()
            .field("device", learnt.group.device)
            .field("engine", learnt.group.engine)
            .field("quants", learnt.group.quant_class)
            .field("phase", learnt.group.phase)
            .field("runs", learnt.runs)
            .field("parameter", learnt.parameter)
            .field("prior", learnt.prior)
            .field("prior_sigma", learnt.prior_sigma)
            .field("posterior", learnt.posterior)
            .field("posterior_sigma", learnt.posterior_sigma)
            .field("profile", learnt.profile)
            .end_object();
    return json.end_array().take();
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.catalog));
    auto const runs = TRY(read_runs(flags, catalog));
    auto const path = flags.calibration.value_or(calibration_path());
    if (path.empty())
        return fail(ErrorCode::invalid_input,
            "no place for what is learnt: set HOME, or say --calibration FILE");
    plan::Calibration calibration;
    if (io::path_exists(path))
        calibration = TRY(load_calibration(path));
    for (auto const& measured : runs)
        plan::add_run(calibration, measured);
    auto const learnt = TRY(learnt_from(runs, calibration, catalog));
    if (!flags.dry_run) {
        std::error_code ignored;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
        TRY(io::write_file_atomic(path, plan::write_calibration(calibration)));
    }
    if (flags.csv) {
        print(stdout, run_table(runs).csv());
    } else if (context.format == OutputFormat::json) {
        print(stdout,
            fmt::format("{{\"runs\": {}, \"parameters\": {}, \"written\": {}}}\n", runs_json(runs),
                learnt_json(learnt), !flags.dry_run));
    } else {
        print(stdout, run_table(runs).draw(colors_wanted(stdout)));
        draw(learnt);
        print(stdout,
            flags.dry_run ? "nothing is written (--dry-run)\n"
                          : fmt::format("{} runs in {}\n", calibration.measured.size(), path));
    }
    return 0;
}

}

Command plan_calibrate()
{
    return { "plan calibrate", "learn from your own llama-bench and vLLM results",
        "llama-bench -m model.gguf -o json > bench.json\n"
        "sidereal plan calibrate bench.json --model model.gguf --machine rtx-4090",
        Speaks::to_nobody, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ "FILE", &flags->files,
                "what llama-bench prints (json, jsonl, csv or md), or vllm bench serve saves",
                "FILE", true });
            options.push_back({ "--model", &flags->model,
                "which model it was, if the report does not say it: a file or an id", "MODEL" });
            options.push_back({ "-m,--machine", &flags->machine,
                "which device, if the report does not say it", "MACHINE" });
            options.push_back(
                { "-q,--quant", &flags->quant, "how the weights were stored", "QUANT" });
            options.push_back({ "--engine-version", &flags->engine_version,
                "of the engine; llama-bench says it in JSON and CSV", "VERSION" });
            options.push_back({ "--calibration", &flags->calibration,
                "where it is kept (default: calibration.json beside the catalogue of your own)",
                "FILE" });
            options.push_back({ "--dry-run", &flags->dry_run, "show it and write nothing" });
            options.push_back({ "--csv", &flags->csv, "the runs as comma-separated values" });
            add_catalog_option(options, flags->catalog);
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
