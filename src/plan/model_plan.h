#pragma once

#include <plan/calibration.h>
#include <plan/explained.h>
#include <plan/machine.h>
#include <plan/model.h>
#include <plan/quant.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Whether a model fits a machine, and how fast it then is.
namespace sidereal::plan {

enum class Split : std::uint8_t {
    // Whole layers on each device: one works at a time on a stream.
    layer,
    // A share of every layer on each: all work, and talk twice a layer.
    tensor,
};

// A small model guesses, the large one checks.
struct Speculation {
    // Share of guesses that hold.
    double acceptance { 0.7 };
    std::int64_t length { 4 };
    // Time of one guess over that of one step of the large model.
    double draft_cost { 0.1 };
};

struct Workload {
    // Empty: the file's own, or what the model is published in.
    std::string quant;
    std::string engine { "llama.cpp" };
    std::string cache_type { "f16" };
    // Tokens a sequence may grow to; memory is set aside for all of them.
    std::int64_t context { 8192 };
    std::int64_t prompt { 2048 };
    // Tokens before the prompt that are in the cache already.
    std::int64_t cached { 0 };
    // Tokens in the cache when decoding is timed; 0: the prompt and 64 more.
    std::int64_t depth { 0 };
    std::int64_t streams { 1 };
    std::int64_t micro_batch { 512 };
    std::optional<Split> split;
    std::optional<Speculation> speculation;
    double usd_per_kwh { 0.20 };
    // Over which a machine's price is spread.
    double years { 3 };
    // Of the computer around the devices.
    double host_memory_gib { 0 };
    double host_gb_per_s { 80 };
};

struct Estimate {
    double value { 0 };
    // Of the 80 % interval.
    double low { 0 };
    double high { 0 };
};

struct DeviceBytes {
    std::string device;
    double weights { 0 };
    double cache { 0 };
    double buffers { 0 };
    // The runtime's own.
    double runtime { 0 };
    double usable { 0 };

    double need() const { return weights + cache + buffers + runtime; }
};

// Stages of a layer split that work at once, each on another group of the streams.
struct Pipeline {
    std::int64_t groups { 1 };
    std::int64_t streams_a_group { 1 };
    // A token for each stream of a group through all stages, and the slowest stage's part.
    double latency_s { 0 };
    double slowest_stage_s { 0 };
    // Tokens a second of all streams; without overlap it is Workload::streams / one step.
    double tokens_per_s { 0 };
};

enum class Verdict : std::uint8_t {
    fits,
    fits_if,
    no,
};
std::string_view to_string(Verdict verdict);

struct Remedy {
    std::string what;
    // Less needed, or more there, over all devices.
    double gives_bytes { 0 };
    bool is_enough { false };
};

struct ModelPlan {
    Weights weights;
    Split split { Split::layer };
    std::vector<DeviceBytes> devices;
    Verdict verdict { Verdict::no };
    // Less than 3 % is left: small errors count.
    bool is_tight { false };
    std::vector<Remedy> remedies;
    // Of the weights, in the host's memory.
    double spilled_fraction { 0 };
    // Tokens a second, of one stream and of all.
    Estimate decode;
    Estimate decode_all;
    // Of several devices with whole layers each, and several streams. Engines that keep one batch
    // under way, as llama.cpp does, reach decode_all only; the others' decode counts it in.
    std::optional<Pipeline> pipeline;
    Estimate prefill;
    double first_token_s { 0 };
    // What bandwidth alone would allow.
    double roofline { 0 };
    // Of a decode step's time.
    Shares shares;
    // What own runs changed of it, and of prefill.
    Correction decode_correction;
    Correction prefill_correction;
    double speculation_gain { 1 };
    double watts { 0 };
    double kwh_per_mtok { 0 };
    double energy_usd_per_mtok { 0 };
    // With the machine's price spread over the years at full duty; nothing if it has none.
    std::optional<double> usd_per_mtok;
    std::vector<Explained> explained;
};

enum class Explain : std::uint8_t { no, yes };

// invalid_input for what cannot be sized or makes no sense; the message names the field.
Result<ModelPlan> plan_model(Model const& model, Machine const& machine, Workload const& workload,
    Catalog const& catalog, Calibration const& calibration = {}, Explain explain = Explain::no);

}
