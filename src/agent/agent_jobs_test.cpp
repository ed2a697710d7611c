#include <agent/test_agent.h>

namespace sidereal::agent {

TEST(AgentJobs, a_released_job_is_left_and_forgotten)
{
    AgentRig rig(1);
    rig.answer({ start(1, film) });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.brain.jobs.clear();
    rig.take_trace();
    rig.answer({ wire::ReleaseJob { film } });
    EXPECT_EQ(rig.take_trace(), Lines { "exit" });
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { bare, broken }));
    rig.pass_environments();
    EXPECT_EQ(rig.take_trace(), Lines { "remove /s/abc-1" });
}

TEST(AgentJobs, a_job_released_while_it_runs_is_forgotten_afterwards)
{
    AgentRig rig(1);
    rig.brain.jobs.clear();
    rig.answer({ start(1, bare), wire::ReleaseJob { bare } });
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, bare, broken }));
    rig.end(rig.first_action());
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, broken }));
    EXPECT_EQ(rig.trace.back(), "remove /s/abc-1");
}

TEST(AgentJobs, a_job_whose_text_comes_again_is_kept_until_it_is_released_again)
{
    AgentRig rig(1);
    rig.answer({ start(1, bare), wire::ReleaseJob { bare } });
    // The job was retried: its text comes once more.
    rig.answer({ start(2, bare) });
    rig.brain.jobs.clear();
    rig.end(rig.first_action());
    rig.end(rig.first_action());
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, bare, broken }));
    rig.answer({ wire::ReleaseJob { bare } });
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, broken }));
}

TEST(AgentJobs, a_text_outlives_the_release_that_comes_with_it)
{
    AgentRig rig(1);
    rig.take_trace();
    rig.answer({ wire::ReleaseJob { bare }, start(1, bare) });
    EXPECT_EQ(rig.take_trace(), (Lines { "make /s/abc-1", "true" }));
}

TEST(AgentJobs, attempts_that_cannot_be_made_end_with_the_reason)
{
    AgentRig rig(2);
    rig.brain.jobs.clear();
    rig.answer({ start(1, broken), start(2, { 99 }), start(3, film, 9),
        wire::Start { { 4 }, film, 0, 5000, 1 } });
    auto const ends = rig.ends();
    ASSERT_EQ(ends.size(), 4U);
    EXPECT_EQ(ends[0].cause, wire::Cause::not_started);
    EXPECT_NE(ends[0].message.find("broken.yaml"), std::string::npos) << ends[0].message;
    EXPECT_EQ(ends[1].cause, wire::Cause::interrupted);
    EXPECT_EQ(ends[2].cause, wire::Cause::not_started);
    EXPECT_EQ(ends[3].cause, wire::Cause::not_started);
    EXPECT_EQ(rig.started(), Ids {});
}

}
