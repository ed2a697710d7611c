#pragma once

#include <base/result.h>
#include <openjd/limits.h>

#include <cstdint>
#include <string>
#include <string_view>

// Names and values of what a step asks of its host. Both are compared without regard to case, so
// names and the values of standard capabilities come out in lower case.
namespace sidereal::openjd {

enum class CapabilityKind : std::uint8_t {
    amount,
    attribute,
};

// amount.worker.vcpu, attr.worker.os.family, vendor:amount.name, …
Result<std::string> check_capability_name(
    CapabilityKind kind, std::string_view name, Limits const& limits);
// `capability` is a name that was checked.
Result<std::string> check_attribute_value(
    std::string_view capability, std::string_view value, Limits const& limits);
// Whether a host has exactly one value of it.
bool is_single_valued(std::string_view capability);

}
