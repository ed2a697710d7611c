#include <openjd/expr/list_builder.h>

#include <openjd/expr/coerce.h>

#include <utility>

namespace sidereal::openjd::expr {

Outcome<void> ListBuilder::add_type(Type type)
{
    if (type == null_type)
        return bad_type("null cannot be an element of a list");
    type = type - null_type;
    if (type.list().is_noreturn() && !type.is_noreturn())
        return bad_type("lists may be two deep at most");
    if (is_empty_) {
        element_ = type;
        is_empty_ = false;
        return {};
    }
    auto const common = common_type(element_, type);
    if (common.is_noreturn() && !type.is_noreturn() && !element_.is_noreturn())
        return bad_type("the elements of a list have one type, not {} and {}", to_string(element_),
            to_string(type));
    element_ = type.is_noreturn() ? element_ : element_.is_noreturn() ? type : common;
    return {};
}

template<typename T>
Outcome<void> ListBuilder::grow(std::vector<T>& list)
{
    if (list.size() < list.capacity())
        return {};
    auto const larger = std::max<std::size_t>(4, list.capacity() * 2);
    // While it moves, the list is there twice.
    TRY(meter_.reserve((list.capacity() + larger) * sizeof(T)));
    list.reserve(larger);
    return {};
}

Outcome<void> ListBuilder::add(Value value)
{
    auto const type = value.type();
    if (is_empty_ || type != element_)
        TRY(add_type(type));
    if (is_unresolved_ || value.is(Kind::unresolved)) {
        is_unresolved_ = true;
        return {};
    }
    if (value.is(Kind::integer) && values_.empty()) {
        TRY(grow(numbers_));
        numbers_.push_back(value.integer());
    } else {
        if (!numbers_.empty()) {
            TRY(meter_.reserve(numbers_.size() * sizeof(Value)));
            for (auto const number : numbers_)
                values_.push_back(Value::of(number));
            numbers_ = {};
        }
        TRY(grow(values_));
        contents_ += value.bytes();
        values_.push_back(std::move(value));
    }
    return meter_.hold(start_ + contents_ + numbers_.capacity() * sizeof(std::int64_t)
        + values_.capacity() * sizeof(Value));
}

Outcome<Value> ListBuilder::finish()
{
    if (is_unresolved_)
        return Value::unresolved(element_.list());
    if (is_empty_)
        return Value::list(null_type, {});
    if (values_.empty())
        return Value::integers(std::move(numbers_));
    for (auto& value : values_) {
        if (value.type() != element_)
            value = TRY(cast(std::move(value), element_, meter_));
    }
    return Value::list(element_, std::move(values_));
}

}
