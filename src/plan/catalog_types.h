#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The rows of the catalogue. GB are 1e9 bytes, GiB 2^30; memory is binary as sold; TFLOPS and TOPS
// are dense; bandwidths are nominal.
namespace sidereal::plan {

struct Price {
    double usd { 0 };
    // Of a range.
    std::optional<double> usd_high;
    std::string kind;
    std::string as_of;
    std::string source;
    std::string confidence;
};

struct Compute {
    // With fp32 accumulation, bf16 alike.
    std::optional<double> fp16_tflops;
    std::optional<double> fp16_fp16acc_tflops;
    std::optional<double> fp8_tflops;
    std::optional<double> fp4_tflops;
    std::optional<double> int8_tops;
};

struct Watts {
    // Of the board or chip.
    std::optional<double> tdp;
    std::optional<double> system_min;
    std::optional<double> system_max;
    std::optional<double> comparison_min;
    std::optional<double> comparison_max;
    std::optional<double> psu;
};

struct Device {
    std::string id;
    std::string name;
    std::string vendor;
    std::string device_class;
    // What the engines' profiles go by: "ampere", "apple-max".
    std::string family;
    std::string memory_type;
    bool unified_memory { false };
    // Absent for a processor, whose memory is the host's.
    std::optional<double> memory_gib;
    std::optional<double> memory_reported_gib;
    std::vector<double> memory_options_gib;
    double usable_fraction { 1 };
    double bandwidth_gb_per_s { 0 };
    Compute compute;
    Watts watts;
    std::optional<double> slots;
    std::optional<double> slots_water_block;
    std::optional<double> width_mm_water_block;
    std::optional<std::string> power_connector;
    std::optional<std::string> cooling;
    std::optional<bool> ecc;
    std::int64_t pcie_gen { 0 };
    std::int64_t pcie_lanes { 0 };
    double nvlink_gb_per_s { 0 };
    double network_gbit_per_s { 0 };
    std::optional<std::int64_t> cuda_cores;
    std::optional<std::int64_t> cpu_cores;
    std::optional<double> volume_l;
    std::vector<double> storage_options_tb;
    std::vector<Price> prices;
    std::string confidence;
    std::string source;
};

struct CloudOffer {
    std::string id;
    std::string what;
    std::optional<std::string> device;
    std::optional<double> usd_per_h_min;
    std::optional<double> usd_per_h_max;
    bool open_ended { false };
    std::optional<double> discount_max_pct;
    std::string source;
};

struct Network {
    std::string id;
    double line_gbit_per_s { 0 };
    double effective_mb_per_s { 0 };
    std::string source;
};

struct StorageDevice {
    std::string id;
    double read_mb_per_s { 0 };
    std::string source;
};

// Between devices that share a model.
struct Link {
    std::string id;
    double gb_per_s_per_direction { 0 };
    double allreduce_latency_us { 0 };
    std::string confidence;
    std::string source;
};

struct Connector {
    std::string id;
    double max_w { 0 };
    double volts { 0 };
    std::optional<double> power_pins;
    std::optional<double> pin_rating_a;
    std::string rule;
    std::string source;
};

struct Circuit {
    std::string id;
    double volts { 0 };
    double breaker_a { 0 };
};

struct PsuType {
    std::string id;
    std::string name;
    double mains_volts { 0 };
    std::vector<double> load_pct;
    // At the loads above.
    std::vector<double> efficiency_pct;
};

struct Chassis {
    std::string id;
    double usable_slots { 0 };
};

// A block format of a tensor in a file.
struct QuantType {
    std::string id;
    std::int64_t ggml_type { 0 };
    std::uint64_t block_elements { 1 };
    std::uint64_t block_bytes { 1 };

    double bits_per_weight() const
    {
        return 8.0 * static_cast<double>(block_bytes) / static_cast<double>(block_elements);
    }
};

// How a checkpoint is quantised as a whole.
struct QuantScheme {
    std::string id;
    std::string name;
    double bits_per_weight { 0 };
    // Whether the embedding and the head stay in bf16.
    bool bf16_embedding { false };
};

// The average of a whole GGUF file of an 8B model.
struct FileType {
    std::string id;
    double bits_per_weight { 0 };
};

// How much of a device an engine gets: a few numbers with a meaning, by family of devices.
struct EngineProfile {
    std::string id;
    std::string engine;
    std::vector<std::string> families;
    // Of nominal memory bandwidth.
    double bandwidth_efficiency { 0 };
    // What a layer costs besides moving its bytes: launches, synchronisation.
    double layer_dense_us { 0 };
    double layer_moe_us { 0 };
    // Standard deviation of the logarithm of measured over predicted, for devices among the
    // measured ones and for others.
    double decode_sigma_seen { 0 };
    double decode_sigma_unseen { 0 };
    // "int8", "fp16" or "best": the peak that prefill is a share of.
    std::string prefill_path;
    double prefill_efficiency_dense { 0 };
    double prefill_efficiency_moe { 0 };
    // Of the fp16 peak.
    double attention_efficiency { 0 };
    std::vector<std::string> seen;
    std::string source;
};

struct ModelEntry {
    std::string id;
    std::int64_t layers { 0 };
    std::int64_t hidden { 0 };
    // Of one expert if there are any.
    std::int64_t ffn { 0 };
    std::int64_t q_heads { 0 };
    std::int64_t kv_heads { 0 };
    std::int64_t head_dim { 0 };
    std::int64_t vocab { 0 };
    bool tied_embeddings { false };
    std::int64_t experts { 0 };
    std::int64_t experts_per_token { 0 };
    std::int64_t sliding_window { 0 };
    std::int64_t full_attention_every { 0 };
    // "none", "qkv" or "qkvo".
    std::string attention_bias { "none" };
    bool expert_bias { false };
    // The one it is published in, if it is quantised.
    std::string natural_quant;
    std::optional<std::int64_t> published_params;
};

}
