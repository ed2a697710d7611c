#pragma once

#include <openjd/expr/type.h>
#include <openjd/int_range.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    floating,
    string,
    path,
    range,
    list,
    // Only the type is known: a value that a later stage will bring.
    unresolved,
};

// What an expression works with; immutable. Text, ranges and lists are shared by copies.
class Value {
public:
    Value() = default; // null
    static Value of(bool truth);
    static Value of(std::int64_t number);
    // Finite; minus zero becomes zero. `spelling` is how the number was written, kept for as long
    // as nobody calculates with it.
    static Value of(double number, std::string_view spelling = {});
    static Value of(std::string text);
    static Value of(char const* text) { return of(std::string(text)); }
    // `spelling` is how the range was written, where that is to be kept: "5-5".
    static Value of(IntRange range, std::string_view spelling = {});
    static Value path(std::string text);
    static Value integers(std::vector<std::int64_t> numbers);
    // All of the one type; an empty list has any element type or nulltype.
    static Value list(Type element, std::vector<Value> values);
    static Value unresolved(Type type);

    Kind kind() const { return kind_; }
    Type type() const;
    bool is(Kind kind) const { return kind_ == kind; }
    bool is_null() const { return kind_ == Kind::null; }

    bool truth() const { return bits_ != 0; }
    std::int64_t integer() const { return bits_; }
    double number() const;
    // Of an int or float.
    double as_double() const;
    // Of a string or path; of a float the spelling, if it has one.
    std::string const& text() const;
    bool has_spelling() const { return kind_ == Kind::floating && payload_ != nullptr; }
    // Of a string or path: code points, and whether that is bytes as well.
    std::size_t length() const;
    bool is_ascii() const;
    IntRange const& range() const;

    // Of a list.
    std::size_t size() const;
    Value at(std::size_t index) const;
    Type element_type() const;
    // Where a list[int] keeps its numbers; null for other lists.
    std::vector<std::int64_t> const* numbers() const;

    // What the value takes beside sizeof(Value): whole contents, whether shared or not.
    std::size_t bytes() const;
    // As format strings show it: null, true, 3.500, text as it is, lists as JSON.
    std::string to_text() const;

    // Same type and content.
    bool operator==(Value const& other) const;

private:
    struct Text;
    struct Range;
    struct List;

    Value(Kind kind, std::int64_t bits, std::shared_ptr<void const> payload)
        : kind_(kind)
        , bits_(bits)
        , payload_(std::move(payload))
    {
    }
    static Value of_text(Kind kind, std::string text);
    Text const& text_payload() const { return *static_cast<Text const*>(payload_.get()); }
    List const& list_payload() const { return *static_cast<List const*>(payload_.get()); }

    Kind kind_ { Kind::null };
    std::int64_t bits_ { 0 };
    std::shared_ptr<void const> payload_;
};

// Equality as the language has it: 5 == 5.0, string with path, list with range_expr; anything else
// of two types is unequal.
bool equals(Value const& a, Value const& b);
// Below zero, zero, above zero; nothing for two types that have no order.
std::optional<int> compare(Value const& a, Value const& b);

}
