#pragma once

#include <plan/model_plan.h>

#include <optional>
#include <string>
#include <vector>

// The questions turned round.
namespace sidereal::plan {

struct Choice {
    // "quant Q5_K_M", "2xrtx-3090".
    std::string what;
    ModelPlan plan;
    std::optional<double> price_usd;
};

struct Wanted {
    // Of one stream.
    double decode_tokens_per_s { 0 };
    double first_token_s { 1e9 };
};

// Most tokens of context, or streams, that fit; 0 if not even one does.
Result<std::int64_t> most_context(
    Model const& model, Machine const& machine, Workload const& workload, Catalog const& catalog);
Result<std::int64_t> most_streams(
    Model const& model, Machine const& machine, Workload const& workload, Catalog const& catalog);

// The quant with the most bits that fits and is as fast as wanted; nothing if none is.
Result<std::optional<Choice>> best_quant(Model const& model, Machine const& machine,
    Workload const& workload, Wanted const& wanted, Catalog const& catalog,
    Calibration const& calibration = {});

// Machines of one to eight devices of a kind that fit and are as fast as wanted, cheapest first;
// those without a price are left out.
std::vector<Choice> cheapest_machines(Model const& model, Workload const& workload,
    Wanted const& wanted, Catalog const& catalog, Calibration const& calibration = {});

// Prefill on one machine, the cache sent over, decode on another.
struct TwoPhases {
    double prefill_s { 0 };
    // Of the whole cache, and what of it the decoding machine still waits for after the prefill.
    double transfer_s { 0 };
    double waited_s { 0 };
    double first_token_s { 0 };
    double decode_tokens_per_s { 0 };
    double answer_s { 0 };
    // The same on the decoding machine alone, and how many times faster this is.
    double alone_s { 0 };
    double gain { 0 };
};
struct TwoPhaseInput {
    Machine const& prefill_on;
    Machine const& decode_on;
    // Bytes a second between the two.
    double link_gb_per_s { 1.1 };
    std::int64_t answer_tokens { 512 };
    // Each layer's cache is sent while the next layers are worked through.
    bool streamed { true };
};
Result<TwoPhases> plan_two_phases(Model const& model, TwoPhaseInput const& input,
    Workload const& workload, Catalog const& catalog, Calibration const& calibration = {});

}
