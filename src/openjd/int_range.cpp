#include <openjd/int_range.h>

#include <base/verify.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace sidereal::openjd {

namespace {

constexpr std::int64_t value_limit = std::int64_t { 1 } << 62;
constexpr std::size_t max_parts = 10'000;

std::uint64_t distance(std::int64_t low, std::int64_t high)
{
    return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

}

// value ( '-' value ( ':' step )? )? ( ',' … )*
class IntRangeParser {
public:
    explicit IntRangeParser(std::string_view text)
        : text_(text)
    {
    }

    Result<IntRange> parse()
    {
        auto& intervals = range_.intervals_;
        do {
            if (intervals.size() == max_parts)
                return fail(ErrorCode::invalid_input, "a range has at most {} parts", max_parts);
            intervals.push_back(TRY(part()));
        } while (accept(','));
        skip_blanks();
        if (at_ < text_.size())
            return unexpected("',' or the end");
        std::sort(intervals.begin(), intervals.end(),
            [](auto const& a, auto const& b) { return a.first < b.first; });
        for (std::size_t i = 0; i < intervals.size(); ++i) {
            auto& interval = intervals[i];
            if (i > 0 && interval.first <= intervals[i - 1].last) {
                return fail(ErrorCode::invalid_input,
                    "the parts {}-{} and {}-{} overlap; every value may stand in one part only",
                    intervals[i - 1].first, intervals[i - 1].last, interval.first, interval.last);
            }
            interval.before = range_.size_;
            range_.size_ += distance(interval.first, interval.last) / interval.step + 1;
            if (range_.size_ >= static_cast<std::uint64_t>(value_limit))
                return fail(ErrorCode::invalid_input, "the range has 2^62 values or more");
        }
        return std::move(range_);
    }

private:
    tl::unexpected<Error> unexpected(std::string_view wanted) const
    {
        if (at_ >= text_.size())
            return fail(ErrorCode::invalid_input, "range '{}' ends where {} is expected",
                excerpt(text_), wanted);
        auto const rest = text_.substr(at_);
        return fail(ErrorCode::invalid_input,
            "range '{}' has '{}' at character {} where {} is expected", excerpt(text_),
            excerpt(rest.substr(0, 16)), at_ + 1, wanted);
    }

    void skip_blanks()
    {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }

    bool accept(char wanted)
    {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != wanted)
            return false;
        ++at_;
        return true;
    }

    Result<std::int64_t> number(std::string_view wanted)
    {
        skip_blanks();
        std::int64_t value = 0;
        auto const rest = text_.substr(at_);
        auto const [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        if (failure == std::errc::invalid_argument)
            return unexpected(wanted);
        if (failure != std::errc {} || value >= value_limit || value <= -value_limit)
            return fail(
                ErrorCode::invalid_input, "range '{}' has a value beyond 2^62", excerpt(text_));
        at_ += static_cast<std::size_t>(end - rest.data());
        return value;
    }

    Result<IntRange::Interval> part()
    {
        auto const start = TRY(number("a whole number"));
        if (!accept('-'))
            return IntRange::Interval { start, start, 1, 0 };
        auto const end = TRY(number("the range's end"));
        std::int64_t step = 1;
        if (accept(':')) {
            step = TRY(number("the step"));
            if (step == 0)
                return fail(ErrorCode::invalid_input, "range '{}' has the step 0", excerpt(text_));
        } else if (start > end) {
            return fail(ErrorCode::invalid_input,
                "the range {}-{} goes down and needs a negative step, such as {}-{}:-1", start, end,
                start, end);
        }
        if (start < end && step < 0)
            return fail(ErrorCode::invalid_input,
                "the range {}-{} goes up and needs a positive step, not {}", start, end, step);
        if (start > end && step > 0)
            return fail(ErrorCode::invalid_input,
                "the range {}-{} goes down and needs a negative step, not {}", start, end, step);
        auto const stride = static_cast<std::uint64_t>(step < 0 ? -step : step);
        auto const span = distance(std::min(start, end), std::max(start, end));
        auto const reach = static_cast<std::int64_t>(span - span % stride);
        if (start <= end)
            return IntRange::Interval { start, start + reach, stride, 0 };
        return IntRange::Interval { start - reach, start, stride, 0 };
    }

    std::string_view text_;
    std::size_t at_ { 0 };
    IntRange range_;
};

Result<IntRange> IntRange::parse(std::string_view text) { return IntRangeParser(text).parse(); }

Result<IntRange> IntRange::of(std::vector<std::int64_t> const& values)
{
    IntRange out;
    for (auto const value : values) {
        if (value >= value_limit || value <= -value_limit)
            return fail(ErrorCode::invalid_input, "{} is beyond 2^62", value);
        out.intervals_.push_back({ value, value, 1, out.size_++ });
    }
    return out;
}

std::int64_t IntRange::at(std::uint64_t index) const
{
    VERIFY(index < size_);
    auto found = intervals_.begin();
    if (intervals_.size() > 1) {
        found = std::prev(std::upper_bound(intervals_.begin(), intervals_.end(), index,
            [](std::uint64_t wanted, Interval const& interval) {
                return wanted < interval.before;
            }));
    }
    auto const offset = (index - found->before) * found->step;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(found->first) + offset);
}

std::optional<std::uint64_t> IntRange::index_of(std::int64_t value) const
{
    auto const after = std::upper_bound(intervals_.begin(), intervals_.end(), value,
        [](std::int64_t wanted, Interval const& interval) { return wanted < interval.first; });
    if (after == intervals_.begin())
        return std::nullopt;
    auto const& interval = *std::prev(after);
    auto const offset = distance(interval.first, value);
    if (value > interval.last || offset % interval.step != 0)
        return std::nullopt;
    return interval.before + offset / interval.step;
}

}
