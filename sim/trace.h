#pragma once

#include <base/time.h>

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace sidereal::sim {

// What happened in a World: always as a hash, as text only where somebody will read it.
class Trace {
public:
    // Keeps the last `lines` events as text; 0 keeps none and costs next to nothing.
    explicit Trace(std::size_t lines)
        : keep_(lines)
    {
    }

    template<typename... Args>
    void event(Duration now, fmt::format_string<Args const&...> format, Args const&... args)
    {
        mix(static_cast<std::uint64_t>(now.count()));
        mix(std::string_view(fmt::string_view(format).data(), fmt::string_view(format).size()));
        (mix(args), ...);
        if (keep_ > 0)
            keep(now, fmt::format(format, args...));
    }

    std::uint64_t hash() const { return hash_; }
    std::deque<std::string> const& lines() const { return lines_; }

private:
    template<std::integral T>
    void mix(T number)
    {
        hash_ = (hash_ ^ static_cast<std::uint64_t>(number)) * 0x9e3779b97f4a7c15;
        hash_ ^= hash_ >> 29;
    }
    void mix(std::string_view text);
    void keep(Duration now, std::string text);

    std::size_t keep_;
    std::uint64_t hash_ { 0x243f6a8885a308d3 };
    std::deque<std::string> lines_;
};

}
