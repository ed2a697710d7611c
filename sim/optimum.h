#pragma once

#include <cstddef>
#include <vector>

// The best that anybody could do on a small farm who knew all run times, by trying everything.
namespace sidereal::sim {

struct KnownTask {
    double length_s { 0 };
    double weight { 1 };
};

// On identical machines that run one task at a time; at most 10 tasks, since all ways to share them
// out are tried.
struct Optimum {
    // When the last task ends.
    double makespan_s { 0 };
    // Sum of weight times end; on one machine by Smith's rule (length over weight, ascending).
    double weighted_ends_s { 0 };
};
Optimum optimum(std::vector<KnownTask> const& tasks, std::size_t machines);

}
