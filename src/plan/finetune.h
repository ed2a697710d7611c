#pragma once

#include <plan/machine.h>
#include <plan/model.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What training a model takes: memory, and speed told three ways that must not be mixed.
namespace sidereal::plan {

enum class Method : std::uint8_t {
    // Every weight, AdamW in mixed precision.
    full,
    // Small matrices beside frozen bf16 weights.
    lora,
    // The same beside weights in NF4.
    qlora,
};

struct Training {
    Method method { Method::lora };
    std::int64_t batch { 4 };
    // What each row is cut or padded to.
    std::int64_t max_length { 2048 };
    // Tokens that a row really has; 0: the maximum, as when rows are packed.
    double mean_length { 0 };
    // Of LoRA.
    std::int64_t rank { 16 };
    // Activations are computed again instead of kept.
    bool checkpointing { true };
    // The loss is computed in pieces.
    bool fused_loss { false };
    // Share of the bf16 peak that is reached.
    double utilisation { 0.35 };
    // For the time and cost of a job; 0: not asked.
    double tokens { 0 };
    double epochs { 1 };
    double usd_per_kwh { 0.20 };
};

struct TrainingMemory {
    double weights { 0 };
    double gradients { 0 };
    double optimizer { 0 };
    double activations { 0 };
    double logits { 0 };
    double runtime { 0 };

    double total() const
    {
        return weights + gradients + optimizer + activations + logits + runtime;
    }
};

struct TrainingPlan {
    TrainingMemory memory;
    double usable_bytes { 0 };
    bool fits { false };
    double adapter_params { 0 };
    double flops_per_token { 0 };
    double steps_per_s { 0 };
    // Steps x batch x maximum length: counts padding and what is not there.
    double nominal_tokens_per_s { 0 };
    double real_tokens_per_s { 0 };
    // Of real tokens, at the whole bf16 peak.
    double ceiling_tokens_per_s { 0 };
    double job_h { 0 };
    double job_kwh { 0 };
    double job_usd { 0 };
    // Of one that does not fit: options, all of them together, with which it does, those that cost
    // least first; empty if none help. And what it then needs.
    std::vector<std::string> fits_with;
    double fits_with_bytes { 0 };
    std::vector<std::string> remarks;
};

// invalid_input names the field.
Result<TrainingPlan> plan_training(
    Model const& model, Machine const& machine, Training const& training);

// Real tokens a second that the bf16 peak allows at most; `recompute` as with checkpointing.
struct Ceiling {
    double bf16_tflops { 0 };
    std::int64_t length { 0 };
    bool recompute { false };
};
double training_ceiling(Model const& model, Method method, Ceiling const& ceiling);

// Of all linear layers.
double adapter_params(Model const& model, std::int64_t rank);

}
