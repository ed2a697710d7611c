#pragma once

#include <base/result.h>
#include <plan/catalog.h>
#include <plan/explained.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What a render job costs in one place or another, and how long it takes there.
namespace sidereal::plan {

// What a task needs of its node, or what a node has; empty: nothing in particular, or not known.
struct NodeAmounts {
    std::optional<double> vcpus;
    std::optional<double> memory_gib;
    std::optional<double> gpus;
    // Of one GPU.
    std::optional<double> gpu_memory_gib;
};

// "8 vcpus, 24 GiB of GPU memory"; empty if nothing is said.
std::string words(NodeAmounts const& amounts);

// What devices alone tell of their machine: its GPUs, the memory of the largest, and the host's
// memory where it is given with a processor. One with unified memory is a computer of its own, and
// of several the largest counts.
NodeAmounts node_of(std::vector<Device> const& devices);

struct RenderJob {
    std::int64_t frames { 0 };
    // On one node of the reference speed.
    double minutes_per_frame { 0 };
    // At once.
    std::int64_t nodes { 1 };
    // Sent there before the first frame, once a node; and brought back.
    double input_gb { 0 };
    double output_gb { 0 };
    NodeAmounts needs {};

    double node_h() const { return static_cast<double>(frames) * minutes_per_frame / 60; }
};

struct RenderPlace {
    std::string name;
    // Of a node. At home what an hour costs, depreciation and all.
    double usd_per_h { 0 };
    double spot_discount { 0 };
    double interruptions_per_h { 0 };
    // Its frames take the reference's time divided by this.
    double speed { 1 };
    // Until a node can work, besides sending the input.
    double boot_min { 0 };
    // Time is paid in steps of this, from the moment that a node starts; 0: as it is used.
    double billed_step_min { 0 };
    double licence_usd_per_h { 0 };
    double egress_usd_per_gb { 0 };
    // In which the input comes.
    double input_mb_per_s { 0 };
    std::string source;
    NodeAmounts node {};
};

struct RenderCost {
    double wall_h { 0 };
    // Working, starting and doing again what was interrupted, over all nodes.
    double work_h { 0 };
    double start_h { 0 };
    double repeated_h { 0 };
    double billed_h { 0 };
    double interruptions { 0 };
    // The hours of work alone at the price: what is compared when nothing else is counted.
    double work_usd { 0 };
    double compute_usd { 0 };
    double licence_usd { 0 };
    double egress_usd { 0 };
    std::int64_t nodes_used { 0 };

    double total_usd() const { return compute_usd + licence_usd + egress_usd; }
};

// Why no frame would ever be done there: its nodes are known to have less than a task needs, or are
// taken away faster than they get on.
// invalid_input names the field.
Result<std::optional<std::string>> why_hopeless(RenderJob const& job, RenderPlace const& place);

// invalid_input names the field, or says why the place is hopeless.
Result<RenderCost> cost_of(RenderJob const& job, RenderPlace const& place);

// The same place at an offer's lowest, middle and highest price.
struct PricedPlace {
    RenderPlace place;
    RenderCost low;
    RenderCost middle;
    RenderCost high;
};
struct PriceRange {
    double low { 0 };
    double high { 0 };
};
Result<PricedPlace> price(RenderJob const& job, RenderPlace place, PriceRange const& range);

std::vector<Explained> explain_render(
    RenderJob const& job, RenderPlace const& place, RenderCost const& cost);

}
