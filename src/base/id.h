#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal {

// A number that names one thing of one kind; 0 names nothing. Counted up by the brain, never
// reused.
template<typename Tag>
struct Id {
    std::uint64_t value { 0 };

    auto operator<=>(Id const&) const = default;
    explicit operator bool() const { return value != 0; }
};

template<typename Tag>
std::string to_string(Id<Tag> id)
{
    return std::to_string(id.value);
}

// A decimal number other than 0; nothing otherwise.
template<typename IdType>
std::optional<IdType> parse_id(std::string_view text)
{
    std::uint64_t value = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc {} || end != text.data() + text.size() || value == 0)
        return std::nullopt;
    return IdType { value };
}

using JobId = Id<struct JobTag>;
using NodeId = Id<struct NodeTag>;
using AttemptId = Id<struct AttemptTag>;

}
