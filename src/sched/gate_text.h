#pragma once

#include <sched/draft.h>

#include <string>

namespace sidereal::sched {

// Why a step waits, in one sentence with the lever, for the gates that no node has a say in.
std::string gate_text(Draft const& draft, StepRef ref, WaitClass gate);

}
