#include <plan/inverse.h>

#include <plan/cache.h>
#include <plan/memory.h>

#include <algorithm>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr int most_devices = 8;

bool is_enough(ModelPlan const& plan, Wanted const& wanted)
{
    return plan.verdict == Verdict::fits && plan.decode.value >= wanted.decode_tokens_per_s
        && plan.first_token_s <= wanted.first_token_s;
}

template<typename Search>
Result<std::int64_t> search(Model const& model, Machine const& machine, Workload const& workload,
    Catalog const& catalog, Search const& find)
{
    auto const plan = TRY(plan_model(model, machine, workload, catalog));
    auto const bits = TRY(cache_bits(workload.cache_type, catalog));
    return find(MemoryInput { model, machine, workload, plan.weights, plan.split, bits });
}

}

Result<std::int64_t> most_context(
    Model const& model, Machine const& machine, Workload const& workload, Catalog const& catalog)
{
    return search(model, machine, workload, catalog, largest_context);
}

Result<std::int64_t> most_streams(
    Model const& model, Machine const& machine, Workload const& workload, Catalog const& catalog)
{
    return search(model, machine, workload, catalog, largest_streams);
}

Result<std::optional<Choice>> best_quant(Model const& model, Machine const& machine,
    Workload const& workload, Wanted const& wanted, Catalog const& catalog,
    Calibration const& calibration)
{
    for (auto const& quant : quant_ladder(workload.engine)) {
        auto asked = workload;
        asked.quant = quant;
        auto plan = TRY(plan_model(model, machine, asked, catalog, calibration));
        if (is_enough(plan, wanted))
            return Choice { quant, std::move(plan), machine.price_usd() };
    }
    return std::optional<Choice> {};
}

std::vector<Choice> cheapest_machines(Model const& model, Workload const& workload,
    Wanted const& wanted, Catalog const& catalog, Calibration const& calibration)
{
    std::vector<Choice> choices;
    for (auto const& device : catalog.devices) {
        if (device.prices.empty() || !device.memory_gib)
            continue;
        for (int count = 1; count <= most_devices; ++count) {
            auto const text = count > 1 ? fmt::format("{}x{}", count, device.id) : device.id;
            auto const machine = read_machine(text, {}, catalog);
            auto plan = machine ? plan_model(model, *machine, workload, catalog, calibration)
                                : tl::unexpected(machine.error());
            if (!plan || !is_enough(*plan, wanted))
                continue;
            choices.push_back({ text, std::move(*plan), machine->price_usd() });
            break;
        }
    }
    std::stable_sort(choices.begin(), choices.end(), [](Choice const& a, Choice const& b) {
        return a.price_usd.value_or(0) < b.price_usd.value_or(0);
    });
    return choices;
}

Result<TwoPhases> plan_two_phases(Model const& model, TwoPhaseInput const& input,
    Workload const& workload, Catalog const& catalog, Calibration const& calibration)
{
    if (!(input.link_gb_per_s > 0))
        return fail(ErrorCode::invalid_input, "link speed is {} GB/s: expected more than 0",
            input.link_gb_per_s);
    auto const first = TRY(plan_model(model, input.prefill_on, workload, catalog, calibration));
    auto const second = TRY(plan_model(model, input.decode_on, workload, catalog, calibration));
    auto const bits = TRY(cache_bits(workload.cache_type, catalog));
    auto const prompt = static_cast<double>(workload.prompt);
    TwoPhases phases;
    phases.prefill_s = prompt / first.prefill.value;
    phases.transfer_s = cache_bytes(model, { workload.prompt, bits }) / (input.link_gb_per_s * 1e9);
    auto const last = 1 / static_cast<double>(model.layers.size());
    phases.waited_s = input.streamed
        ? std::max(phases.transfer_s * last, phases.transfer_s - phases.prefill_s * (1 - last))
        : phases.transfer_s;
    phases.decode_tokens_per_s = second.decode.value;
    auto const answer = static_cast<double>(input.answer_tokens) / second.decode.value;
    phases.first_token_s = phases.prefill_s + phases.waited_s + 1 / second.decode.value;
    phases.answer_s = phases.prefill_s + phases.waited_s + answer;
    phases.alone_s = prompt / second.prefill.value + answer;
    phases.gain = phases.alone_s / phases.answer_s;
    return phases;
}

}
