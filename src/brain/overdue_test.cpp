#include <brain/test_brain.h>

namespace sidereal::brain {

namespace {

using namespace std::chrono_literals;

}

struct Overdue : BrainTest {
    PlayedAgent agent { .key = "a", .vcpus = 1 };

    JobId submit_with(std::uint64_t tasks, std::string const& scheduling)
    {
        Submit submit;
        submit.source = { template_of(tasks), "test.json", {} };
        submit.max_retries = 0;
        submit.scheduling = farm::parse_scheduling(scheduling, "s.yaml").value();
        auto spec = openjd::create_job(submit.source);
        Effects turn;
        on_submit(brain, std::move(submit), std::make_shared<openjd::Job const>(std::move(*spec)),
            { ++last_ticket }, now, turn);
        keep(turn);
        return { brain.farm.last_job };
    }

    // The first attempt that the agent holds has begun.
    AttemptId begin()
    {
        talk(agent);
        auto const attempt = agent.holding.at(0);
        agent.reports.emplace_back(wire::Started { attempt });
        talk(agent);
        return attempt;
    }

    // Lets time pass second by second, the agent calling all the while.
    void run_for(Duration time)
    {
        for (Duration passed {}; passed < time; passed += 1s) {
            pass(1s);
            if (passed % 5s == 0s)
                talk(agent);
        }
        talk(agent);
    }

    bool told_to_stop(AttemptId attempt) const
    {
        for (auto const& order : agent.orders) {
            auto const* cancel = std::get_if<wire::Cancel>(&order);
            if (cancel && cancel->attempt == attempt)
                return true;
        }
        return false;
    }

    void confirm_stop(AttemptId attempt)
    {
        agent.end(attempt, wire::Outcome::canceled, wire::Cause::canceled);
        talk(agent);
    }
};

TEST_F(Overdue, what_runs_longer_than_its_step_may_fails_as_timed_out)
{
    auto const job = submit_with(1, "steps: {work: {timeouts: {run_s: 60}}}");
    auto const attempt = begin();
    run_for(58s);
    EXPECT_FALSE(told_to_stop(attempt));
    run_for(8s);
    ASSERT_TRUE(told_to_stop(attempt));
    // It counts until the agent says that it is gone.
    EXPECT_TRUE(brain.farm.attempt(attempt));
    confirm_stop(attempt);
    auto const ended = last_ended(attempt);
    EXPECT_EQ(ended.cause, wire::Cause::timed_out);
    EXPECT_EQ(ended.outcome, wire::Outcome::failed);
    EXPECT_NE(ended.message.find("longer than its step's 1 m"), std::string::npos) << ended.message;
    EXPECT_EQ(farm::job_state(brain.farm.jobs.at(job)), farm::JobState::failed);
}

TEST_F(Overdue, silence_counts_from_when_it_began)
{
    submit_with(1, "steps: {work: {timeouts: {silent_s: 100}}}");
    auto const attempt = begin();
    run_for(300s);
    EXPECT_FALSE(told_to_stop(attempt));
    agent.reports.emplace_back(wire::Progress { attempt, 0, "", 30s });
    run_for(60s);
    EXPECT_FALSE(told_to_stop(attempt));
    agent.reports.emplace_back(wire::Progress { attempt, 0, "", 0s });
    run_for(60s);
    EXPECT_FALSE(told_to_stop(attempt));
    agent.reports.emplace_back(wire::Progress { attempt, 0, "", 30s });
    run_for(75s);
    EXPECT_TRUE(told_to_stop(attempt));
}

TEST_F(Overdue, the_steps_own_history_says_what_is_too_long)
{
    submit_with(20, "steps: {work: {timeouts: {run_percent: 400, least_tasks: 3}}}");
    for (int i = 0; i < 3; ++i) {
        talk(agent);
        agent.end(agent.holding.at(0));
        talk(agent);
    }
    auto const attempt = begin();
    run_for(38s);
    EXPECT_FALSE(told_to_stop(attempt));
    run_for(8s);
    EXPECT_TRUE(told_to_stop(attempt));
}

// What looks stuck to the brain: far longer than others of its step, and no progress for long.
struct Stuck : Overdue {
    AttemptId one_that_looks_stuck(std::string const& scheduling)
    {
        submit_with(6, scheduling);
        for (int i = 0; i < 4; ++i) {
            talk(agent);
            agent.end(agent.holding.at(0));
            talk(agent);
        }
        auto const attempt = begin();
        run_for(60s);
        EXPECT_FALSE(told_to_stop(attempt)) << "only long";
        agent.reports.emplace_back(wire::Progress { attempt, 0, "", 150s });
        run_for(60s);
        return attempt;
    }
};

TEST_F(Stuck, is_stopped_where_the_step_says_so)
{
    EXPECT_TRUE(told_to_stop(one_that_looks_stuck("steps: {work: {timeouts: {stuck: true}}}")));
}

TEST_F(Stuck, is_left_alone_otherwise)
{
    EXPECT_FALSE(told_to_stop(one_that_looks_stuck("steps: {work: {timeouts: {run_s: 100000}}}")));
}

TEST_F(Overdue, after_a_restart_the_time_begins_anew)
{
    submit_with(1, "steps: {work: {timeouts: {run_s: 60}}}");
    auto const attempt = begin();
    run_for(40s);
    restart();
    talk(agent);
    run_for(50s);
    EXPECT_FALSE(told_to_stop(attempt));
    run_for(15s);
    EXPECT_TRUE(told_to_stop(attempt));
}

TEST_F(Overdue, an_agent_hears_of_log_rules_until_it_has_them)
{
    apply_rules("limits: [{name: maya, seats: 4, log_patterns: ['no seat']}]");
    submit_with(1, "log_rules: [{pattern: bad, means: fatal}]");
    auto request = agent.call();
    request.log_rules = 0;
    auto reply = replies(send(request)).at(0);
    ASSERT_TRUE(reply.log_rules);
    EXPECT_EQ(reply.log_rules->rules.at(0).limit, "maya");
    ASSERT_EQ(reply.jobs.size(), 1U);
    EXPECT_EQ(reply.jobs[0].log_rules.at(0).cause, wire::Cause::fatal);
    auto const print = reply.log_rules->print;
    agent.take(reply);
    agent.end(agent.holding.at(0), wire::Outcome::failed, wire::Cause::no_licence);
    std::get<wire::Ended>(agent.reports.back()).limit = "maya";
    request = agent.call();
    request.log_rules = print;
    for (auto const& answer : replies(send(request))) {
        EXPECT_FALSE(answer.log_rules);
        agent.take(answer);
    }
    auto const& step = brain.farm.jobs.begin()->second.steps[0];
    EXPECT_EQ(step.demand.limits.size(), 1U);
    EXPECT_TRUE(step.troubles.empty());
    EXPECT_GT(brain.farm.limits.at("maya").refused_until, now.wall);
}

TEST_F(Overdue, a_group_of_failures_is_run_again_and_no_other)
{
    auto const job = submit(template_of(4), 0);
    agent.vcpus = 4;
    talk(agent);
    auto const held = agent.holding;
    for (std::size_t i = 0; i < held.size(); ++i) {
        agent.end(held[i], wire::Outcome::failed, wire::Cause::task_error);
        auto& ended = std::get<wire::Ended>(agent.reports.back());
        ended.log_tail = i < 3 ? fmt::format("Error: no texture {}\n", i) : "Error: no light\n";
    }
    talk(agent);
    auto const& groups = brain.farm.jobs.at(job).failure_groups;
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].tasks, 3U);
    Effects turn;
    on_job_verb(brain, job, JobVerb::retry, { {}, {}, groups[0].id }, { ++last_ticket }, now, turn);
    keep(turn);
    EXPECT_EQ(brain.farm.jobs.at(job).count(farm::TaskState::failed), 1U);
    EXPECT_EQ(groups[0].tasks, 0U);
    Effects refused;
    on_job_verb(
        brain, job, JobVerb::retry, { {}, {}, "0badbad0" }, { ++last_ticket }, now, refused);
    auto const sends = keep(refused);
    EXPECT_EQ(std::get<Error>(sends.at(0).answer).code, ErrorCode::not_found);
}

}
