#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The rows of the catalogue about what stands around the devices. MB and GB are decimal.
namespace sidereal::plan {

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

}
