#include <openjd/expr/costs.h>

#include <openjd/expr/coerce.h>

namespace sidereal::openjd::expr {

Cost cost_of(Value const& value)
{
    switch (value.kind()) {
    case Kind::list: return Cost { value.size(), value.size() + value.bytes() / 32 };
    case Kind::string:
    case Kind::path: return Cost::of_text(value.text().size());
    default: return {};
    }
}

Outcome<Value> range_as_list(IntRange const& range, Meter& meter)
{
    TRY(meter.spend(range.size()));
    TRY(meter.reserve(range.size() * sizeof(std::int64_t)));
    std::vector<std::int64_t> numbers;
    numbers.reserve(range.size());
    for (auto const& interval : range.intervals()) {
        auto const steps = (static_cast<std::uint64_t>(interval.last)
                               - static_cast<std::uint64_t>(interval.first))
            / interval.step;
        for (std::uint64_t i = 0; i <= steps; ++i)
            numbers.push_back(static_cast<std::int64_t>(
                static_cast<std::uint64_t>(interval.first) + i * interval.step));
    }
    return Value::integers(std::move(numbers));
}

Outcome<Value> join_lists(Value const& left, Value const& right, Meter& meter)
{
    auto const type = common_type(left.type(), right.type());
    auto const a = TRY(cast(left, type, meter));
    auto const b = TRY(cast(right, type, meter));
    auto const size = a.size() + b.size();
    TRY(meter.spend(size));
    if (type == int_type.list()) {
        TRY(meter.reserve(size * sizeof(std::int64_t)));
        std::vector<std::int64_t> out;
        out.reserve(size);
        for (auto const& list : { a, b }) {
            if (auto const* numbers = list.numbers())
                out.insert(out.end(), numbers->begin(), numbers->end());
        }
        return Value::integers(std::move(out));
    }
    TRY(meter.reserve(size * sizeof(Value)));
    std::vector<Value> out;
    out.reserve(size);
    for (auto const& list : { a, b }) {
        for (std::size_t i = 0; i < list.size(); ++i)
            out.push_back(list.at(i));
    }
    return Value::list(type.elements(), std::move(out));
}

}
