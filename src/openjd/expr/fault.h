#pragma once

#include <base/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sidereal::openjd::expr {

enum class FaultKind : std::uint8_t {
    syntax,
    type,
    value,
    // A name that nothing is known by; the fault's place is the whole name with its dots.
    name,
    // The budget of operations or memory is used up; never passed over, not even in a branch that
    // might not be taken.
    budget,
};

// What is wrong with an expression, and where: bytes [begin, end) of its text, the caret between.
struct Fault {
    std::string message;
    FaultKind kind { FaultKind::value };
    bool placed { false };
    std::uint32_t begin { 0 };
    std::uint32_t end { 0 };
    std::uint32_t caret { 0 };

    bool operator==(Fault const&) const = default;
};

template<typename T>
using Outcome = tl::expected<T, Fault>;

template<typename... Args>
tl::unexpected<Fault> fault(FaultKind kind, fmt::format_string<Args...> format, Args&&... args)
{
    return tl::unexpected<Fault>(
        Fault { fmt::format(format, std::forward<Args>(args)...), kind, false, 0, 0, 0 });
}
template<typename... Args>
tl::unexpected<Fault> bad_type(fmt::format_string<Args...> format, Args&&... args)
{
    return fault(FaultKind::type, format, std::forward<Args>(args)...);
}
template<typename... Args>
tl::unexpected<Fault> bad_value(fmt::format_string<Args...> format, Args&&... args)
{
    return fault(FaultKind::value, format, std::forward<Args>(args)...);
}

// Three lines: the message, the line of `text` that it is about, and ~~^~~ under the place. Lines
// that are too long are cut around it. `text` is what the offsets of the fault count in.
std::string render(Fault const& fault, std::string_view text);
// The same for a caller that knows only errors.
Error to_error(Fault const& fault, std::string_view text);

}
