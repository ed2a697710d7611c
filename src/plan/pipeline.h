#pragma once

#include <plan/model_plan.h>
#include <plan/speed.h>

#include <optional>

namespace sidereal::plan {

// What the stages of a layer split give together when groups of the streams follow each other
// through them; nothing for one device or one stream.
//
// A stream's next token needs its last one, so a group is in one stage at a time. With m groups in
// flight a token for all of them takes
//     max(sum of all stages' times, m x the slowest stage's time)
// each time for a group of streams / m: the loop is either waited for or kept full. Micro-batches
// that keep stages busy are those of GPipe (Huang et al. 2019), of which a decoding loop has no
// bubble to fill or drain; the bound is that of closed queueing networks, m / latency or
// 1 / bottleneck (Denning and Buzen 1978). Smaller groups read the weights more often, so the best
// m of 1 to the number of devices is taken.
std::optional<Pipeline> pipeline_of(SpeedInput const& input);

// Engines that keep groups of streams in flight. llama.cpp decodes one batch at a time.
bool overlaps_stages(std::string_view engine);

}
