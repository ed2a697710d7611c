#pragma once

#include <plan/model_plan.h>

#include <string>
#include <string_view>
#include <vector>

// How close the predictions come to measured points: those shipped with the catalogue, which the
// engines' profiles were fitted to, and any others.
namespace sidereal::plan {

struct AccuracyRow {
    std::string name;
    // "seed" or "public" for what the profiles were fitted to. Of what they never saw "blind" for
    // whole rounds that were taken as found, "left" for what others left, empty for the rest.
    std::string set;
    // "decode" of one stream, "batched" of several, "tensor" parallel decode or on a compiled
    // engine, "prefill".
    std::string phase;
    std::string engine;
    std::string device;
    std::string family;
    std::string profile;
    std::string source;
    double measured { 0 };
    Estimate predicted;

    double signed_error() const { return predicted.value / measured - 1; }
    double error() const { return signed_error() < 0 ? -signed_error() : signed_error(); }
    bool is_inside() const { return measured >= predicted.low && measured <= predicted.high; }
};

// {"points": [...]} as in catalog/calibration.json; the error names the point and the field.
Result<std::vector<AccuracyRow>> check_points(
    std::string_view json, std::string_view name, Catalog const& catalog);

// The shipped points.
Result<std::vector<AccuracyRow>> check_accuracy(Catalog const& catalog);

struct ErrorSummary {
    int points { 0 };
    // Of the relative errors' sizes.
    double mean { 0 };
    double median { 0 };
    double p90 { 0 };
    // Mean with sign.
    double bias { 0 };
    // Share of truths within the 80 % interval.
    double inside { 0 };
};
ErrorSummary summarize(std::vector<AccuracyRow> const& rows);

// Each shipped decode point of one stream predicted by its profile, fitted once more without that
// point: share of bandwidth and overhead of a layer, on a grid.
Result<std::vector<AccuracyRow>> leave_one_out(Catalog const& catalog);

}
