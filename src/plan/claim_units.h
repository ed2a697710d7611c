#pragma once

#include <plan/claim_words.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Numbers of a claim with what they measure.
namespace sidereal::plan {

struct Quantity {
    ClaimNumber number;
    // "tok/s", "GB", "$/h", …; empty for a number of nothing known.
    std::string unit;
};

std::vector<Quantity> quantities_of(ClaimWords const& words);

// The first in that unit; nullptr without one.
Quantity const* first_of(std::vector<Quantity> const& quantities, std::string_view unit);
std::optional<double> amount_of(std::vector<Quantity> const& quantities, std::string_view unit);

}
