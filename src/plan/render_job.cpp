#include <plan/render_job.h>

#include <plan/fields.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace sidereal::plan {

namespace {

double start_h(RenderJob const& job, RenderPlace const& place)
{
    auto const transfer_h = place.input_mb_per_s > 0
        ? job.input_gb * 1000 / place.input_mb_per_s / 3600
        : 0;
    return place.boot_min / 60 + transfer_h;
}

double frame_h(RenderJob const& job, RenderPlace const& place)
{
    return job.minutes_per_frame / 60 / place.speed;
}

// A node that is taken away loses half a frame on average and has to start anew. What is done again
// can be interrupted again.
double repeated_share(RenderJob const& job, RenderPlace const& place)
{
    auto const lost_h = frame_h(job, place) / 2 + start_h(job, place);
    return place.interruptions_per_h * lost_h;
}

double billed(double hours, double step_min)
{
    if (step_min <= 0)
        return hours;
    // What is a whole number of steps but for rounding is not a step more.
    return std::ceil(hours * 60 / step_min - 1e-9) * step_min / 60;
}

struct AmountName {
    std::optional<double> NodeAmounts::*amount;
    std::string_view one;
    std::string_view more;
};
constexpr std::array amount_names {
    AmountName { &NodeAmounts::vcpus, "vcpu", "vcpus" },
    AmountName { &NodeAmounts::memory_gib, "GiB of memory", "GiB of memory" },
    AmountName { &NodeAmounts::gpus, "GPU", "GPUs" },
    AmountName { &NodeAmounts::gpu_memory_gib, "GiB of GPU memory", "GiB of GPU memory" },
};

std::string counted(double value, AmountName const& name)
{
    return fmt::format("{:.6g} {}", value, value == 1 ? name.one : name.more);
}

Status check(NodeAmounts const& amounts)
{
    for (auto const& name : amount_names) {
        if (auto const value = amounts.*name.amount)
            TRY(in_range(std::string(name.more) + " of a node", *value, { 0, 1e9 }));
    }
    return {};
}

// GPU memory is there only with a GPU.
NodeAmounts completed(NodeAmounts amounts)
{
    if (amounts.gpu_memory_gib.value_or(0) > 0)
        amounts.gpus = std::max(1.0, amounts.gpus.value_or(1));
    return amounts;
}

std::optional<std::string> what_is_short(NodeAmounts const& wanted, NodeAmounts const& node)
{
    auto const needs = completed(wanted);
    for (auto const& name : amount_names) {
        auto const need = needs.*name.amount;
        auto const has = node.*name.amount;
        if (need && has && *need > *has)
            return fmt::format(
                "a task needs {}, and a node has {:.6g}", counted(*need, name), *has);
    }
    return std::nullopt;
}

Status check(RenderJob const& job)
{
    TRY(check(job.needs));
    TRY(in_range("frames", static_cast<double>(job.frames), { 1, 1e9 }));
    TRY(in_range("minutes a frame", job.minutes_per_frame, { 1e-6, 1e6 }));
    TRY(in_range("nodes", static_cast<double>(job.nodes), { 1, 1e6 }));
    TRY(in_range("input in GB", job.input_gb, { 0, 1e9 }));
    return in_range("output in GB", job.output_gb, { 0, 1e9 });
}

Status check(RenderPlace const& place)
{
    TRY(check(place.node));
    TRY(in_range("price of an hour", place.usd_per_h, { 0, 1e6 }));
    TRY(in_range("spot discount", place.spot_discount, { 0, 0.99 }));
    TRY(in_range("interruptions an hour", place.interruptions_per_h, { 0, 60 }));
    TRY(in_range("speed", place.speed, { 1e-4, 1e4 }));
    TRY(in_range("boot time in minutes", place.boot_min, { 0, 1e5 }));
    TRY(in_range("billed step in minutes", place.billed_step_min, { 0, 1e5 }));
    TRY(in_range("licence an hour", place.licence_usd_per_h, { 0, 1e6 }));
    TRY(in_range("egress a GB", place.egress_usd_per_gb, { 0, 1e6 }));
    return in_range("speed of the input in MB/s", place.input_mb_per_s, { 0, 1e9 });
}

}

std::string words(NodeAmounts const& amounts)
{
    std::string text;
    for (auto const& name : amount_names) {
        if (auto const value = amounts.*name.amount)
            text += (text.empty() ? "" : ", ") + counted(*value, name);
    }
    return text;
}

NodeAmounts node_of(std::vector<Device> const& devices)
{
    NodeAmounts node;
    double gpus = 0;
    for (auto const& device : devices) {
        auto const memory = device.memory_gib;
        auto const is_gpu = device.device_class != "cpu";
        if (is_gpu)
            gpus = device.unified_memory ? std::max(gpus, 1.0) : gpus + 1;
        if (is_gpu && memory)
            node.gpu_memory_gib = std::max(node.gpu_memory_gib.value_or(0), *memory);
        if (memory && device.unified_memory)
            node.memory_gib = std::max(node.memory_gib.value_or(0), *memory);
        else if (memory && !is_gpu)
            node.memory_gib = node.memory_gib.value_or(0) + *memory;
    }
    node.gpus = gpus;
    return node;
}

Result<std::optional<std::string>> why_hopeless(RenderJob const& job, RenderPlace const& place)
{
    TRY(check(job));
    TRY(check(place));
    auto why = what_is_short(job.needs, place.node);
    if (why)
        return why;
    auto const again = repeated_share(job, place);
    if (again >= 0.9)
        why = fmt::format("interruptions an hour is {}: at {:.3g} h a frame and {:.3g} h to start, "
                          "{} of the time "
                          "would be lost",
            place.interruptions_per_h, frame_h(job, place), start_h(job, place),
            again < 1 ? fmt::format("{:.0f} %", again * 100) : "all");
    return why;
}

Result<RenderCost> cost_of(RenderJob const& job, RenderPlace const& place)
{
    auto const hopeless = TRY(why_hopeless(job, place));
    if (hopeless)
        return fail(ErrorCode::invalid_input, "{}", *hopeless);
    auto const again = repeated_share(job, place);
    RenderCost cost;
    cost.nodes_used = std::min(job.nodes, job.frames);
    auto const nodes = static_cast<double>(cost.nodes_used);
    // Some nodes get a frame more than others.
    auto const fewer = job.frames / cost.nodes_used;
    auto const longer_nodes = static_cast<double>(job.frames % cost.nodes_used);
    auto const longer = fewer + (longer_nodes > 0 ? 1 : 0);
    auto const on_node_h = [&](std::int64_t frames) {
        return start_h(job, place)
            + static_cast<double>(frames) * frame_h(job, place) / (1 - again);
    };
    cost.wall_h = on_node_h(longer);
    cost.work_h = static_cast<double>(job.frames) * frame_h(job, place);
    cost.start_h = nodes * start_h(job, place);
    cost.repeated_h = cost.work_h / (1 - again) - cost.work_h;
    cost.interruptions = place.interruptions_per_h * (cost.work_h + cost.repeated_h);
    cost.billed_h = longer_nodes * billed(on_node_h(longer), place.billed_step_min)
        + (nodes - longer_nodes) * billed(on_node_h(fewer), place.billed_step_min);
    auto const usd_per_h = place.usd_per_h * (1 - place.spot_discount);
    cost.work_usd = cost.work_h * usd_per_h;
    cost.compute_usd = cost.billed_h * usd_per_h;
    cost.licence_usd = cost.billed_h * place.licence_usd_per_h;
    cost.egress_usd = job.output_gb * place.egress_usd_per_gb;
    return cost;
}

Result<PricedPlace> price(RenderJob const& job, RenderPlace place, PriceRange const& range)
{
    PricedPlace priced;
    place.usd_per_h = range.low;
    priced.low = TRY(cost_of(job, place));
    place.usd_per_h = range.high;
    priced.high = TRY(cost_of(job, place));
    place.usd_per_h = (range.low + range.high) / 2;
    priced.middle = TRY(cost_of(job, place));
    priced.place = std::move(place);
    return priced;
}

std::vector<Explained> explain_render(
    RenderJob const& job, RenderPlace const& place, RenderCost const& cost)
{
    std::vector<Explained> all;
    auto const add = [&](std::string name, double value, std::string unit, std::string formula) {
        all.push_back({ place.name + ": " + std::move(name), value, std::move(unit),
            std::move(formula), place.source, "as good as the prices" });
    };
    add("work", cost.work_h, "node-h",
        fmt::format(
            "{} frames x {} min / 60 / speed {}", job.frames, job.minutes_per_frame, place.speed));
    add("start", cost.start_h, "node-h",
        fmt::format("{} nodes x (boot {} min / 60{})", cost.nodes_used, place.boot_min,
            place.input_mb_per_s > 0
                ? fmt::format(" + {} GB at {} MB/s", job.input_gb, place.input_mb_per_s)
                : ""));
    add("repeated", cost.repeated_h, "node-h",
        fmt::format("{} interruptions an h x (half a frame + start)", place.interruptions_per_h));
    add("time", cost.wall_h, "h", "start and the frames of the node that has most of them");
    add("billed", cost.billed_h, "node-h",
        fmt::format("each node's time in steps of {} min", place.billed_step_min));
    add("compute", cost.compute_usd, "USD",
        fmt::format("{:.4g} node-h x {} USD/h x (1 - {})", cost.billed_h, place.usd_per_h,
            place.spot_discount));
    add("licence", cost.licence_usd, "USD",
        fmt::format("{:.4g} node-h x {} USD/h", cost.billed_h, place.licence_usd_per_h));
    add("egress", cost.egress_usd, "USD",
        fmt::format("{} GB x {} USD/GB", job.output_gb, place.egress_usd_per_gb));
    return all;
}

}
