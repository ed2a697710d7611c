#include <openjd/chunk_sizer.h>

#include <base/verify.h>

#include <algorithm>
#include <cmath>

namespace sidereal::openjd {

namespace {

// More than any step has; keeps the arithmetic exact.
constexpr double most_values = 1e15;
constexpr double first_part = 0.25;
constexpr double shortest_s = 1e-6;

}

ChunkSizer::ChunkSizer(ChunkTarget const& target)
    : target_(target)
    , size_(static_cast<double>(target.default_task_count))
{
    VERIFY(target.default_task_count > 0 && target.run_time > Duration::zero());
}

void ChunkSizer::add(std::uint64_t values, Duration run_time)
{
    ++chunks_;
    values_ += static_cast<double>(values);
    seconds_ += std::max(shortest_s, to_seconds(run_time));
    auto const ideal = std::clamp(
        to_seconds(target_.run_time) * values_ / seconds_, 1.0, most_values);
    size_ = chunks_ > first_chunks ? ideal : size_ + (ideal - size_) * first_part;
}

std::uint64_t ChunkSizer::size() const
{
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(size_)));
}

}
