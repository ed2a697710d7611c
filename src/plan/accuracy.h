#pragma once

#include <plan/model_plan.h>

#include <string>
#include <vector>

// How close the predictions come to the measured points that are shipped with the catalogue.
namespace sidereal::plan {

struct AccuracyRow {
    std::string name;
    // "decode" of one stream, "tensor" parallel decode or on a compiled engine, "prefill".
    std::string phase;
    std::string engine;
    std::string family;
    double measured { 0 };
    Estimate predicted;

    double signed_error() const { return predicted.value / measured - 1; }
    double error() const { return signed_error() < 0 ? -signed_error() : signed_error(); }
    bool is_inside() const { return measured >= predicted.low && measured <= predicted.high; }
};

Result<std::vector<AccuracyRow>> check_accuracy(Catalog const& catalog);

}
