#pragma once

#include <plan/explained.h>
#include <plan/model_plan.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a vendor or a blog says about hardware, held to what physics allows.
namespace sidereal::plan {

enum class ClaimKind : std::uint8_t {
    // Tokens a second, of one stream or of all.
    decode,
    prefill,
    // Of training.
    training,
    // GB that a model needs, or in which it is said to run.
    memory,
    // That a machine holds it; without a number.
    fit,
    // GB of the key-value cache at a context.
    cache,
    // TFLOPS or TOPS of a device.
    compute,
    // GB/s of a device.
    bandwidth,
    // Months, or hours, until a machine has paid for itself.
    payback_months,
    break_even_hours,
    // BTU an hour, or tons of cooling, from so many watts.
    heat,
    // Watts on one circuit.
    circuit,
};
std::string_view to_string(ClaimKind kind);
std::optional<ClaimKind> claim_kind(std::string_view name);

struct Claim {
    ClaimKind kind { ClaimKind::decode };
    // A single number is a range of itself.
    double low { 0 };
    double high { 0 };
    // As it stands there: "tok/s", "BTU/h".
    std::string unit;
    std::optional<std::string> model;
    // As read_machine takes it.
    std::optional<std::string> machine;
    std::optional<std::string> quant;
    std::optional<std::string> engine;
    std::optional<std::int64_t> streams;
    std::optional<std::int64_t> context;
    // "fp4", "fp8", "fp16", "int8", of compute.
    std::string precision;
    bool says_sparse { false };
    // Of training: what of it is trained.
    std::string method;
    bool is_training { false };
    // The number was said of one request, and `low` and `high` are of all.
    bool is_each { false };
    std::optional<double> price_usd;
    std::optional<double> cloud_usd_per_h;
    std::optional<double> hours_per_day;
    std::optional<double> watts;
    std::optional<double> volts;
    std::optional<double> breaker_a;
};

// Finds in a sentence what is claimed. invalid_input says what could not be told and what would
// help.
Result<Claim> read_claim(std::string_view text, Catalog const& catalog);

enum class ClaimJudgement : std::uint8_t {
    possible,
    // Under what `conditions` say, and not otherwise.
    possible_if,
    impossible,
};
std::string_view to_string(ClaimJudgement judgement);

struct ClaimAnswer {
    ClaimJudgement judgement { ClaimJudgement::impossible };
    // Of what is said over the ceiling; below 1 it lies under it.
    double factor { 0 };
    // What physics allows at most under the claim's own words, and what is to be expected.
    double ceiling { 0 };
    std::optional<Estimate> expected;
    std::vector<std::string> conditions;
    // What the claim left out and was taken for granted.
    std::vector<std::string> assumed;
    std::vector<Explained> explained;
};

// invalid_input names what the claim lacks.
Result<ClaimAnswer> check_claim(Claim const& claim, Catalog const& catalog);

}
