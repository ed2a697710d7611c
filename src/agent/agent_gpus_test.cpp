#include <agent/test_agent.h>

#include <algorithm>

namespace sidereal::agent {

namespace {

wire::Start on_gpu(std::uint64_t attempt, std::string uuid, double part = 1)
{
    auto order = start(attempt, film);
    order.gpus = { { std::move(uuid), 1000 * part, part } };
    return order;
}

Config config_with_gpus()
{
    auto made = config(4);
    made.facts.gpus = { { "GPU-a", "A40", 48ull << 30 }, { "GPU-b", "A40", 48ull << 30 } };
    return made;
}

bool sees(RunAction const& run, std::string const& variable)
{
    return std::find(run.environment.begin(), run.environment.end(), variable)
        != run.environment.end();
}

}

TEST(AgentGpus, tasks_and_their_environments_see_their_gpus_and_no_others)
{
    AgentRig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-b"), start(2, bare) });
    EXPECT_TRUE(sees(rig.actions.begin()->second, "CUDA_VISIBLE_DEVICES=GPU-b"));
    EXPECT_TRUE(rig.actions.begin()->second.has_gpus);
    rig.pass_environments();
    EXPECT_TRUE(sees(rig.actions.rbegin()->second, "CUDA_VISIBLE_DEVICES=GPU-b"));
    EXPECT_TRUE(sees(rig.actions.begin()->second, "CUDA_VISIBLE_DEVICES=-1"));
    EXPECT_FALSE(rig.actions.begin()->second.has_gpus);
}

TEST(AgentGpus, a_session_is_not_shared_by_tasks_with_different_gpus)
{
    AgentRig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-a") });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.take_trace();
    // The same GPU: it goes on. Another one: it enters anew.
    rig.answer({ on_gpu(2, "GPU-a"), on_gpu(3, "GPU-b") });
    EXPECT_EQ(rig.actions.size(), 2u);
    EXPECT_EQ(rig.actions.begin()->second.argv[0], "render");
    EXPECT_EQ(rig.actions.rbegin()->second.argv[0], "enter");
}

TEST(AgentGpus, a_task_waits_until_another_steps_session_has_left_its_gpu)
{
    AgentRig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-a") });
    rig.pass_environments();
    rig.end(rig.first_action());
    auto other = on_gpu(2, "GPU-a");
    other.job = bare;
    rig.answer({ other });
    ASSERT_EQ(rig.actions.size(), 1u);
    EXPECT_EQ(rig.actions.begin()->second.argv[0], "exit");
    rig.end(rig.first_action());
    ASSERT_EQ(rig.actions.size(), 1u);
    EXPECT_EQ(rig.actions.begin()->second.argv[0], "true");
}

TEST(AgentGpus, parts_of_one_gpu_run_side_by_side)
{
    AgentRig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-a", 0.25), on_gpu(2, "GPU-a", 0.25) });
    EXPECT_EQ(rig.actions.size(), 2u);
}

}
