#pragma once

#include <sched/preempt.h>
#include <sched/test_sched.h>

#include <gtest/gtest.h>

#include <vector>

namespace sidereal::sched {

// A farm where work of tier high and above stops other work.
struct Preempt : testing::Test {
    SchedFarm test;

    Preempt() { test.rule("preemption: {from: high, drain_s: 60}\n"); }

    void rules(std::string const& more)
    {
        test.rule("preemption: {from: high, drain_s: 60}\n" + more);
    }

    void pass(Duration time)
    {
        test.now.mono += time;
        test.now.wall += time;
    }

    RoomMade made;

    std::vector<Yield> ask()
    {
        made = make_room(test.farm, test.now, test.policy);
        return made.yields;
    }

    // As the brain does.
    void carry_out(std::vector<Yield> const& yields)
    {
        test.farm.keep(made.kept);
        for (auto const& yield : yields) {
            for (auto const id : yield.stop) {
                test.farm.attempts.at(id).cancel_reason = "stopped";
                test.farm.attempts.at(id).preempted = true;
            }
        }
    }

    std::size_t stopped(std::vector<Yield> const& yields, JobId of)
    {
        std::size_t count = 0;
        for (auto const& yield : yields)
            for (auto const id : yield.stop)
                count += test.farm.attempts.at(id).record.job == of ? 1u : 0u;
        return count;
    }

    void end_stopped()
    {
        std::vector<AttemptId> stopped;
        for (auto const& [id, attempt] : test.farm.attempts)
            if (attempt.preempted)
                stopped.push_back(id);
        for (auto const id : stopped)
            test.finish_attempt(
                id, std::chrono::seconds(1), 100, wire::Outcome::canceled, wire::Cause::preempted);
    }
};

}
