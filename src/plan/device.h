#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// A device of the catalogue. GB are 1e9 bytes, GiB 2^30; memory is binary as sold; TFLOPS and TOPS
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

}
