#pragma once

#include <base/result.h>
#include <cli/command.h>
#include <plan/calibration.h>
#include <plan/catalog.h>
#include <plan/machine.h>
#include <plan/model_plan.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the commands `plan …` have in common.
namespace sidereal::cli {

// --catalog of every one of them.
void add_catalog_option(std::vector<Option>& options, std::optional<std::string>& path);

// The shipped catalogue, on top of it $XDG_CONFIG_HOME/sidereal/catalog.json if there is one, and
// on top of that the given file.
Result<plan::Catalog> load_catalog(std::optional<std::string> const& path);

// A GGUF file, a safetensors file or index, a config.json, a checkpoint's folder, or the id of a
// model of the catalogue. Of files only the headers are read.
Result<plan::Model> load_model(std::string const& text, plan::Catalog const& catalog);

// $XDG_CONFIG_HOME/sidereal/calibration.json, or where HOME has it; empty without either.
std::string calibration_path();
// Empty if the file is not there and was not asked for.
Result<plan::Calibration> load_calibration(std::optional<std::string> const& path);

// What `plan model` and its relatives ask about the work.
struct WorkloadFlags {
    std::string model;
    std::vector<std::string> machines;
    std::optional<std::string> quant;
    std::optional<std::string> link;
    std::optional<std::string> draft;
    std::string split { "auto" };
    std::optional<std::int64_t> context;
    std::optional<std::int64_t> prompt;
    plan::Workload workload;
    std::optional<std::string> catalog;
    std::optional<std::string> calibration;
};
void add_workload_options(std::vector<Option>& options, WorkloadFlags& flags);
// With quant, split, draft, context and prompt filled in.
Result<plan::Workload> read_workload(WorkloadFlags const& flags, plan::Model const& model);

}
