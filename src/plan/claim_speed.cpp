#include <plan/cache.h>
#include <plan/claim_check.h>
#include <plan/finetune.h>
#include <plan/speed.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

// Of a weight that nothing was said about.
constexpr std::string_view usual_quant = "Q4_K_M";
// What speculative decoding gives at the very best on prompts that are easy to guess.
constexpr double best_speculation = 3;
constexpr std::int64_t most_streams_tried = 4096;

struct SpeedCase {
    Model model;
    Machine machine;
    Workload workload;
    ModelPlan plan;
    double cache_bits { 16 };
};

std::string usual_engine(Machine const& machine, std::string_view quant)
{
    auto const& device = machine.devices.front();
    auto const is_served = quant.starts_with("NVFP4") || quant.starts_with("FP8")
        || quant.starts_with("INT4") || quant == "BF16";
    if (!is_served || device.vendor != "nvidia")
        return "llama.cpp";
    return device.family == "gb10" ? "trt-llm" : "vllm";
}

// Whoever claims a speed had the memory for it, of which a processor's is the board's.
Result<Machine> running_machine(Claim const& claim, Catalog const& catalog, ClaimAnswer& answer)
{
    constexpr std::string_view enough = ":1024";
    if (claim.machine && claim.machine->find_first_of(":+") == std::string::npos) {
        auto const devices = TRY(read_devices(*claim.machine, catalog));
        if (!devices.front().memory_gib) {
            answer.assumed.emplace_back("memory enough for it");
            return read_machine(*claim.machine + std::string(enough), {}, catalog);
        }
    }
    return claimed_machine(claim, catalog);
}

Result<SpeedCase> speed_case(Claim const& claim, Catalog const& catalog, ClaimAnswer& answer)
{
    // One a line: what returns out of the middle of a list leaves what came before it behind.
    auto model = TRY(claimed_model(claim, catalog));
    auto machine = TRY(running_machine(claim, catalog, answer));
    SpeedCase made { std::move(model), std::move(machine), {}, {}, 16 };
    auto& workload = made.workload;
    if (!claim.quant && made.model.quant.empty())
        answer.assumed.push_back(fmt::format("weights in {}", usual_quant));
    workload.quant = claim.quant.value_or(made.model.quant.empty() ? std::string(usual_quant) : "");
    workload.engine = claim.engine.value_or(usual_engine(made.machine, workload.quant));
    workload.streams = std::max<std::int64_t>(claim.streams.value_or(1), 1);
    if (!claim.streams && claim.kind == ClaimKind::decode)
        answer.assumed.emplace_back("one request at a time");
    workload.prompt = std::max<std::int64_t>(claim.context.value_or(512), 1);
    workload.depth = claim.context.value_or(256);
    if (!claim.context)
        answer.assumed.emplace_back("a short prompt");
    workload.context = std::max(workload.prompt + 64, workload.depth + 1);
    // As whoever wants to impress sets it.
    workload.micro_batch = std::min<std::int64_t>(workload.prompt, 2048);
    made.plan = TRY(plan_model(made.model, made.machine, workload, catalog));
    made.cache_bits = TRY(cache_bits(workload.cache_type, catalog));
    return made;
}

double bandwidth_of(Machine const& machine)
{
    double sum = 0;
    for (auto const& device : machine.devices)
        sum += device.bandwidth_gb_per_s * 1e9;
    return sum;
}

// Tokens a second of all streams if every byte is moved once by all devices at nominal speed.
double decode_ceiling(SpeedCase const& made, Parts const& bytes, std::int64_t streams)
{
    auto const cache = static_cast<double>(streams)
        * cache_bytes(made.model, { made.workload.depth, made.cache_bits });
    return static_cast<double>(streams) * bandwidth_of(made.machine)
        / (bytes_read(made.model, bytes, streams) + cache);
}

Method method_of(Claim const& claim)
{
    if (claim.method == "qlora")
        return Method::qlora;
    return claim.method == "lora" ? Method::lora : Method::full;
}

// The largest dense peak that weights of that many bits could use.
double best_peak(Machine const& machine, double bits)
{
    double sum = 0;
    for (auto const& device : machine.devices) {
        auto const& compute = device.compute;
        auto peak = std::max(
            compute.fp16_tflops.value_or(1), compute.fp16_fp16acc_tflops.value_or(0));
        if (bits <= 10)
            peak = std::max(
                { peak, compute.fp8_tflops.value_or(0), compute.int8_tops.value_or(0) });
        if (bits <= 5.5)
            peak = std::max(peak, compute.fp4_tflops.value_or(0));
        sum += peak * 1e12;
    }
    return sum;
}

double prefill_ceiling(SpeedCase const& made)
{
    auto const bits = 8 * made.plan.weights.bytes.total() / made.model.params.total();
    return best_peak(made.machine, bits) / (2 * made.model.prompt_params());
}

void add_smaller_quants(
    ClaimAnswer& answer, SpeedCase const& made, double said, Catalog const& catalog)
{
    for (auto const* quant : { "Q3_K_S", "Q2_K", "IQ1_S" }) {
        auto const weights = size_weights(made.model, quant, "llama.cpp", catalog);
        if (!weights || weights->bytes.total() >= made.plan.weights.bytes.total())
            continue;
        auto const ceiling = decode_ceiling(made, weights->bytes, made.workload.streams);
        if (ceiling < said)
            continue;
        answer.conditions.push_back(
            fmt::format("the weights are in {}, which allows {:.4g} tok/s", quant, ceiling));
        return;
    }
}

void add_more_streams(ClaimAnswer& answer, SpeedCase const& made, double said)
{
    for (std::int64_t streams = 2; streams <= most_streams_tried; streams *= 2) {
        auto const ceiling = std::min(
            decode_ceiling(made, made.plan.weights.bytes, streams), prefill_ceiling(made));
        if (ceiling < said)
            continue;
        answer.conditions.push_back(fmt::format(
            "it is the sum over {} or more requests at a time, which allows {:.4g} tok/s", streams,
            ceiling));
        return;
    }
}

// What would make an impossible number of one stream possible.
void find_conditions(ClaimAnswer& answer, Claim const& claim, SpeedCase const& made, double said,
    Catalog const& catalog)
{
    if (!claim.quant && made.model.quant.empty())
        add_smaller_quants(answer, made, said, catalog);
    if (!claim.streams)
        add_more_streams(answer, made, said);
    if (answer.factor <= best_speculation)
        answer.conditions.push_back(
            fmt::format("speculative decoding makes it {:.2f} times as fast", answer.factor));
    if (!claim.streams && said <= prefill_ceiling(made))
        answer.conditions.push_back(fmt::format(
            "it is the speed of prompt processing, of which the ceiling is {:.4g} tok/s",
            prefill_ceiling(made)));
}

void explain_decode(ClaimAnswer& answer, SpeedCase const& made)
{
    auto const read = bytes_read(made.model, made.plan.weights.bytes, made.workload.streams);
    auto const& device = made.machine.devices.front();
    answer.explained.push_back({ "ceiling", answer.ceiling, "tok/s",
        fmt::format("{} x {} GB/s x {} streams / ({:.4g} GB of weights + {:.3g} GB of cache a "
                    "stream)",
            made.machine.devices.size(), device.bandwidth_gb_per_s, made.workload.streams,
            read / 1e9, cache_bytes(made.model, { made.workload.depth, made.cache_bits }) / 1e9),
        device.source, device.confidence });
    answer.explained.push_back({ "expected", answer.expected->value, "tok/s",
        fmt::format(
            "as `plan model` reckons with {} on {}", made.workload.engine, made.machine.text),
        "engine profile", "medium" });
}

// A model that does not fit: what lies elsewhere has to be read at a speed that there is.
void judge_spilled(ClaimAnswer& answer, SpeedCase const& made, double said)
{
    // Twelve channels of DDR5, and nothing else to do.
    constexpr double most_elsewhere = 600e9;
    double missing = 0;
    for (auto const& device : made.plan.devices)
        missing += std::max(0.0, device.need() - device.usable);
    auto const& weights = made.plan.weights.bytes;
    auto const streams = made.workload.streams;
    auto const left = bytes_read(made.model, weights, streams)
        * std::min(1.0, missing / weights.total());
    auto const step = static_cast<double>(streams) / said;
    auto const inside = static_cast<double>(streams) / answer.ceiling
        - left / bandwidth_of(made.machine);
    auto const needed = step > inside ? left / (step - inside) : most_elsewhere * 2;
    answer.judgement = ClaimJudgement::possible_if;
    if (needed <= most_elsewhere) {
        answer.conditions.push_back(fmt::format(
            "{:.3g} GB of the model, for which there is no room, are read elsewhere: {:.3g} GB a "
            "step, at {:.3g} GB/s or more",
            missing / 1e9, left / 1e9, needed / 1e9));
        return;
    }
    answer.conditions.push_back(
        fmt::format("the weights are smaller: there is no room for {:.3g} GB of the model, and no "
                    "memory elsewhere is fast enough",
            missing / 1e9));
}

Result<ClaimAnswer> check_decode(Claim const& claim, Catalog const& catalog)
{
    ClaimAnswer answer;
    auto const made = TRY(speed_case(claim, catalog, answer));
    auto const& plan = made.plan;
    answer.expected = plan.decode_all;
    answer.ceiling = decode_ceiling(made, plan.weights.bytes, made.workload.streams);
    judge_by_ceiling(answer, claim.low);
    explain_decode(answer, made);
    if (answer.judgement == ClaimJudgement::impossible) {
        find_conditions(answer, claim, made, claim.low, catalog);
        if (!answer.conditions.empty())
            answer.judgement = ClaimJudgement::possible_if;
        return answer;
    }
    auto const roofline = plan.roofline * static_cast<double>(made.workload.streams);
    if (claim.low > answer.expected->high && claim.low > roofline) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.emplace_back(
            "the devices share each layer's tensors: one after the other they are slower");
    } else if (claim.low > answer.expected->high) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format(
            "the engine reaches {:.0f} % of the ceiling, where {:.0f} % is to be expected",
            100 * answer.factor, 100 * answer.expected->value / answer.ceiling));
    } else if (claim.high < answer.expected->value / 2) {
        answer.conditions.emplace_back(
            "less than half of what the hardware and its like do: the engine or its settings held "
            "it back");
    }
    if (plan.verdict != Verdict::fits)
        judge_spilled(answer, made, claim.low);
    return answer;
}

Result<ClaimAnswer> check_prefill(Claim const& claim, Catalog const& catalog)
{
    ClaimAnswer answer;
    auto const made = TRY(speed_case(claim, catalog, answer));
    answer.expected = made.plan.prefill;
    answer.ceiling = prefill_ceiling(made);
    judge_by_ceiling(answer, claim.low);
    auto const& device = made.machine.devices.front();
    answer.explained.push_back({ "ceiling", answer.ceiling, "tok/s",
        fmt::format("largest dense peak for such weights, {:.4g} TFLOPS / (2 x {:.4g} parameters)",
            answer.ceiling * 2 * made.model.prompt_params() / 1e12, made.model.prompt_params()),
        device.source, device.confidence });
    if (answer.judgement == ClaimJudgement::impossible) {
        if (answer.factor <= 2) {
            answer.judgement = ClaimJudgement::possible_if;
            answer.conditions.emplace_back(
                "half of the weights are zeros that sparse tensor units skip");
        }
        answer.conditions.emplace_back("most of the prompt lay in a cache already");
        return answer;
    }
    if (claim.low > answer.expected->high) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format(
            "the engine reaches {:.0f} % of the dense peak, where {:.0f} % is to be expected",
            100 * answer.factor, 100 * answer.expected->value / answer.ceiling));
    }
    return answer;
}

}

Result<ClaimAnswer> check_speed_claim(Claim const& claim, Catalog const& catalog)
{
    return claim.kind == ClaimKind::prefill ? check_prefill(claim, catalog)
                                            : check_decode(claim, catalog);
}

Result<ClaimAnswer> check_training_claim(Claim const& claim, Catalog const& catalog)
{
    auto const model = TRY(claimed_model(claim, catalog));
    auto const machine = TRY(claimed_machine(claim, catalog));
    auto const method = method_of(claim);
    auto const length = claim.context.value_or(2048);
    double peak = 0;
    for (auto const& device : machine.devices)
        peak += device.compute.fp16_tflops.value_or(0);
    ClaimAnswer answer;
    answer.ceiling = training_ceiling(model, method, { peak, length, false });
    judge_by_ceiling(answer, claim.low);
    answer.explained.push_back({ "ceiling", answer.ceiling, "tok/s",
        fmt::format("{} dense BF16 TFLOPS, all of them / operations a real token of {}", peak,
            claim.method),
        machine.devices.front().source, machine.devices.front().confidence });
    // A third to a half of the peak is what large jobs reach.
    answer.expected = Estimate { 0.35 * answer.ceiling, 0.2 * answer.ceiling,
        0.5 * answer.ceiling };
    if (answer.judgement == ClaimJudgement::impossible) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format("tokens are counted that are not there: rows cut "
                                                "or padded to a length of which at most "
                                                "{:.0f} % is text; as real tokens it is impossible",
            100 / answer.factor));
    } else if (claim.low > answer.expected->high) {
        answer.judgement = ClaimJudgement::possible_if;
        answer.conditions.push_back(fmt::format(
            "{:.0f} % of the peak is reached, more than large jobs do", 100 * answer.factor));
    }
    return answer;
}

Result<ClaimAnswer> check_training_need(Claim const& claim, Catalog const& catalog)
{
    auto const model = TRY(claimed_model(claim, catalog));
    // Memory goes by the number of devices; a number of GB is of one that holds it all.
    auto const is_fit = claim.kind == ClaimKind::fit;
    auto const machine = is_fit ? TRY(claimed_machine(claim, catalog))
                                : TRY(read_machine("dgx-spark-gb10", {}, catalog));
    Training training;
    training.method = method_of(claim);
    training.batch = 1;
    training.fused_loss = true;
    training.max_length = claim.context.value_or(512);
    auto const plan = TRY(plan_training(model, machine, training));
    auto const& memory = plan.memory;
    auto const need = memory.total() / 1e9;
    auto const have = is_fit ? plan.usable_bytes / 1e9 : claim.high;
    ClaimAnswer answer;
    answer.ceiling = is_fit ? have / need : need;
    answer.factor = need / have;
    // A card that is sold with so many GiB has more GB.
    constexpr double gib_to_gb = 1.0737;
    answer.judgement = answer.factor <= gib_to_gb ? ClaimJudgement::possible
                                                  : ClaimJudgement::impossible;
    answer.assumed.push_back(
        fmt::format("{}, one row of {} tokens at a time, activations computed again, rank {}",
            claim.method, training.max_length, training.rank));
    answer.explained.push_back({ "need", need, "GB",
        fmt::format("{:.4g} GB of weights + {:.3g} of gradients and optimizer + {:.3g} of "
                    "activations and logits + {:.3g} of the runtime",
            memory.weights / 1e9, (memory.gradients + memory.optimizer) / 1e9,
            (memory.activations + memory.logits) / 1e9, memory.runtime / 1e9),
        "as `plan finetune` reckons", "medium" });
    return answer;
}

}
