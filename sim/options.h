#pragma once

#include <base/prng.h>
#include <base/time.h>
#include <brain/brain.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::sim {

// How often things go wrong before the healing; 0 is never.
struct Faults {
    double lost { 0 };
    double duplicated { 0 };
    double slow { 0 }; // messages that take up to slow_limit
    Duration slow_limit {};
    double commit_fails { 0 };
    double slow_fsync { 0 };
    // Machines that do not what they are told: fall asleep, wake.
    double power_fails { 0 };
    // Mean times between.
    Duration brain_crashes {};
    Duration agent_crashes {};
    Duration agent_stops {};
    Duration cuts {};
    Duration clock_steps {};
};

// The kind of work that comes in.
struct Work {
    int jobs { 1 };
    int tasks_max { 10 }; // of one step
    Duration task_time_max {};
    double fails { 0 };
    double not_started { 0 };
    double hangs { 0 };
    double ignores_terminate { 0 };
    Duration commands {}; // mean time between the client's other requests
};

// A bug planted in the World, to show that the checkers find it.
enum class Mutation : std::uint8_t {
    none,
    speak_before_durable,
    forget_batch,
    write_batch_twice,
    lose_record,
    miscount_cost,
    accept_stale_reports,
    deliver_orders_twice,
    swallow_orders,
    forge_success,
    claim_more_vcpus,
    ignore_dependencies,
    skip_environment_exit,
    enter_environment_twice,
    keep_session_dir,
};

struct Options {
    std::uint64_t seed { 0 };
    std::vector<double> vcpus; // one a node
    std::vector<int> gpus; // likewise
    // Nodes without work for so long are put to sleep; 0: never. So many stay awake.
    Duration sleep_after {};
    int keep_awake { 0 };
    brain::Config brain;
    Duration call_timeout {};
    Duration adrift_limit {};
    Duration safety_time {};
    Faults faults;
    Work work;
    Mutation mutation { Mutation::none };
};

// Swarm testing: each seed has a few kinds of faults and none of the others.
Options draw_options(std::uint64_t seed);
std::string to_string(Options const& options);

// Spread evenly around the mean.
inline Duration draw_wait(Prng& prng, Duration mean)
{
    return Duration(prng.between(mean.count() / 2, mean.count() * 3 / 2));
}

inline Duration draw_between(Prng& prng, Duration low, Duration high)
{
    return Duration(prng.between(low.count(), high.count()));
}

}
