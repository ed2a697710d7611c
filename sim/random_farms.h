#pragma once

#include <cstdint>
#include <string>

namespace sidereal::sim {

// How one farm went.
struct FarmCourse {
    std::uint64_t placed { 0 };
    // Empty if all went well; otherwise the first thing of which more was given out than there is.
    std::string failure;
};

// A small farm made up from the seed, GPUs, limits, circuits and pools included: work is placed,
// ends in all the ways it can, nodes come and go. After each plan what runs is added up anew, from
// nothing but the leases.
FarmCourse run_random_farm(std::uint64_t seed);

}
