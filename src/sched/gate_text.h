#pragma once

#include <sched/draft.h>

#include <string>

namespace sidereal::sched {

// Why a step waits, in one sentence with the lever, for the gates that no node has a say in.
std::string gate_text(Draft const& draft, StepRef ref, WaitClass gate);
// For nodes that are held back for what failed there: of one, and of all.
std::string blame_text(Draft const& draft, StepRef ref, Room const& room);
std::string blame_text(Draft const& draft, StepRef ref);

}
