#include <brain/test_brain.h>

namespace sidereal::brain {

using farm::JobState;
using farm::TaskState;

struct Command : BrainTest {
    std::vector<Send> verb(JobId job, JobVerb verb, TaskChoice const& choice = {})
    {
        Effects turn;
        on_job_verb(brain, job, verb, choice, { ++last_ticket }, now, turn);
        return keep(turn);
    }

    std::optional<Error> refusal(std::vector<Send> const& sends)
    {
        for (auto const& send : sends) {
            if (auto const* error = std::get_if<Error>(&send.answer);
                error && send.to.value == last_ticket)
                return *error;
        }
        return std::nullopt;
    }
};

TEST_F(Command, unknown_job_is_not_found)
{
    EXPECT_EQ(refusal(verb({ 9 }, JobVerb::pause))->code, ErrorCode::not_found);
}

TEST_F(Command, paused_job_gets_no_node)
{
    auto const job = submit(template_of(2));
    verb(job, JobVerb::pause);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    EXPECT_TRUE(agent.holding.empty());
    agent.take(replies(verb(job, JobVerb::resume)).at(0));
    EXPECT_EQ(agent.holding.size(), 2U);
}

TEST_F(Command, cancel_ends_a_waiting_job_at_once)
{
    auto const job = submit(template_of(2));
    verb(job, JobVerb::cancel);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::canceled);
}

TEST_F(Command, cancel_calls_off_what_runs)
{
    auto const job = submit(template_of(5));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    auto const answers = replies(verb(job, JobVerb::cancel));
    ASSERT_EQ(answers.size(), 1U);
    agent.take(answers[0]);
    EXPECT_TRUE(std::holds_alternative<wire::Cancel>(agent.orders.back()));
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::running);
    for (auto const attempt : std::vector(agent.holding))
        agent.end(attempt, wire::Outcome::canceled, wire::Cause::canceled);
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::canceled);
}

TEST_F(Command, ended_job_refuses_all_but_retry)
{
    auto const job = submit(template_of(1));
    verb(job, JobVerb::cancel);
    for (auto const one : { JobVerb::pause, JobVerb::resume, JobVerb::cancel })
        EXPECT_EQ(refusal(verb(job, one))->code, ErrorCode::conflict);
    EXPECT_FALSE(refusal(verb(job, JobVerb::retry)));
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::queued);
}

TEST_F(Command, retry_of_one_task_runs_it_though_it_succeeded)
{
    auto const job = submit(template_of(2));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    for (auto const attempt : std::vector(agent.holding))
        agent.end(attempt);
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
    agent.take(replies(verb(job, JobVerb::retry, { .step = "work", .task = 1 })).at(0));
    ASSERT_EQ(agent.holding.size(), 1U);
    EXPECT_EQ(brain.farm.attempts.begin()->second.record.task, 1U);
}

TEST_F(Command, retry_gives_failed_tasks_all_their_retries_back)
{
    auto const job = submit(template_of(1), 1);
    PlayedAgent agent { .key = "a" };
    for (int round = 0; round < 2; ++round) {
        talk(agent);
        agent.end(agent.holding.at(0), wire::Outcome::failed, wire::Cause::task_error);
    }
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::failed);
    agent.take(replies(verb(job, JobVerb::retry)).at(0));
    agent.end(agent.holding.at(0), wire::Outcome::failed, wire::Cause::task_error);
    talk(agent);
    EXPECT_EQ(agent.holding.size(), 1U);
}

TEST_F(Command, retry_names_what_is_not_there)
{
    auto const job = submit(template_of(2));
    EXPECT_EQ(refusal(verb(job, JobVerb::retry, { .step = "play", .task = {} }))->code,
        ErrorCode::not_found);
    EXPECT_EQ(refusal(verb(job, JobVerb::retry, { .step = "work", .task = 2 }))->code,
        ErrorCode::not_found);
}

TEST_F(Command, skipping_what_failed_ends_the_job_well)
{
    auto const job = submit(template_of(2), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.end(agent.holding.at(0), wire::Outcome::failed, wire::Cause::task_error);
    agent.end(agent.holding.at(0));
    talk(agent);
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::failed);
    EXPECT_FALSE(refusal(verb(job, JobVerb::skip, { .step = "work", .task = 0 })));
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
    EXPECT_EQ(brain.farm.jobs.at(job).count(TaskState::skipped), 1U);
    restart();
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
    verb(job, JobVerb::retry, { .step = "work", .task = {} });
    EXPECT_EQ(brain.farm.jobs.at(job).count(TaskState::ready), 1U);
}

TEST_F(Command, a_skipped_step_takes_one_record)
{
    auto const job = submit(template_of(9));
    auto const before = records.size();
    verb(job, JobVerb::skip, { .step = "work", .task = {} });
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), JobState::succeeded);
    EXPECT_EQ(records.size(), before + 2) << "all its tasks, and the job's end";
}

TEST_F(Command, skip_changes_nothing_where_there_is_nothing_to_skip)
{
    auto const job = submit(template_of(2));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    EXPECT_EQ(refusal(verb(job, JobVerb::skip))->code, ErrorCode::invalid_input);
    EXPECT_EQ(
        refusal(verb(job, JobVerb::skip, { .step = "work", .task = 0 }))->code, ErrorCode::conflict)
        << "it runs";
    for (auto const attempt : std::vector(agent.holding))
        agent.end(attempt);
    talk(agent);
    EXPECT_EQ(refusal(verb(job, JobVerb::skip, { .step = "work", .task = 1 }))->code,
        ErrorCode::conflict);
    EXPECT_EQ(refusal(verb(job, JobVerb::skip, { .step = "work", .task = {} }))->code,
        ErrorCode::conflict);
    EXPECT_TRUE(brain.farm.jobs.at(job).ended());
}

TEST_F(Command, drained_node_finishes_and_gets_no_more)
{
    submit(template_of(5));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    Effects turn;
    on_node_verb(brain, { 1 }, NodeVerb::drain, { ++last_ticket }, now, turn);
    keep(turn);
    agent.end(agent.holding.at(0));
    talk(agent);
    EXPECT_EQ(agent.holding.size(), 1U);
}

TEST_F(Command, job_pauses_itself_after_too_many_failures)
{
    Submit request;
    request.source = { template_of(9), "test.json", {} };
    request.max_retries = 0;
    request.max_failed_tasks = 1;
    auto spec = openjd::create_job(request.source);
    ASSERT_TRUE(spec);
    Effects turn;
    on_submit(brain, request, std::make_shared<openjd::Job const>(std::move(*spec)),
        { ++last_ticket }, now, turn);
    keep(turn);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    for (auto const attempt : std::vector(agent.holding))
        agent.end(attempt, wire::Outcome::failed, wire::Cause::task_error);
    talk(agent);
    auto const& job = brain.farm.jobs.begin()->second;
    EXPECT_TRUE(job.record.paused);
    EXPECT_TRUE(agent.holding.empty());
}

TEST_F(Command, a_log_comes_from_its_node)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    Effects turn;
    on_read_log(brain, { 1 }, { 0, { 1 }, { 5 }, 0, 100 }, { ++last_ticket }, now, turn);
    auto const asker = last_ticket;
    agent.take(replies(keep(turn)).at(0));
    auto const order = std::get<wire::ReadLog>(agent.orders.back());
    wire::LogChunk chunk;
    chunk.request = order.request;
    chunk.data = "hello";
    agent.reports.emplace_back(chunk);
    auto const sends = sync(agent);
    auto const found = std::find_if(
        sends.begin(), sends.end(), [&](Send const& send) { return send.to.value == asker; });
    ASSERT_NE(found, sends.end());
    EXPECT_EQ(std::get<wire::LogChunk>(found->answer).data, "hello");
}

TEST_F(Command, a_log_that_does_not_come_is_timed_out)
{
    PlayedAgent agent { .key = "a" };
    talk(agent);
    Effects turn;
    on_read_log(brain, { 1 }, { 0, { 1 }, { 5 }, 0, 100 }, { ++last_ticket }, now, turn);
    auto const asker = last_ticket;
    keep(turn);
    pass(brain.config.log_timeout);
    auto const found = std::find_if(effects.sends.begin(), effects.sends.end(),
        [&](Send const& send) { return send.to.value == asker; });
    ASSERT_NE(found, effects.sends.end());
    EXPECT_EQ(std::get<Error>(found->answer).code, ErrorCode::timed_out);
}

TEST_F(Command, restart_gives_the_same_farm)
{
    auto const job = submit(template_of(6), 0);
    PlayedAgent agent { .key = "a" };
    talk(agent);
    agent.end(agent.holding.at(0), wire::Outcome::failed, wire::Cause::task_error);
    agent.end(agent.holding.at(0));
    talk(agent);
    auto const before = brain.farm.jobs.at(job);
    restart();
    auto const& after = brain.farm.jobs.at(job);
    for (auto const state :
        { TaskState::ready, TaskState::leased, TaskState::succeeded, TaskState::failed })
        EXPECT_EQ(after.count(state), before.count(state));
    EXPECT_EQ(after.failures.size(), before.failures.size());
    EXPECT_EQ(after.use.begin()->second.run_time, before.use.begin()->second.run_time);
    talk(agent);
}

TEST_F(Command, urgent_work_takes_the_place_of_lower_work)
{
    apply_rules("preemption: {from: urgent}");
    auto const low = submit(template_of(2));
    PlayedAgent agent { .key = "a" };
    talk(agent);
    ASSERT_EQ(agent.holding.size(), 2U);
    Submit wanted;
    wanted.source = { template_of(1), "test.json", {} };
    wanted.scheduling.tier = farm::Tier::urgent;
    auto const spec = std::make_shared<openjd::Job const>(*openjd::create_job(wanted.source));
    Effects turn;
    on_submit(brain, wanted, spec, { ++last_ticket }, now, turn);
    auto const sends = keep(turn);
    agent.take(replies(sends).at(0));
    auto const* cancel = std::get_if<wire::Cancel>(&agent.orders.back());
    ASSERT_TRUE(cancel);
    EXPECT_EQ(cancel->reason, "stopped to make room for work of tier 'urgent'");
    agent.end(cancel->attempt, wire::Outcome::canceled, wire::Cause::canceled);
    talk(agent);
    auto const ended = last_ended(cancel->attempt);
    EXPECT_EQ(ended.cause, wire::Cause::preempted);
    EXPECT_EQ(brain.farm.jobs.at({ 2 }).live_attempts, 1U);
    EXPECT_EQ(brain.farm.jobs.at(low).count(TaskState::ready), 1U);
    EXPECT_TRUE(brain.farm.jobs.at(low).steps[0].troubles.empty());
}

TEST_F(Command, an_exit_code_that_means_no_seat_binds_the_step_and_waits)
{
    apply_rules("limits: [{name: maya, seats: 4, exit_codes: [133]}]");
    auto const job = submit(template_of(2));
    PlayedAgent agent { .key = "a", .vcpus = 1 };
    talk(agent);
    ASSERT_EQ(agent.holding.size(), 1U);
    auto const attempt = agent.holding.at(0);
    agent.end(attempt, wire::Outcome::failed, wire::Cause::task_error);
    std::get<wire::Ended>(agent.reports.back()).exit_code = 133;
    talk(agent);
    EXPECT_EQ(last_ended(attempt).cause, wire::Cause::no_licence);
    EXPECT_EQ(last_ended(attempt).message, "found no seat of 'maya' (exit code 133)");
    auto const& step = brain.farm.jobs.at(job).steps[0];
    EXPECT_EQ(step.demand.limits.size(), 1U);
    EXPECT_TRUE(step.troubles.empty());
    EXPECT_TRUE(agent.holding.empty());
    EXPECT_EQ(next_wake(brain), now.mono + brain.config.hold);
    pass(std::chrono::seconds(31));
    talk(agent);
    EXPECT_EQ(agent.holding.size(), 1U);
}

TEST_F(Command, seats_that_others_hold_count)
{
    apply_rules("limits: [{name: maya, seats: 4, poll: {command: [lmstat], "
                "pattern: '(?P<used>[0-9]+)'}}]");
    auto const wants = R"("hostRequirements":{"amounts":[{"name":"amount.limit.maya","min":1}]},)";
    submit(template_of(4, wants));
    Effects turn;
    on_seat_report(brain, "maya", { 3, {}, now.wall }, now, turn);
    keep(turn);
    now.wall += std::chrono::seconds(1);
    PlayedAgent agent { .key = "a", .vcpus = 4 };
    talk(agent);
    EXPECT_EQ(agent.holding.size(), 1U);
    pass(std::chrono::seconds(1));
    Effects later;
    on_seat_report(brain, "maya", { 1, {}, now.wall }, now, later);
    agent.take(replies(keep(later)).at(0));
    EXPECT_EQ(agent.holding.size(), 4U);
}

}
