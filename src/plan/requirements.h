#pragma once

#include <plan/model_plan.h>

#include <string>

// What a node must have to serve a model: for the scheduler.
namespace sidereal::plan {

struct HostNeeds {
    std::int64_t memory_mib { 0 };
    std::int64_t gpu_memory_mib { 0 };
    // At which the wanted speed could be reached at best; 0 if none is wanted.
    double bandwidth_gb_per_s { 0 };
};

// `min_decode` in tokens/s of one stream.
Result<HostNeeds> host_needs(Model const& model, Weights const& weights, Workload const& workload,
    Catalog const& catalog, double min_decode = 0);

// The hostRequirements block of an OpenJD step.
std::string host_requirements_yaml(HostNeeds const& needs);

}
