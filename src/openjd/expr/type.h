#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

enum class Scalar : std::uint8_t {
    null,
    boolean,
    integer,
    floating,
    string,
    path,
    range,
};

// A set of concrete types, since that is what a union is: `int?` holds int and nulltype, `any`
// holds every type, and the empty set is `noreturn`. Lists are at most two deep, so the concrete
// types are 21 and the set is one word; union, duplicates and normal form take care of themselves.
class Type {
public:
    constexpr Type() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): every scalar is a type.
    constexpr Type(Scalar scalar)
        : bits_(1U << static_cast<unsigned>(scalar))
    {
    }
    static constexpr Type any() { return from_bits(all_bits); }
    static constexpr Type any_list() { return from_bits(all_bits & ~scalar_bits); }
    static constexpr Type any_list_of_lists() { return from_bits(all_bits & ~(list_bits - 1)); }
    // "list[int]", "int?", "float | string"
    static std::optional<Type> parse(std::string_view text);

    // list[T] for every T of the set; a list of lists of lists is no type and drops out.
    constexpr Type list() const { return from_bits((bits_ << scalars) & all_bits); }
    // What the lists of the set hold; scalars have no elements.
    constexpr Type elements() const { return from_bits(bits_ >> scalars); }
    constexpr Type or_null() const { return *this | Type(Scalar::null); }

    constexpr bool is_noreturn() const { return bits_ == 0; }
    constexpr bool is_any() const { return bits_ == all_bits; }
    constexpr bool is_one() const { return std::has_single_bit(bits_); }
    constexpr bool has(Type other) const { return (bits_ & other.bits_) == other.bits_; }
    constexpr bool meets(Type other) const { return (bits_ & other.bits_) != 0; }
    constexpr bool is_list() const { return !is_noreturn() && any_list().has(*this); }
    // The concrete types one by one.
    std::vector<Type> members() const;

    friend constexpr Type operator|(Type a, Type b) { return from_bits(a.bits_ | b.bits_); }
    friend constexpr Type operator&(Type a, Type b) { return from_bits(a.bits_ & b.bits_); }
    friend constexpr Type operator-(Type a, Type b) { return from_bits(a.bits_ & ~b.bits_); }
    constexpr Type& operator|=(Type other) { return *this = *this | other; }
    constexpr bool operator==(Type const&) const = default;
    constexpr std::uint32_t bits() const { return bits_; }
    static constexpr Type from_bits(std::uint32_t bits)
    {
        Type out;
        out.bits_ = bits & all_bits;
        return out;
    }

private:
    static constexpr unsigned scalars = 7;
    static constexpr std::uint32_t scalar_bits = (1U << scalars) - 1;
    static constexpr std::uint32_t list_bits = 1U << (2 * scalars);
    static constexpr std::uint32_t all_bits = (1U << (3 * scalars)) - 1;

    std::uint32_t bits_ { 0 };
};

// The common type of two list elements or list operands: int with float is float, path with string
// is string, the empty list with any list is that list; for unions every pair that has one.
// Nothing in common is noreturn.
Type common_type(Type a, Type b);

// As the specification writes it, members in alphabetical order, nulltype last: "int | string".
std::string to_string(Type type);

inline constexpr Type null_type { Scalar::null };
inline constexpr Type bool_type { Scalar::boolean };
inline constexpr Type int_type { Scalar::integer };
inline constexpr Type float_type { Scalar::floating };
inline constexpr Type string_type { Scalar::string };
inline constexpr Type path_type { Scalar::path };
inline constexpr Type range_type { Scalar::range };
inline constexpr Type empty_list_type = null_type.list();

}
