#include <plan/bench_match.h>

#include <plan/claim_words.h>
#include <plan/model_plan.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

// "Q4_K - Medium" as llama-bench writes Q4_K_M.
std::string with_short_mixes(std::string text)
{
    for (auto const& [from, to] : std::array<std::pair<std::string_view, std::string_view>, 3> {
             std::pair { " - Medium", "_M" }, std::pair { " - Small", "_S" },
             std::pair { " - Large", "_L" } }) {
        if (auto const at = text.find(from); at != text.npos)
            text.replace(at, from.size(), to);
    }
    return text;
}

Result<Model> model_for(BenchRun const& run, BenchSubject const& subject, Catalog const& catalog)
{
    if (subject.model)
        return *subject.model;
    auto const id = model_in(split_claim(run.model), catalog);
    if (!id)
        return fail(ErrorCode::invalid_input,
            "{}: cannot tell which model '{}' is: say it with --model, a file or one of 'sidereal "
            "plan catalog models'",
            subject.source, run.model);
    return model_of(*TRY(find_model(catalog, *id)));
}

Result<Machine> machine_for(
    BenchRun const& run, BenchSubject const& subject, Catalog const& catalog)
{
    auto const text = subject.machine ? subject.machine
                                      : machine_in(split_claim(run.device), catalog);
    if (!text)
        return fail(ErrorCode::invalid_input,
            "{}: cannot tell which device '{}' is: say it with --machine, one of 'sidereal plan "
            "catalog'",
            subject.source, run.device);
    return read_machine(*text, {}, catalog);
}

}

Result<Measured> measure(BenchRun const& run, BenchSubject const& subject, Catalog const& catalog)
{
    auto const model = TRY(model_for(run, subject, catalog));
    auto const machine = TRY(machine_for(run, subject, catalog));
    Workload workload;
    workload.engine = run.engine;
    auto quant = subject.quant ? subject.quant
                               : quant_in(split_claim(with_short_mixes(run.model)), catalog);
    // gpt-oss calls itself MXFP4, which its experts are.
    if (!model.quant.empty() && (!quant || *quant == "MXFP4"))
        quant = model.quant;
    if (!quant && run.engine == "vllm")
        quant = "BF16";
    if (!quant)
        return fail(ErrorCode::invalid_input,
            "{}: cannot tell how the weights of '{}' are stored: say it with --quant",
            subject.source, run.model);
    workload.quant = *quant;
    workload.cache_type = run.cache_type;
    workload.streams = run.streams;
    workload.micro_batch = run.micro_batch;
    auto const is_decode = run.phase == "decode";
    workload.prompt = is_decode ? std::max<std::int64_t>(run.depth, 1) : run.prompt;
    workload.cached = is_decode ? 0 : run.depth;
    // The middle of the answer.
    workload.depth = is_decode ? run.depth + std::max<std::int64_t>(run.generated / 2, 1) : 0;
    workload.context = std::max(
        { workload.context, workload.depth + 1, workload.prompt + workload.cached + 1 });
    auto const plan = TRY(plan_model(model, machine, workload, catalog));
    Measured measured;
    measured.device = machine.devices.front().id;
    measured.engine = run.engine;
    measured.version = run.version;
    measured.quant_class = quant_class(plan.weights.quant);
    measured.model = model.id;
    measured.phase = run.phase;
    measured.tokens_per_s = run.tokens_per_s;
    measured.predicted = is_decode ? plan.decode.value : plan.prefill.value;
    measured.shares = is_decode ? plan.shares : Shares {};
    measured.source = subject.source;
    return measured;
}

}
