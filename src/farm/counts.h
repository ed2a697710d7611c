#pragma once

#include <base/verify.h>

#include <cstdint>
#include <map>

// Sums that shrink again.
namespace sidereal::farm {

// Removes the key when its count falls to 0; it must be there.
template<typename Key>
void count_down(std::map<Key, std::uint32_t>& counts, Key const& key)
{
    auto const found = counts.find(key);
    VERIFY(found != counts.end());
    if (--found->second == 0)
        counts.erase(found);
}

// What is left of a sum of amounts, rid of the rounding of earlier ones.
inline void take_off(double& sum, double part)
{
    constexpr double tolerance = 1e-6;
    sum -= part;
    VERIFY(sum > -tolerance);
    if (sum < tolerance)
        sum = 0;
}

}
