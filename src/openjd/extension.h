#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// What a template may use beyond the base specification, once it lists it under `extensions`.
enum class Extension : std::uint8_t {
    expr,
    feature_bundle_1,
    redacted_env_vars,
    task_chunking,
    wrap_actions,
};

// As templates spell it: EXPR, FEATURE_BUNDLE_1, …
std::string_view to_string(Extension extension);
// Of the extensions that the specification knows.
std::optional<Extension> parse_extension(std::string_view text);

class Extensions {
public:
    constexpr Extensions() = default;
    template<typename... Rest>
    constexpr explicit Extensions(Extension first, Rest... rest)
        : bits_(bit(first) | (0U | ... | bit(rest)))
    {
    }

    constexpr bool has(Extension extension) const { return (bits_ & bit(extension)) != 0; }
    constexpr void add(Extension extension) { bits_ |= bit(extension); }
    // In the order of their names.
    std::vector<std::string_view> names() const;

    bool operator==(Extensions const&) const = default;

private:
    static constexpr std::uint32_t bit(Extension extension)
    {
        return 1U << static_cast<unsigned>(extension);
    }

    std::uint32_t bits_ { 0 };
};

// Those that this version reads; a template that needs another one is refused as a whole.
inline constexpr Extensions supported_extensions { Extension::expr, Extension::feature_bundle_1,
    Extension::redacted_env_vars, Extension::task_chunking, Extension::wrap_actions };

}
