#include <openjd/chunked_range.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sidereal::openjd {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t count_of(IntRange::Interval const& interval)
{
    auto const span = static_cast<std::uint64_t>(interval.last)
        - static_cast<std::uint64_t>(interval.first);
    return span / interval.step + 1;
}

std::int64_t value_at(IntRange::Interval const& interval, std::uint64_t index)
{
    return static_cast<std::int64_t>(
        static_cast<std::uint64_t>(interval.first) + index * interval.step);
}

std::uint64_t pieces_of(std::uint64_t values, std::uint64_t most)
{
    return values / most + (values % most != 0);
}

// Where part `index` begins when `values` are cut into `parts` whose sizes differ by one at most,
// the larger ones spread evenly: ceil(index * values / parts).
std::uint64_t part_start(std::uint64_t values, std::uint64_t parts, std::uint64_t index)
{
    return static_cast<std::uint64_t>((Wide(index) * values + parts - 1) / parts);
}

std::uint64_t part_of(std::uint64_t values, std::uint64_t parts, std::uint64_t offset)
{
    return static_cast<std::uint64_t>(Wide(offset) * parts / values);
}

// Writes ascending values as a range expression.
class RangeWriter {
public:
    void add(std::int64_t value)
    {
        auto const step = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(last_);
        if (count_ == 1)
            step_ = step;
        else if (count_ >= 2 && step != step_)
            start_anew(step);
        if (count_ == 0)
            first_ = value;
        last_ = value;
        ++count_;
    }

    // The values from..from+(count-1)*step of one interval.
    void add(IntRange::Interval const& interval, std::uint64_t from, std::uint64_t count)
    {
        std::uint64_t i = 0;
        for (; i < count && !(count_ >= 2 && step_ == interval.step && i > 0); ++i)
            add(value_at(interval, from + i));
        if (i < count) {
            count_ += count - i;
            last_ = value_at(interval, from + count - 1);
        }
    }

    std::string take()
    {
        flush();
        return std::move(out_);
    }

private:
    void start_anew(std::uint64_t step)
    {
        if (count_ >= 3) {
            flush();
            return;
        }
        write("{}", first_);
        first_ = last_;
        step_ = step;
        count_ = 1;
    }

    void flush()
    {
        if (count_ >= 3 && step_ == 1)
            write("{}-{}", first_, last_);
        else if (count_ >= 3)
            write("{}-{}:{}", first_, last_, step_);
        else if (count_ == 2)
            write("{},{}", first_, last_);
        else if (count_ == 1)
            write("{}", first_);
        count_ = 0;
    }

    template<typename... Args>
    void write(fmt::format_string<Args...> format, Args&&... args)
    {
        if (!out_.empty())
            out_ += ',';
        fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    }

    std::string out_;
    std::int64_t first_ { 0 };
    std::int64_t last_ { 0 };
    std::uint64_t step_ { 0 };
    std::uint64_t count_ { 0 };
};

template<typename Items, typename Before>
auto find_at(Items const& items, std::uint64_t index, Before before)
{
    return std::prev(std::upper_bound(items.begin(), items.end(), index,
        [&](std::uint64_t wanted, auto const& item) { return wanted < before(item); }));
}

}

std::string range_text(IntRange const& range, std::uint64_t first, std::uint64_t count)
{
    RangeWriter writer;
    auto interval = find_at(range.intervals(), first, [](auto const& i) { return i.before; });
    auto from = first - interval->before;
    while (count > 0) {
        auto const here = std::min(count, count_of(*interval) - from);
        writer.add(*interval, from, here);
        count -= here;
        from = 0;
        ++interval;
    }
    return writer.take();
}

ChunkedRange::ChunkedRange(IntRange range, std::uint64_t most_values, ChunkConstraint constraint)
    : range_(std::move(range))
    , most_values_(most_values)
    , constraint_(constraint)
{
    VERIFY(most_values_ > 0);
    if (constraint_ == ChunkConstraint::noncontiguous) {
        size_ = pieces_of(range_.size(), most_values_);
        return;
    }
    for (auto const& interval : range_.intervals())
        add_interval(interval);
    for (auto& run : runs_) {
        auto const values = count_of(run.values);
        run.chunks = run.values.step == 1 ? pieces_of(values, most_values_) : values;
        run.chunks_before = size_;
        size_ += run.chunks;
    }
}

// Only the ends of an interval with a step can touch a neighbour.
void ChunkedRange::add_interval(IntRange::Interval const& interval)
{
    auto const values = count_of(interval);
    if (interval.step == 1 || values == 1)
        return add_run({ interval.first, interval.last, 1, interval.before });
    add_run({ interval.first, interval.first, 1, interval.before });
    if (values > 2)
        runs_.push_back({ { value_at(interval, 1), value_at(interval, values - 2), interval.step,
                              interval.before + 1 },
            0, 0 });
    add_run({ interval.last, interval.last, 1, interval.before + values - 1 });
}

void ChunkedRange::add_run(IntRange::Interval values)
{
    if (!runs_.empty()) {
        auto& before = runs_.back().values;
        if (before.step == 1 && before.last + 1 == values.first) {
            before.last = values.last;
            return;
        }
    }
    runs_.push_back({ values, 0, 0 });
}

ChunkedRange::Slice ChunkedRange::slice(std::uint64_t index) const
{
    VERIFY(index < size_);
    if (constraint_ == ChunkConstraint::noncontiguous) {
        auto const first = part_start(range_.size(), size_, index);
        return { first, part_start(range_.size(), size_, index + 1) - first };
    }
    auto const run = find_at(runs_, index, [](Run const& one) { return one.chunks_before; });
    auto const values = count_of(run->values);
    auto const part = index - run->chunks_before;
    auto const first = part_start(values, run->chunks, part);
    return { run->values.before + first, part_start(values, run->chunks, part + 1) - first };
}

std::uint64_t ChunkedRange::together(std::uint64_t index) const
{
    VERIFY(index < size_);
    if (constraint_ == ChunkConstraint::noncontiguous)
        return size_ - index;
    auto const run = find_at(runs_, index, [](Run const& one) { return one.chunks_before; });
    return run->values.step == 1 ? run->chunks - (index - run->chunks_before) : 1;
}

std::string ChunkedRange::at(std::uint64_t index) const { return at(index, 1); }

std::string ChunkedRange::at(std::uint64_t index, std::uint64_t chunks) const
{
    VERIFY(chunks > 0 && chunks <= together(index));
    auto const first = slice(index).first;
    auto const last = slice(index + chunks - 1);
    auto const count = last.first + last.count - first;
    if (constraint_ == ChunkConstraint::contiguous)
        return fmt::format("{}-{}", range_.at(first), range_.at(first + count - 1));
    return range_text(range_, first, count);
}

bool ChunkedRange::holds(std::string_view text) const
{
    constexpr std::uint64_t most = 100'000;
    auto const wanted = IntRange::parse(text);
    if (!wanted || wanted->size() > most)
        return false;
    for (std::uint64_t i = 0; i < wanted->size(); ++i) {
        if (!range_.index_of(wanted->at(i)))
            return false;
    }
    return true;
}

std::optional<std::uint64_t> ChunkedRange::index_of(std::string_view text) const
{
    auto const wanted = IntRange::parse(text);
    auto const place = wanted ? range_.index_of(wanted->at(0)) : std::nullopt;
    if (!place)
        return std::nullopt;
    std::uint64_t index = 0;
    if (constraint_ == ChunkConstraint::noncontiguous) {
        index = part_of(range_.size(), size_, *place);
    } else {
        auto const run = find_at(runs_, *place, [](Run const& one) { return one.values.before; });
        index = run->chunks_before
            + part_of(count_of(run->values), run->chunks, *place - run->values.before);
    }
    auto const [first, count] = slice(index);
    bool const same = wanted->size() == count
        && range_text(*wanted, 0, count) == range_text(range_, first, count);
    return same ? std::optional(index) : std::nullopt;
}

}
