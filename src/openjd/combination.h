#pragma once

#include <base/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// How a step's parameters are combined: "A * (B, C)" as a tree.
struct Combination {
    enum class Kind : std::uint8_t {
        parameter,
        product, // every pairing; the last one varies fastest
        lock_step, // side by side, equal counts
    };
    Kind kind { Kind::parameter };
    std::string name;
    std::vector<Combination> parts;

    bool operator==(Combination const&) const = default;
};

// Every one of `names` must stand in the expression exactly once.
Result<Combination> parse_combination(
    std::string_view text, std::vector<std::string_view> const& names);

// Whether the parameter stands in a lock-step, however deep.
bool stands_side_by_side(Combination const& combination, std::string_view name);

// With that factor of the product as its last one, which varies fastest.
Combination with_innermost(Combination combination, std::string_view name);

// The combination where a step gives none: the product in the order of definition.
Combination product_of(std::vector<std::string_view> const& names);

}
