#pragma once

#include <base/time.h>

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace sidereal::io {

// Pages that several processes share count once for each.
struct GroupUse {
    std::uint64_t rss_bytes { 0 };
    // Of those that run, and of children that they have waited for.
    Duration cpu { 0 };
};

// For each leader, in order: what its process group and all its descendants take.
std::vector<GroupUse> group_use(std::span<pid_t const> leaders);

// Whether a process is of the leader's group or descends from it.
bool descends_from(pid_t process, pid_t leader);

// SIGKILLs what is left of a process group that one of ours led. Its number may be a stranger's by
// now, who then is not of our session (setsid(2)).
void kill_rest_of_group(pid_t group);

// The sum of just these; what has ended counts nothing.
std::uint64_t rss_bytes_of(std::span<pid_t const> processes);

}
