#include <openjd/expr/value.h>

#include <base/verify.h>
#include <openjd/expr/numbers.h>
#include <openjd/expr/quoting.h>
#include <openjd/expr/range_text.h>
#include <openjd/text_rules.h>

#include <bit>
#include <cmath>
#include <utility>

namespace sidereal::openjd::expr {

struct Value::Text {
    std::string text;
    std::size_t length { 0 };
};

struct Value::Range {
    IntRange range;
    std::string spelling;
};

struct Value::List {
    Type element;
    std::vector<std::int64_t> numbers;
    std::vector<Value> values;
    std::size_t bytes { 0 };
};

Value Value::of(bool truth) { return { Kind::boolean, truth ? 1 : 0, nullptr }; }

Value Value::of(std::int64_t number) { return { Kind::integer, number, nullptr }; }

Value Value::of(double number, std::string_view spelling)
{
    VERIFY(std::isfinite(number));
    Value out { Kind::floating, std::bit_cast<std::int64_t>(number == 0 ? 0.0 : number), nullptr };
    if (!spelling.empty())
        out.payload_ = std::make_shared<Text const>(Text { std::string(spelling), 0 });
    return out;
}

Value Value::of_text(Kind kind, std::string text)
{
    auto const length = count_code_points(text);
    return { kind, 0, std::make_shared<Text const>(Text { std::move(text), length }) };
}

Value Value::of(std::string text) { return of_text(Kind::string, std::move(text)); }

Value Value::path(std::string text) { return of_text(Kind::path, std::move(text)); }

Value Value::of(IntRange range, std::string_view spelling)
{
    return { Kind::range, 0,
        std::make_shared<Range const>(Range { std::move(range), std::string(spelling) }) };
}

Value Value::integers(std::vector<std::int64_t> numbers)
{
    auto const bytes = sizeof(List) + numbers.capacity() * sizeof(std::int64_t);
    return { Kind::list, 0,
        std::make_shared<List const>(List { int_type, std::move(numbers), {}, bytes }) };
}

Value Value::list(Type element, std::vector<Value> values)
{
    VERIFY(element.is_one() && !element.list().is_noreturn());
    if (element == int_type) {
        std::vector<std::int64_t> numbers;
        numbers.reserve(values.size());
        for (auto const& value : values)
            numbers.push_back(value.integer());
        return integers(std::move(numbers));
    }
    auto bytes = sizeof(List) + values.capacity() * sizeof(Value);
    for (auto const& value : values)
        bytes += value.bytes();
    return { Kind::list, 0,
        std::make_shared<List const>(List { element, {}, std::move(values), bytes }) };
}

Value Value::unresolved(Type type)
{
    return { Kind::unresolved, static_cast<std::int64_t>(type.bits()), nullptr };
}

Type Value::type() const
{
    switch (kind_) {
    case Kind::list: return list_payload().element.list();
    case Kind::unresolved: return Type::from_bits(static_cast<std::uint32_t>(bits_));
    default: return static_cast<Scalar>(kind_);
    }
}

double Value::number() const { return std::bit_cast<double>(bits_); }

double Value::as_double() const
{
    return kind_ == Kind::integer ? static_cast<double>(bits_) : number();
}

std::string const& Value::text() const { return text_payload().text; }

std::size_t Value::length() const { return text_payload().length; }

bool Value::is_ascii() const { return text_payload().length == text_payload().text.size(); }

IntRange const& Value::range() const { return static_cast<Range const*>(payload_.get())->range; }

std::size_t Value::size() const
{
    auto const& list = list_payload();
    return list.element == int_type ? list.numbers.size() : list.values.size();
}

Value Value::at(std::size_t index) const
{
    auto const& list = list_payload();
    return list.element == int_type ? of(list.numbers[index]) : list.values[index];
}

Type Value::element_type() const { return list_payload().element; }

std::vector<std::int64_t> const* Value::numbers() const
{
    return list_payload().element == int_type ? &list_payload().numbers : nullptr;
}

std::size_t Value::bytes() const
{
    if (payload_ == nullptr)
        return 0;
    switch (kind_) {
    case Kind::list: return list_payload().bytes;
    case Kind::range:
        return sizeof(Range) + static_cast<Range const*>(payload_.get())->spelling.capacity()
            + range().intervals().capacity() * sizeof(IntRange::Interval);
    default: return sizeof(Text) + text().capacity();
    }
}

std::string Value::to_text() const
{
    switch (kind_) {
    case Kind::null: return "null";
    case Kind::boolean: return truth() ? "true" : "false";
    case Kind::integer: return std::to_string(integer());
    case Kind::floating: return has_spelling() ? text() : float_text(number());
    case Kind::string:
    case Kind::path: return text();
    case Kind::range: {
        auto const& spelling = static_cast<Range const*>(payload_.get())->spelling;
        return spelling.empty() ? range_text(range()) : spelling;
    }
    case Kind::list: return quote_json(*this);
    case Kind::unresolved: return "unresolved[" + to_string(type()) + "]";
    }
    VERIFY_NOT_REACHED();
}

bool Value::operator==(Value const& other) const
{
    if (kind_ != other.kind_ || type() != other.type())
        return false;
    if (kind_ == Kind::floating && has_spelling() != other.has_spelling())
        return false;
    if (kind_ != Kind::list)
        return kind_ == Kind::unresolved || equals(*this, other);
    if (size() != other.size())
        return false;
    for (std::size_t i = 0; i < size(); ++i) {
        if (!(at(i) == other.at(i)))
            return false;
    }
    return true;
}

namespace {

bool is_number(Value const& value) { return value.is(Kind::integer) || value.is(Kind::floating); }

bool is_text(Value const& value) { return value.is(Kind::string) || value.is(Kind::path); }

bool list_equals_range(Value const& list, IntRange const& range)
{
    if (list.size() != range.size())
        return false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!equals(list.at(i), Value::of(range.at(i))))
            return false;
    }
    return true;
}

bool lists_equal(Value const& a, Value const& b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!equals(a.at(i), b.at(i)))
            return false;
    }
    return true;
}

std::optional<int> compare_lists(Value const& a, Value const& b)
{
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        auto const order = compare(a.at(i), b.at(i));
        if (!order || *order != 0)
            return order;
    }
    return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

template<typename T>
int order_of(T const& a, T const& b)
{
    return a < b ? -1 : b < a ? 1 : 0;
}

}

bool equals(Value const& a, Value const& b)
{
    if (a.is(Kind::integer) && b.is(Kind::integer))
        return a.integer() == b.integer();
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b) == 0;
    if (is_text(a) && is_text(b))
        return a.text() == b.text();
    if (a.is(Kind::list) && b.is(Kind::range))
        return list_equals_range(a, b.range());
    if (a.is(Kind::range) && b.is(Kind::list))
        return list_equals_range(b, a.range());
    if (a.kind() != b.kind())
        return false;
    switch (a.kind()) {
    case Kind::null: return true;
    case Kind::boolean: return a.truth() == b.truth();
    case Kind::range: return range_text(a.range()) == range_text(b.range());
    case Kind::list: return lists_equal(a, b);
    default: return false;
    }
}

std::optional<int> compare(Value const& a, Value const& b)
{
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b);
    if (is_text(a) && is_text(b))
        return order_of(a.text(), b.text());
    if (a.is(Kind::boolean) && b.is(Kind::boolean))
        return order_of(a.truth(), b.truth());
    if (a.is(Kind::list) && b.is(Kind::list))
        return compare_lists(a, b);
    return std::nullopt;
}

}
