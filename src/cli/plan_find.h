#pragma once

#include <base/result.h>
#include <plan/calibration.h>
#include <plan/catalog.h>
#include <plan/inverse.h>

#include <cstdint>
#include <string_view>
#include <vector>

// `plan model` asked the other way round, and on two machines at a time.
namespace sidereal::cli {

struct PlanQuestion {
    plan::Catalog catalog;
    plan::Calibration calibration;
    plan::Model model;
    plan::Workload workload;
    std::vector<plan::Machine> machines;
};

enum class PlanFormat : std::uint8_t { text, json, csv };

// `what` is context, streams, quant or machine; prints the answer.
Result<int> find_plan(
    PlanQuestion const& asked, std::string_view what, double min_decode, PlanFormat format);

// The prompt on `input.prefill_on`, the answer on each of the question's machines.
Result<int> plan_two_phases(
    PlanQuestion const& asked, plan::TwoPhaseInput const& input, PlanFormat format);

}
