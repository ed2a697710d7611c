#include <brain/test_brain.h>

namespace sidereal::brain {

using farm::JobState;
using farm::TaskState;

struct Sync : BrainTest { };

TEST_F(Sync, held_call_is_answered_by_a_submit)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const job = submit(template_of(3));
    auto const answers = replies(last_sends);
    ASSERT_EQ(answers.size(), 1U);
    agent.take(answers[0]);
    EXPECT_EQ(agent.started().size(), 2U);
    EXPECT_EQ(agent.jobs_known, std::vector<JobId> { job });
}

TEST_F(Sync, finished_tasks_make_room_for_the_next_until_the_job_ends)
{
    auto const job = submit(template_of(5));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    for (int round = 0; round < 10 && !agent.holding.empty(); ++round) {
        agent.end(agent.holding.front());
        talk(agent);
    }
    EXPECT_EQ(agent.started().size(), 5U);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
    EXPECT_EQ(std::get<wire::ReleaseJob>(agent.orders.back()).job, job);
}

TEST_F(Sync, one_tick_plans_for_and_answers_all_calls_of_a_turn)
{
    submit(template_of(4));
    PlayedAgent a { .key = "a" };
    PlayedAgent b { .key = "b" };
    Effects turn;
    on_sync(brain, a.call(), { ++last_ticket }, now, turn);
    on_sync(brain, b.call(), { ++last_ticket }, now, turn);
    EXPECT_TRUE(turn.sends.empty());
    EXPECT_EQ(next_wake(brain), at_once);
    on_tick(brain, now, turn);
    auto const answers = replies(turn.sends);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].orders.size(), 2U);
    EXPECT_EQ(answers[1].orders.size(), 2U);
    keep(turn);
}

TEST_F(Sync, a_third_call_of_a_turn_releases_the_first)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const held = last_ticket;
    Effects turn;
    on_sync(brain, agent.call(), { ++last_ticket }, now, turn);
    EXPECT_TRUE(turn.sends.empty());
    on_sync(brain, agent.call(), { ++last_ticket }, now, turn);
    ASSERT_EQ(turn.sends.size(), 1U);
    EXPECT_EQ(turn.sends[0].to.value, held);
    on_tick(brain, now, turn);
    ASSERT_EQ(turn.sends.size(), 2U);
    EXPECT_EQ(turn.sends[1].to.value, held + 1);
    keep(turn);
}

TEST_F(Sync, an_idle_agents_call_asks_for_no_plan)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    Effects turn;
    on_sync(brain, agent.call(), { ++last_ticket }, now, turn);
    EXPECT_FALSE(brain.plan_wanted);
    keep(turn);
}

TEST_F(Sync, waiting_work_is_looked_at_again_though_nothing_happens)
{
    submit(template_of(
        1, R"("hostRequirements":{"amounts":[{"name":"amount.worker.vcpu","min":64}]},)"));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    pass(brain.config.hold);
    EXPECT_EQ(brain.planned_at, now.mono);
}

TEST_F(Sync, lost_reply_brings_the_order_again)
{
    submit(template_of(1));
    PlayedAgent agent { .key = "a" };
    sync(agent);
    agent.settled = agent.number;
    talk(agent);
    EXPECT_EQ(agent.started().size(), 1U);
}

TEST_F(Sync, repeated_report_counts_once)
{
    auto const job = submit(template_of(2), 0);
    PlayedAgent agent { .key = "a", .vcpus = 1 };
    talk(agent);
    agent.end(agent.holding.front(), wire::Outcome::failed, wire::Cause::task_error);
    auto const repeated = agent.reports;
    talk(agent);
    agent.reports = repeated;
    agent.first_report = 1;
    talk(agent);
    EXPECT_EQ(brain.farm.jobs.at(job).count(TaskState::failed), 1U);
}

TEST_F(Sync, delayed_older_call_is_refused)
{
    PlayedAgent agent { .key = "a" };
    auto const first = agent.call();
    talk(agent);
    auto const sends = send(first);
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(std::get<Error>(sends[0].answer).code, ErrorCode::unavailable);
}

TEST_F(Sync, newer_call_releases_the_older_one)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const older = last_ticket;
    auto const sends = sync(agent);
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(sends[0].to.value, older);
}

TEST_F(Sync, idle_call_is_answered_when_its_hold_is_over)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const ticket = last_ticket;
    pass(brain.config.hold);
    ASSERT_FALSE(effects.sends.empty());
    EXPECT_EQ(effects.sends.back().to.value, ticket);
}

TEST_F(Sync, lost_node_costs_no_retry_and_its_work_goes_elsewhere)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent lost { .key = "a" };
    talk(lost);
    ASSERT_EQ(lost.holding.size(), 1U);
    PlayedAgent other { .key = "b" };
    talk(other);
    pass(brain.config.lease / 2);
    talk(other);
    pass(brain.config.lease / 2);
    talk(other);
    ASSERT_EQ(other.holding.size(), 1U);
    other.end(other.holding.front());
    talk(other);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
}

TEST_F(Sync, late_report_of_an_old_epoch_is_acknowledged_and_ignored)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent late { .key = "a" };
    talk(late);
    auto const epoch = late.epoch;
    pass(brain.config.lease);
    late.end(late.holding.front());
    auto const answers = replies(sync(late));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_GT(answers[0].epoch, epoch);
    EXPECT_EQ(answers[0].reports_applied, 1U);
    EXPECT_EQ(brain.farm.jobs.at(job).count(TaskState::succeeded), 0U);
}

TEST_F(Sync, a_fenced_agent_gets_work_in_its_new_epoch)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    pass(brain.config.lease);
    agent.holding.clear();
    talk(agent);
    talk(agent);
    ASSERT_EQ(agent.holding.size(), 1U);
    agent.end(agent.holding.front());
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
}

TEST_F(Sync, new_life_of_an_agent_voids_what_the_old_one_held)
{
    submit(template_of(2), 0);
    PlayedAgent first { .key = "a" };
    talk(first);
    PlayedAgent second { .key = "a", .instance = 2 };
    talk(second);
    EXPECT_EQ(second.holding.size(), 2U);
    EXPECT_EQ(second.epoch, first.epoch + 2);
    EXPECT_TRUE(std::holds_alternative<Error>(sync(first).at(0).answer));
}

TEST_F(Sync, two_nodes_of_one_name_are_refused)
{
    PlayedAgent first { .key = "a" };
    talk(first);
    PlayedAgent twin { .key = "b" };
    auto request = twin.call();
    request.facts->name = std::string("a");
    auto const sends = send(request);
    EXPECT_EQ(std::get<Error>(sends.at(0).answer).code, ErrorCode::conflict);
}

TEST_F(Sync, agent_that_leaves_gives_its_work_back)
{
    submit(template_of(1), 0);
    PlayedAgent leaving { .key = "a" };
    talk(leaving);
    auto request = leaving.call();
    request.leaving = true;
    EXPECT_EQ(replies(send(request)).size(), 2U);
    EXPECT_TRUE(brain.farm.nodes.at(NodeId { 1 }).record.stopped);
    PlayedAgent other { .key = "b" };
    talk(other);
    EXPECT_EQ(other.holding.size(), 1U);
    PlayedAgent again { .key = "a", .instance = 77 };
    talk(again);
    EXPECT_FALSE(brain.farm.nodes.at(NodeId { 1 }).record.stopped);
}

TEST_F(Sync, restart_keeps_what_the_agent_still_runs)
{
    auto const job = submit(template_of(2), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const held = agent.holding;
    restart();
    talk(agent);
    EXPECT_EQ(agent.holding, held);
    agent.end(held[0]);
    agent.end(held[1]);
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
}

TEST_F(Sync, restart_sends_again_what_never_arrived)
{
    submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.holding.clear();
    restart();
    talk(agent);
    EXPECT_EQ(agent.holding.size(), 1U);
    EXPECT_EQ(agent.started().size(), 2U);
}

TEST_F(Sync, restart_calls_off_what_was_given_up)
{
    submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.holding.push_back({ 999 });
    restart();
    talk(agent);
    EXPECT_EQ(std::get<wire::Cancel>(agent.orders.back()).attempt, AttemptId { 999 });
}

TEST_F(Sync, restart_waits_a_lease_for_nodes_with_work)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    restart();
    pass(brain.config.lease);
    EXPECT_EQ(brain.farm.jobs.at(job).count(TaskState::ready), 1U);
}

TEST_F(Sync, report_from_before_the_restart_is_taken)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.end(agent.holding.front());
    restart();
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
}

TEST_F(Sync, attempt_is_charged_by_its_share_of_the_node)
{
    auto const job = submit(template_of(1), 0);
    PlayedAgent agent { .key = "a" };
    auto request = agent.call();
    request.facts->rate = { .idle_w = 50, .busy_w = 360, .usd_per_kwh = 0.5, .usd_per_h = 3.6 };
    agent.take(replies(send(request)).at(0));
    agent.end(agent.holding.at(0));
    talk(agent);
    auto const& use = brain.farm.jobs.at(job).use.begin()->second;
    // 10 s on half of the node.
    EXPECT_DOUBLE_EQ(use.energy_wh, 0.5);
    EXPECT_EQ(use.cost, Money::from_usd(0.0005 * 0.5 + 0.005));
}

}
