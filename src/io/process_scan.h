#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace sidereal::io {

// For each leader, in order: the resident bytes of its process group and of all its descendants.
// Pages that several of them share count once for each.
std::vector<std::uint64_t> group_rss_bytes(std::span<pid_t const> leaders);

// Whether a process is of the leader's group or descends from it.
bool descends_from(pid_t process, pid_t leader);

// The sum of just these; what has ended counts nothing.
std::uint64_t rss_bytes_of(std::span<pid_t const> processes);

}
