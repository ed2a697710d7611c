#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sidereal::farm {

// Counted capabilities. Those that OpenJD names have a place of their own, since placement compares
// them millions of times a second; custom ones go by name. What is not there counts as 0.
class Amounts {
public:
    enum class Kind : std::uint8_t {
        vcpu,
        memory, // MiB
        gpu,
        gpu_memory, // MiB, of the largest GPU
        scratch, // GiB
    };
    static constexpr std::size_t kinds = 5;
    using Entry = std::pair<std::string, double>;

    Amounts() = default;
    Amounts(std::initializer_list<Entry> entries);

    // "worker.memory": OpenJD's name without "amount.".
    static std::string_view name_of(Kind kind);

    double get(Kind kind) const { return standard_[static_cast<std::size_t>(kind)]; }
    double get(std::string_view name) const;
    void set(Kind kind, double value) { standard_[static_cast<std::size_t>(kind)] = value; }
    void set(std::string_view name, double value);

    // By name, custom ones last; those that are 0 are left out.
    std::vector<Entry> list() const;
    bool has_custom() const { return !custom_.empty(); }

    // All of `part` is there; a billionth is forgiven.
    bool covers(Amounts const& part) const;
    // Whether `part` fits beside what is used of this.
    bool covers(Amounts const& used, Amounts const& part) const;
    // The first amount that is short for that; empty if none is.
    std::string_view first_short(Amounts const& used, Amounts const& part) const;

    Amounts& operator+=(Amounts const& other);
    // Never below 0; taking more than there is, is our own mistake.
    Amounts& operator-=(Amounts const& other);

    bool operator==(Amounts const&) const = default;

private:
    double custom(std::string_view name) const;

    std::array<double, kinds> standard_ {};
    std::vector<Entry> custom_; // by rising name, none 0
};

}
