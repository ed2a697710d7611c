// What a simulated farm has found about restarts: each case stands for seeds in
// sim/seeds/regressions.txt.
#include <brain/test_brain.h>

namespace sidereal::brain {

namespace {

using farm::JobState;
using farm::TaskState;

struct Reconcile : BrainTest {
    void verb(JobId job, JobVerb verb, TaskChoice const& choice = {})
    {
        Effects turn;
        on_job_verb(brain, job, verb, choice, { ++last_ticket }, now, turn);
        last_sends = keep(turn);
    }
    void cancel(JobId job) { verb(job, JobVerb::cancel); }
    void retry(JobId job) { verb(job, JobVerb::retry, { "work", 0 }); }
};

template<typename What>
std::vector<What> only(std::vector<wire::Order> const& orders)
{
    std::vector<What> found;
    for (auto const& order : orders) {
        if (auto const* one = std::get_if<What>(&order))
            found.push_back(*one);
    }
    return found;
}

}

TEST_F(Reconcile, a_call_delayed_over_the_restart_does_not_say_what_is_held_now)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.settled = agent.number;
    auto const delayed = agent.call();
    auto const job = submit(template_of(1), 0);
    talk(agent);
    auto const held = agent.holding;
    ASSERT_EQ(held.size(), 1U);
    restart();
    send(delayed);
    talk(agent);
    EXPECT_EQ(agent.holding, held);
    EXPECT_EQ(agent.started(), held) << "it went out a second time";
    agent.end(held.front());
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
}

TEST_F(Reconcile, nor_does_one_while_an_older_call_may_yet_bring_orders)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const held = agent.holding;
    restart();
    // It has heard from this brain, and its call before this one is still open.
    auto doubtful = agent.call();
    doubtful.brain_instance = brain.config.instance;
    doubtful.settled = doubtful.number - 2;
    doubtful.holding.clear();
    send(doubtful);
    EXPECT_EQ(brain.farm.attempts.count(held.front()), 1U);
    agent.settled = agent.number;
    talk(agent);
    EXPECT_EQ(agent.started(), held);
    EXPECT_EQ(brain.farm.jobs.at(job).count(TaskState::failed), 0U);
}

TEST_F(Reconcile, a_cancel_that_was_not_heard_is_said_again)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    cancel(job);
    restart();
    talk(agent);
    auto const canceled = only<wire::Cancel>(agent.orders);
    ASSERT_EQ(canceled.size(), 1U);
    EXPECT_EQ(canceled[0].attempt, agent.holding.front());
}

TEST_F(Reconcile, so_is_one_from_before_the_nodes_first_call)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    restart();
    cancel(job);
    talk(agent);
    EXPECT_FALSE(only<wire::Cancel>(agent.orders).empty());
}

TEST_F(Reconcile, a_late_call_of_a_dead_life_takes_the_place_only_for_a_lease)
{
    PlayedAgent dead { .key = "a" };
    auto const late = dead.call();
    talk(dead);
    PlayedAgent alive { .key = "a", .instance = 2 };
    talk(alive);
    send(late);
    EXPECT_TRUE(std::holds_alternative<Error>(sync(alive).at(0).answer));
    pass(brain.config.lease);
    auto const asked = replies(sync(alive));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].epoch, 0U);
    alive.take(asked[0]);
    submit(template_of(1), 0);
    talk(alive);
    EXPECT_EQ(alive.holding.size(), 1U);
}

TEST_F(Reconcile, a_text_that_went_out_again_is_released_again)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.end(agent.holding.front());
    // It ends; the order to release its text is under way when the job is tried again.
    sync(agent);
    retry(job);
    agent.settled = agent.number;
    talk(agent);
    ASSERT_EQ(agent.holding.size(), 1U);
    auto const before = only<wire::ReleaseJob>(agent.orders).size();
    agent.end(agent.holding.front());
    talk(agent);
    EXPECT_EQ(only<wire::ReleaseJob>(agent.orders).size(), before + 1);
}

TEST_F(Reconcile, a_job_tried_again_before_its_text_is_forgotten_comes_with_the_text)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.end(agent.holding.front(), wire::Outcome::failed, wire::Cause::task_error);
    // The job ends; the answer that tells to forget its text leaves one call held.
    talk(agent);
    retry(job);
    for (auto const& send : last_sends) {
        if (auto const* reply = std::get_if<wire::SyncReply>(&send.answer))
            agent.take(*reply);
    }
    EXPECT_EQ(agent.holding.size(), 1U);
}

TEST_F(Reconcile, an_answer_that_is_lost_takes_no_text_with_it)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const job = submit(template_of(1), 0);
    // What submitting sent to the held call is lost; the next call says that it is over.
    agent.settled = agent.number;
    talk(agent);
    EXPECT_EQ(agent.jobs_known, std::vector<JobId> { job });
}

TEST_F(Reconcile, texts_of_jobs_that_ended_unheard_are_released)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.end(agent.holding.front());
    sync(agent);
    ASSERT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
    restart();
    talk(agent);
    auto const released = only<wire::ReleaseJob>(agent.orders);
    ASSERT_FALSE(released.empty());
    EXPECT_EQ(released[0].job, job);
}

}
