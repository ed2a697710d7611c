#include <plan/finetune.h>

#include <plan/fields.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

// NF4 with its scales quantised again.
constexpr double nf4_bits = 4 + 8.0 / 64 + 32.0 / (64 * 256);
// Driver, libraries and what the allocator cannot use.
constexpr double runtime_bytes = 1.5e9;
constexpr double fragmentation = 0.06;

double flops_per_token(Model const& model, Training const& training, double length)
{
    auto const once = training.method == Method::full ? 6.0 : 4.0;
    auto const again = training.checkpointing ? 2.0 : 0.0;
    double attention = 0;
    for (auto const& layer : model.layers)
        attention += 12.0 * static_cast<double>(layer.q_heads * layer.value_dim) * length / 2;
    auto const repeated = training.checkpointing ? 4.0 / 3 : 1;
    return (once + again) * model.active_params() + attention * repeated;
}

double layer_activations(Model const& model, Layer const& layer, double tokens)
{
    auto const width = [](std::int64_t value) { return static_cast<double>(value); };
    auto const wide = width(layer.ffn) + width(model.experts_per_token) * width(layer.expert_ffn);
    auto const elements = 5 * width(model.hidden) + 2 * width(layer.q_heads * layer.value_dim)
        + 2 * width(layer.kv_heads * layer.value_dim) + 3 * wide;
    return 2 * tokens * elements;
}

double activations(Model const& model, Training const& training, double tokens)
{
    double all = 0;
    double widest = 0;
    for (auto const& layer : model.layers) {
        auto const bytes = layer_activations(model, layer, tokens);
        all += bytes;
        widest = std::max(widest, bytes);
    }
    if (!training.checkpointing)
        return all;
    auto const kept = 2 * static_cast<double>(model.layers.size()) * tokens
        * static_cast<double>(model.hidden);
    return kept + widest;
}

TrainingMemory memory_of(Model const& model, Training const& training, double adapters)
{
    TrainingMemory memory;
    auto const total = model.params.total();
    auto const tokens = static_cast<double>(training.batch * training.max_length);
    switch (training.method) {
    case Method::full:
        memory.weights = 2 * total;
        memory.gradients = 2 * total;
        // A copy in fp32 and two moments.
        memory.optimizer = 12 * total;
        break;
    case Method::lora:
        memory.weights = 2 * (total + adapters);
        memory.gradients = 2 * adapters;
        memory.optimizer = 12 * adapters;
        break;
    case Method::qlora: {
        auto const kept = model.params.embedding + model.params.head + model.params.small;
        memory.weights = (total - kept) * nf4_bits / 8 + 2 * kept + 2 * adapters;
        memory.gradients = 2 * adapters;
        memory.optimizer = 12 * adapters;
        break;
    }
    }
    memory.activations = activations(model, training, tokens);
    memory.logits = tokens * static_cast<double>(model.vocab) * (training.fused_loss ? 2 : 10);
    memory.runtime = runtime_bytes + fragmentation * (memory.total());
    return memory;
}

Status check(Training const& training)
{
    TRY(in_range("batch", static_cast<double>(training.batch), { 1, 65'536 }));
    TRY(in_range("maximum length", static_cast<double>(training.max_length), { 1, 1 << 22 }));
    TRY(in_range(
        "mean length", training.mean_length, { 0, static_cast<double>(training.max_length) }));
    TRY(in_range("rank", static_cast<double>(training.rank), { 1, 65'536 }));
    TRY(in_range("utilisation", training.utilisation, { 0.001, 1 }));
    TRY(in_range("tokens", training.tokens, { 0, 1e16 }));
    TRY(in_range("epochs", training.epochs, { 0.001, 1e6 }));
    return in_range("price of a kWh", training.usd_per_kwh, { 0, 100 });
}

// One thing after the other until it fits.
void find_changes(TrainingPlan& plan, Model const& model, Training training, std::size_t devices)
{
    std::vector<std::string> changes;
    auto const try_with = [&](bool is_new, auto const& change, std::string option) {
        if (!is_new || plan.fits_with_bytes > 0)
            return;
        change(training);
        changes.push_back(std::move(option));
        auto const adapters = training.method == Method::full
            ? 0
            : adapter_params(model, training.rank);
        auto const need = memory_of(model, training, adapters).total()
            + runtime_bytes * static_cast<double>(devices - 1);
        if (need > plan.usable_bytes)
            return;
        plan.fits_with = changes;
        plan.fits_with_bytes = need;
    };
    try_with(
        !training.fused_loss, [](Training& t) { t.fused_loss = true; }, "--fused-loss");
    try_with(
        !training.checkpointing, [](Training& t) { t.checkpointing = true; },
        "no --no-checkpointing");
    try_with(
        training.batch > 1, [](Training& t) { t.batch = 1; }, "--batch 1");
    if (training.method == Method::full) {
        try_with(
            true, [](Training& t) { t.method = Method::lora; }, "--method lora");
        if (plan.fits_with_bytes == 0)
            changes.pop_back();
    }
    try_with(
        training.method != Method::qlora, [](Training& t) { t.method = Method::qlora; },
        "--method qlora");
    try_with(
        training.max_length > 512, [](Training& t) { t.max_length = 512; }, "--max-length 512");
}

void add_remarks(TrainingPlan& plan, Training const& training)
{
    auto const ratio = plan.nominal_tokens_per_s / plan.ceiling_tokens_per_s;
    if (ratio > 1)
        plan.remarks.push_back(fmt::format(
            "the nominal rate is {:.1f} times what the hardware could do with real tokens: it "
            "counts padding",
            ratio));
    if (training.method == Method::qlora)
        plan.remarks.emplace_back("unpacking NF4 costs 10 to 30 % more time than counted");
}

}

double adapter_params(Model const& model, std::int64_t rank)
{
    double sum = 0;
    for (auto const& layer : model.layers) {
        auto const d = model.hidden;
        auto const queries = layer.q_heads * layer.key_dim;
        auto const rows = layer.kv_heads * (layer.key_dim + layer.value_dim);
        auto const wide = layer.ffn + model.experts * layer.expert_ffn;
        auto const matrices = model.ffn_matrices * (wide > 0);
        auto const heads = queries + rows + layer.q_heads * layer.value_dim;
        sum += static_cast<double>(4 * d + heads);
        sum += static_cast<double>(matrices)
            * static_cast<double>(wide + d * std::max<std::int64_t>(1, model.experts));
    }
    return static_cast<double>(rank) * sum;
}

double training_ceiling(Model const& model, Method method, Ceiling const& ceiling)
{
    Training training;
    training.method = method;
    training.checkpointing = ceiling.recompute;
    return ceiling.bf16_tflops * 1e12
        / flops_per_token(model, training, static_cast<double>(ceiling.length));
}

Result<TrainingPlan> plan_training(
    Model const& model, Machine const& machine, Training const& training)
{
    TRY(check(training));
    TrainingPlan plan;
    double tflops = 0;
    for (auto const& device : machine.devices) {
        if (!device.compute.fp16_tflops)
            return fail(ErrorCode::invalid_input, "{}: the catalogue does not know its fp16_tflops",
                device.id);
        tflops += *device.compute.fp16_tflops;
        plan.usable_bytes += usable_bytes(device);
    }
    if (training.method != Method::full)
        plan.adapter_params = adapter_params(model, training.rank);
    plan.memory = memory_of(model, training, plan.adapter_params);
    plan.memory.runtime += runtime_bytes * static_cast<double>(machine.devices.size() - 1);
    plan.fits = plan.memory.total() <= plan.usable_bytes;
    auto const maximum = static_cast<double>(training.max_length);
    auto const mean = training.mean_length > 0 ? training.mean_length : maximum;
    plan.flops_per_token = flops_per_token(model, training, mean);
    plan.ceiling_tokens_per_s = tflops * 1e12 / plan.flops_per_token;
    plan.real_tokens_per_s = plan.ceiling_tokens_per_s * training.utilisation;
    auto const batch = static_cast<double>(training.batch);
    plan.steps_per_s = plan.real_tokens_per_s / (batch * mean);
    plan.nominal_tokens_per_s = plan.steps_per_s * batch * maximum;
    plan.job_h = training.tokens * training.epochs / plan.real_tokens_per_s / 3600;
    plan.job_kwh = plan.job_h * machine.load_watts() / 1000;
    plan.job_usd = plan.job_kwh * training.usd_per_kwh;
    if (!plan.fits)
        find_changes(plan, model, training, machine.devices.size());
    add_remarks(plan, training);
    return plan;
}

}
