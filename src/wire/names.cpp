#include <wire/codec.h>

#include <base/verify.h>

#include <array>

// Outcomes and causes as the wire and the store spell them.
namespace sidereal::wire {

namespace {

constexpr std::array<std::string_view, 3> outcome_names { "succeeded", "failed", "canceled" };
constexpr std::array<std::string_view, 14> cause_names { "none", "task_error", "environment_error",
    "timed_out", "not_started", "canceled", "lost_node", "interrupted", "out_of_memory",
    "no_licence", "preempted", "out_of_vram", "node_fault", "fatal" };

template<typename Enum, std::size_t size>
std::string_view name_of(std::array<std::string_view, size> const& names, Enum value)
{
    auto const index = static_cast<std::size_t>(value);
    VERIFY(index < size);
    return names[index];
}

template<typename Enum, std::size_t size>
std::optional<Enum> find_name(
    std::array<std::string_view, size> const& names, std::string_view text)
{
    for (std::size_t i = 0; i < size; ++i) {
        if (names[i] == text)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}

std::string_view to_string(Outcome outcome) { return name_of(outcome_names, outcome); }
std::string_view to_string(Cause cause) { return name_of(cause_names, cause); }

std::optional<Outcome> parse_outcome(std::string_view text)
{
    return find_name<Outcome>(outcome_names, text);
}

std::optional<Cause> parse_cause(std::string_view text)
{
    return find_name<Cause>(cause_names, text);
}

}
