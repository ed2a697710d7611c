#include <fuzz/fuzz.h>

#include <openjd/int_range.h>

void sidereal::fuzz::take(std::string_view input)
{
    auto const range = openjd::IntRange::parse(input);
    if (!range) {
        VERIFY(!range.error().message.empty());
        return;
    }
    auto const size = range->size();
    VERIFY(size >= 1);
    VERIFY(range->at(0) <= range->at(size - 1));
    for (auto const index : { std::uint64_t { 0 }, size / 3, size / 2, size - 1 })
        VERIFY(range->index_of(range->at(index)) == index);
    for (std::uint64_t index = 1; index < size && index < 100; ++index)
        VERIFY(range->at(index - 1) < range->at(index));
}
