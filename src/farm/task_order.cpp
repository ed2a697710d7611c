#include <base/verify.h>
#include <farm/scheduling.h>

#include <array>

namespace sidereal::farm {

namespace {

constexpr std::uint64_t wave = 10;

std::uint64_t middle_out(std::uint64_t count, std::uint64_t position)
{
    auto const middle = (count - 1) / 2;
    auto const distance = (position + 1) / 2;
    return position % 2 == 1 ? middle + distance : middle - distance;
}

// First, middle and last are taken out of the two waves that follow.
std::uint64_t preview(std::uint64_t count, std::uint64_t position)
{
    std::array<std::uint64_t, 3> first { 0, count / 2, count - 1 };
    auto const leading = count < 3 ? count : 3;
    if (position < leading)
        return count < 3 ? position : first[position];
    auto const is_leading = [&](std::uint64_t task) {
        return task == first[0] || task == first[1] || task == first[2];
    };
    // Multiples of ten without the leading ones, of which 0 is always one.
    auto const tenths = (count - 1) / wave;
    auto left = position - leading;
    auto taken = std::uint64_t { 0 };
    for (auto const task : { first[1], first[2] })
        taken += task % wave == 0 ? 1 : 0;
    if (left < tenths - taken) {
        auto task = (left + 1) * wave;
        for (auto const skipped : { first[1], first[2] })
            if (skipped % wave == 0 && skipped <= task)
                task += wave;
        return task;
    }
    left -= tenths - taken;
    // The others, none of them a multiple of ten.
    auto task = left / (wave - 1) * wave + left % (wave - 1) + 1;
    for (auto const skipped : { first[1], first[2] })
        if (skipped % wave != 0 && skipped <= task)
            task += (task + 1) % wave == 0 ? 2U : 1U;
    VERIFY(task < count && !is_leading(task));
    return task;
}

}

std::uint64_t task_at(TaskOrder order, std::uint64_t count, std::uint64_t position)
{
    VERIFY(position < count);
    switch (order) {
    case TaskOrder::listed: return position;
    case TaskOrder::reverse: return count - 1 - position;
    case TaskOrder::middle_out: return middle_out(count, position);
    case TaskOrder::preview: return preview(count, position);
    }
    VERIFY_NOT_REACHED();
}

}
