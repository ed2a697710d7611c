#pragma once

#include <plan/bench_report.h>
#include <plan/calibration.h>
#include <plan/catalog.h>
#include <plan/machine.h>
#include <plan/model.h>

#include <optional>
#include <string>
#include <vector>

// From what a benchmark reports to what calibration learns from.
namespace sidereal::plan {

// What the report does not say, or says wrong.
struct BenchSubject {
    std::optional<Model> model;
    std::optional<std::string> machine;
    std::optional<std::string> quant;
    // Of the file.
    std::string source;
};

// The run with what the profile alone predicts for it. invalid_input says which of model, quant and
// device cannot be told, and how to say it.
Result<Measured> measure(BenchRun const& run, BenchSubject const& subject, Catalog const& catalog);

}
