#pragma once

#include <base/result.h>
#include <plan/catalog.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The claims of the posts that this planner grew from, each run against its own formulas.
namespace sidereal::plan {

enum class ClaimVerdict : std::uint8_t {
    // What is computed lies within the tolerance, or the stated fact holds.
    consistent,
    // It holds under a condition that the claim leaves out, and fails without it.
    consistent_with_assumption,
    // The size is right, the word "matches" or "fits" too strong.
    approximate,
    inconsistent,
    // A measurement more than twice off what the hardware and its like do.
    outlier,
    // Counts operations that sparsity skips.
    marketing,
    // Tokens that are padding, above what the hardware could do with real ones.
    nominal_not_physical,
    // A judgement: numbers beside it, none to hold it to.
    qualitative,
};
std::string_view to_string(ClaimVerdict verdict);

struct SeedClaim {
    std::string id;
    std::string topic;
    std::string text;
    std::string kind;
    std::string unit;
    // One or several numbers, or a range; none where nothing is counted.
    std::vector<double> values;
    std::optional<double> min;
    std::optional<double> max;
    // Nothing: not to be held to a number.
    std::optional<double> tolerance_pct;
    ClaimVerdict stated { ClaimVerdict::consistent };
    std::string note;
};

struct CheckedClaim {
    SeedClaim claim;
    std::vector<double> computed;
    // How, with the inputs.
    std::string formula;
    ClaimVerdict found { ClaimVerdict::inconsistent };

    bool is_as_stated() const { return found == claim.stated; }
};

Result<std::vector<SeedClaim>> read_seed_claims(std::string_view json, std::string_view name);

// All shipped claims in their order. An error names the claim that could not be computed, as with
// a catalogue in which its device has lost a figure.
Result<std::vector<CheckedClaim>> check_seed(Catalog const& catalog);

// "35 to 55 tok/s", "W;slots;mm 575; 4; 20", "-".
std::string said_text(SeedClaim const& claim);
// "50.9", "1.37; 1.54".
std::string computed_text(CheckedClaim const& checked);

}
