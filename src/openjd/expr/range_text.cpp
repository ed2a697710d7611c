#include <openjd/expr/range_text.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

std::uint64_t distance(std::int64_t low, std::int64_t high)
{
    return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

void append_part(std::string& text, std::int64_t first, std::int64_t last, std::uint64_t step)
{
    if (!text.empty())
        text += ',';
    text += std::to_string(first);
    if (first == last)
        return;
    auto const is_pair = distance(first, last) == step;
    text += (is_pair ? "," : "-") + std::to_string(last);
    if (!is_pair && step > 1)
        text += ":" + std::to_string(step);
}

}

std::string range_text(IntRange const& range)
{
    std::string text;
    auto const& intervals = range.intervals();
    for (std::size_t i = 0; i < intervals.size();) {
        auto const& begin = intervals[i];
        auto last = begin.last;
        for (++i; i < intervals.size() && intervals[i].step == begin.step
             && distance(last, intervals[i].first) == begin.step;
             ++i)
            last = intervals[i].last;
        append_part(text, begin.first, last, begin.step);
    }
    return text;
}

Result<IntRange> range_of(std::vector<std::int64_t> numbers)
{
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    std::string text;
    for (std::size_t i = 0; i < numbers.size();) {
        auto const first = numbers[i];
        auto last = first;
        auto const step = i + 1 < numbers.size() ? distance(first, numbers[i + 1]) : 1;
        for (++i; i < numbers.size() && distance(last, numbers[i]) == step; ++i)
            last = numbers[i];
        append_part(text, first, last, step);
    }
    return IntRange::parse(text);
}

Result<IntRange> slice_of(
    IntRange const& range, std::uint64_t first, std::uint64_t last, std::uint64_t step)
{
    std::string text;
    for (auto const& interval : range.intervals()) {
        auto const size = distance(interval.first, interval.last) / interval.step + 1;
        auto const end = std::min(interval.before + size, last);
        // The first index of the slice that falls into this interval.
        auto begin = first;
        if (begin < interval.before)
            begin += (interval.before - begin + step - 1) / step * step;
        if (begin >= end)
            continue;
        auto const steps = (end - 1 - begin) / step;
        // A slice of one value may step further than 64 bits hold.
        auto const stride = steps == 0 ? 1 : interval.step * step;
        append_part(text, range.at(begin), range.at(begin + steps * step), stride);
    }
    return text.empty() ? IntRange() : IntRange::parse(text);
}

std::optional<std::int64_t> sum_of(IntRange const& range)
{
    __extension__ using Wide = __int128;
    Wide sum = 0;
    for (auto const& interval : range.intervals()) {
        auto const steps = distance(interval.first, interval.last) / interval.step;
        auto const count = static_cast<Wide>(steps) + 1;
        // Below 2^125 each, with values and counts below 2^62.
        sum += (static_cast<Wide>(interval.first) + interval.last) * count / 2;
    }
    auto const low = static_cast<std::int64_t>(sum);
    return low == sum ? std::optional(low) : std::nullopt;
}

}
