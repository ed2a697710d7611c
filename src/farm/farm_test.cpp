#include <farm/test_farm.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace sidereal::farm {

namespace {

using wire::Cause;
using wire::Outcome;

// All that can be seen of a job, apart from revisions, which count changes of this life.
std::string seen(Job const& job)
{
    auto text = fmt::format(
        "job {} {} live {}\n", job.record.id.value, to_string(job_state(job)), job.live_attempts);
    for (auto const& step : job.steps) {
        for (std::uint64_t task = 0; task < step.tasks.size(); ++task)
            text += fmt::format(" {}", to_string(step.tasks.get(task)));
        for (auto const& [task, trouble] : step.troubles)
            text += fmt::format(" trouble {}: {} {}", task, trouble.failures, trouble.losses);
        text += fmt::format(" measured {} {}\n", step.run_times.count(),
            step.run_times.mean().value_or(Duration {}).count());
    }
    for (auto const& [node, use] : job.use)
        text += fmt::format("use {}: {} {} {} {} {} {} {}\n", node.value, use.succeeded, use.other,
            use.run_time.count(), use.cpu_time.count(), use.max_rss_bytes, use.energy_wh,
            use.cost.micro_usd);
    for (auto const& [task, failure] : job.failures)
        text += fmt::format("failure {}/{}: {} {} {} {}\n", task.first, task.second,
            failure.attempt.value, failure.node.value, static_cast<int>(failure.cause),
            failure.message);
    return text;
}

std::string seen(Farm const& farm)
{
    auto text = fmt::format("last {} {} {}\n", farm.last_job, farm.last_node, farm.last_attempt);
    for (auto const& [id, job] : farm.jobs)
        text += seen(job);
    for (auto const& [id, node] : farm.nodes) {
        text += fmt::format("node {} epoch {} occupying", id.value, node.record.epoch);
        for (auto const attempt : node.occupying)
            text += fmt::format(" {}", attempt.value);
        text += " queue";
        for (auto const attempt : node.queue)
            text += fmt::format(" {}", attempt.value);
        for (auto const& [name, amount] : node.used.list())
            text += amount > 1e-9 ? fmt::format(" {} {:.6g}", name, amount) : "";
        text += '\n';
    }
    for (auto const& [id, attempt] : farm.attempts)
        text += fmt::format("attempt {} of task {}/{}/{}\n", id.value, attempt.record.job.value,
            attempt.record.step, attempt.record.task);
    for (auto const job : farm.open_jobs)
        text += fmt::format("open {}\n", job.value);
    return text;
}

template<typename Kind>
std::vector<Kind> last_of_each(Records const& log)
{
    std::map<std::uint64_t, Kind> last;
    for (auto const& record : log) {
        if (auto const* fact = std::get_if<Kind>(&record))
            last[fact->id.value] = *fact;
    }
    std::vector<Kind> facts;
    for (auto const& [id, fact] : last)
        facts.push_back(fact);
    return facts;
}

// What a store gives back of the log: jobs, nodes, then attempts by id merged with resets.
Records as_stored(Records const& log)
{
    Records stored;
    for (auto const& job : last_of_each<JobRecord>(log))
        stored.emplace_back(job);
    for (auto const& node : last_of_each<NodeRecord>(log))
        stored.emplace_back(node);
    std::vector<ResetRecord> resets;
    for (auto const& record : log) {
        if (auto const* reset = std::get_if<ResetRecord>(&record))
            resets.push_back(*reset);
    }
    std::stable_sort(resets.begin(), resets.end(),
        [](auto const& left, auto const& right) { return left.before < right.before; });
    auto next = resets.begin();
    for (auto const& attempt : last_of_each<AttemptRecord>(log)) {
        for (; next != resets.end() && next->before <= attempt.id; ++next)
            stored.emplace_back(*next);
        stored.emplace_back(attempt);
    }
    std::copy(next, resets.end(), std::back_inserter(stored));
    return stored;
}

Farm replayed(Records const& records)
{
    Farm farm;
    for (auto const& record : records)
        EXPECT_TRUE(farm.apply(record).has_value());
    return farm;
}

void expect_sound(TestFarm const& test)
{
    EXPECT_EQ(broken_invariant(test.farm), "");
    EXPECT_EQ(seen(replayed(as_stored(test.log))), seen(test.farm));
}

}

TEST(Farm, a_lease_takes_room_and_its_end_gives_it_back)
{
    TestFarm test;
    auto const node = test.add_node(4);
    auto const job = test.add_job({ { "A", 3, {}, 2 } });
    auto const attempt = test.lease(job, 0, 1, node);
    EXPECT_EQ(test.state(job, 0, 1), TaskState::leased);
    EXPECT_EQ(test.farm.nodes.at(node).used, (Amounts { { "worker.vcpu", 2 } }));
    EXPECT_TRUE(test.farm.attempts.at(attempt).occupies);
    EXPECT_EQ(test.farm.jobs.at(job).live_attempts, 1u);
    expect_sound(test);

    test.succeed(attempt);
    EXPECT_EQ(test.state(job, 0, 1), TaskState::succeeded);
    EXPECT_EQ(test.farm.nodes.at(node).used.get("worker.vcpu"), 0);
    EXPECT_TRUE(test.farm.attempts.empty());
    EXPECT_EQ(test.farm.jobs.at(job).live_attempts, 0u);
    auto const& use = test.farm.jobs.at(job).use.at(node);
    EXPECT_EQ(use.succeeded, 1u);
    EXPECT_EQ(use.cost, Money { 25 });
    expect_sound(test);
}

TEST(Farm, a_task_is_tried_again_until_its_retries_are_used_up)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } }, 2);
    for (int failure = 1; failure <= 2; ++failure) {
        test.fail(test.lease(job, 0, 0, node));
        EXPECT_EQ(test.state(job, 0, 0), TaskState::ready) << failure;
    }
    test.fail(test.lease(job, 0, 0, node));
    EXPECT_EQ(test.state(job, 0, 0), TaskState::failed);
    EXPECT_EQ(test.farm.jobs.at(job).failures.at({ 0, 0 }).attempt, AttemptId { 3 });
    expect_sound(test);
}

TEST(Farm, success_clears_a_tasks_troubles_and_failure)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } });
    test.fail(test.lease(job, 0, 0, node));
    EXPECT_EQ(test.farm.jobs.at(job).failures.size(), 1u);
    test.succeed(test.lease(job, 0, 0, node));
    EXPECT_TRUE(test.farm.jobs.at(job).failures.empty());
    EXPECT_TRUE(test.farm.jobs.at(job).steps[0].troubles.empty());
    expect_sound(test);
}

TEST(Farm, a_loss_costs_no_retry_until_there_are_too_many)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } }, 0);
    auto const interrupt = [&] {
        test.end(test.lease(job, 0, 0, node), Outcome::failed, Cause::interrupted);
    };
    for (std::uint32_t loss = 0; loss < max_losses; ++loss) {
        interrupt();
        EXPECT_EQ(test.state(job, 0, 0), TaskState::ready) << loss;
    }
    interrupt();
    EXPECT_EQ(test.state(job, 0, 0), TaskState::failed);
    expect_sound(test);
}

TEST(Farm, a_task_that_takes_its_nodes_down_fails_before_it_has_them_all)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } }, 9);
    for (std::uint32_t crash = 0; crash < max_crashes; ++crash) {
        test.lose(test.lease(job, 0, 0, node));
        EXPECT_EQ(test.state(job, 0, 0), TaskState::ready) << crash;
    }
    test.lose(test.lease(job, 0, 0, node));
    EXPECT_EQ(test.state(job, 0, 0), TaskState::failed);
    expect_sound(test);
}

TEST(Farm, what_cannot_be_helped_by_a_retry_fails_at_once)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } }, 9);
    test.end(test.lease(job, 0, 0, node), Outcome::failed, Cause::fatal);
    EXPECT_EQ(test.state(job, 0, 0), TaskState::failed);
    expect_sound(test);
}

TEST(Farm, a_canceled_attempt_costs_nothing)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } }, 0);
    test.cancel(test.lease(job, 0, 0, node));
    EXPECT_EQ(test.state(job, 0, 0), TaskState::ready);
    EXPECT_TRUE(test.farm.jobs.at(job).steps[0].troubles.empty());
    EXPECT_TRUE(test.farm.jobs.at(job).failures.empty());
    expect_sound(test);
}

TEST(Farm, canceling_a_job_takes_what_is_ready_and_leaves_what_runs)
{
    TestFarm test;
    auto const node = test.add_node(2);
    auto const job = test.add_job({ { "A", 3 } });
    auto const runs = test.lease(job, 0, 0, node);
    auto const fails = test.lease(job, 0, 1, node);
    test.change(job, [](JobRecord& record) { record.canceled = true; });
    EXPECT_EQ(test.state(job, 0, 0), TaskState::leased);
    EXPECT_EQ(test.state(job, 0, 2), TaskState::canceled);
    EXPECT_TRUE(test.farm.open_jobs.empty());
    expect_sound(test);
    test.succeed(runs);
    test.fail(fails);
    EXPECT_EQ(test.state(job, 0, 0), TaskState::succeeded);
    EXPECT_EQ(test.state(job, 0, 1), TaskState::canceled);
    EXPECT_TRUE(is_settled(test.farm.jobs.at(job)));
    expect_sound(test);
    test.change(job, [](JobRecord& record) { record.canceled = false; });
    EXPECT_EQ(test.farm.jobs.at(job).steps[0].tasks.count(TaskState::ready), 2u);
    EXPECT_EQ(test.farm.open_jobs.size(), 1u);
    expect_sound(test);
}

TEST(Farm, a_reset_forgets_what_a_task_did)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A", 2 } }, 0);
    test.fail(test.lease(job, 0, 0, node));
    test.succeed(test.lease(job, 0, 1, node));
    test.reset(job, 0, 0);
    test.reset(job, 0, 1);
    EXPECT_EQ(test.farm.jobs.at(job).steps[0].tasks.count(TaskState::ready), 2u);
    EXPECT_TRUE(test.farm.jobs.at(job).failures.empty());
    expect_sound(test);
    test.fail(test.lease(job, 0, 0, node));
    EXPECT_EQ(test.state(job, 0, 0), TaskState::failed);
    test.reset(job, 0, 0);
    expect_sound(test);
}

TEST(Farm, the_next_in_the_queue_moves_up_when_there_is_room)
{
    TestFarm test;
    auto const node = test.add_node(2);
    auto const job = test.add_job({ { "A", 4 }, { "B", 1, {}, 2 } });
    auto const& queue = test.farm.nodes.at(node).queue;
    auto const one = test.lease(job, 0, 0, node);
    auto const two = test.lease(job, 0, 1, node);
    auto const large = test.lease(job, 1, 0, node);
    auto const small = test.lease(job, 0, 2, node);
    EXPECT_EQ(queue, (std::deque<AttemptId> { large, small }));
    test.succeed(one);
    EXPECT_EQ(queue, (std::deque<AttemptId> { large, small })) << "nobody passes the first one";
    expect_sound(test);
    test.succeed(two);
    EXPECT_EQ(queue, (std::deque<AttemptId> { small }));
    EXPECT_TRUE(test.farm.attempts.at(large).occupies);
    expect_sound(test);
    test.succeed(large);
    EXPECT_TRUE(test.farm.attempts.at(small).occupies);
    expect_sound(test);
}

TEST(Farm, an_attempt_that_leaves_the_queue_lets_those_behind_it_up)
{
    TestFarm test;
    auto const node = test.add_node(2);
    auto const job = test.add_job({ { "A", 3 }, { "B", 1, {}, 2 } });
    test.lease(job, 0, 0, node);
    auto const large = test.lease(job, 1, 0, node);
    auto const small = test.lease(job, 0, 1, node);
    EXPECT_FALSE(test.farm.attempts.at(small).occupies);
    test.cancel(large);
    EXPECT_TRUE(test.farm.attempts.at(small).occupies);
    expect_sound(test);
}

TEST(Farm, an_attempt_too_large_for_the_node_waits_and_may_end)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A", 1, {}, 8 }, { "B" } });
    auto const attempt = test.lease(job, 0, 0, node);
    EXPECT_FALSE(test.farm.attempts.at(attempt).occupies);
    test.lose(attempt);
    EXPECT_TRUE(test.farm.nodes.at(node).queue.empty());
    expect_sound(test);
}

TEST(Farm, a_node_may_change_between_attempts)
{
    TestFarm test;
    auto const node = test.add_node(8);
    auto const job = test.add_job({ { "A", 2, {}, 8 }, { "B", 2 } });
    test.succeed(test.lease(job, 0, 0, node));
    auto record = test.farm.nodes.at(node).record;
    record.facts.vcpus = 1;
    record.epoch = 2;
    test.apply(record);
    EXPECT_EQ(test.farm.nodes.at(node).capacity.get("worker.vcpu"), 1);
    test.lease(job, 1, 0, node);
    test.lease(job, 1, 1, node);
    expect_sound(test);
}

TEST(Farm, open_jobs_are_those_that_may_give_out_tasks)
{
    TestFarm test;
    auto const old = test.add_job({ { "A" } });
    auto const newer = test.add_job({ { "A" } });
    EXPECT_EQ(test.farm.open_jobs, (std::set<JobId> { old, newer }));
    test.change(old, [](JobRecord& record) { record.paused = true; });
    EXPECT_EQ(test.farm.open_jobs, (std::set<JobId> { newer }));
    test.change(old, [](JobRecord& record) { record.paused = false; });
    test.change(newer, [](JobRecord& record) { record.canceled = true; });
    EXPECT_EQ(test.farm.open_jobs, (std::set<JobId> { old }));
    expect_sound(test);
}

TEST(Farm, a_source_that_makes_no_job_is_refused_and_leaves_nothing)
{
    Farm farm;
    JobRecord record;
    record.id = { 1 };
    record.source = { "specificationVersion: jobtemplate-2023-09\n", "bad.yaml", {} };
    auto const status = farm.apply(Record(record));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::invalid_input);
    EXPECT_TRUE(farm.jobs.empty());
}

// Random lives of a small farm: the invariants hold at each step, and what a store keeps of it
// gives the same farm again.
TEST(Farm, replay_gives_the_same_farm)
{
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        Prng prng(seed);
        TestFarm test;
        for (int i = 0; i < 3; ++i)
            test.add_node(static_cast<double>(1 + prng.below(4)));
        for (int i = 0; i < 3; ++i)
            test.add_job(
                { { "A", 1 + prng.below(70) }, { "B", 3, { "A" }, 2 }, { "C", 5, {}, 1.5 } },
                static_cast<std::uint32_t>(prng.below(3)));
        for (int step = 0; step < 300; ++step) {
            JobId const id { 1 + prng.below(3) };
            auto const& job = test.farm.jobs.at(id);
            auto const in_job = static_cast<std::uint32_t>(prng.below(3));
            auto const& tasks = job.steps[in_job].tasks;
            auto const draw = prng.below(20);
            if (draw < 9 && job.open()) {
                if (auto const task = tasks.next(TaskState::ready, 0))
                    test.lease(id, in_job, *task, { 1 + prng.below(3) });
            } else if (draw < 17 && !test.farm.attempts.empty()) {
                auto const nth = prng.below(test.farm.attempts.size());
                auto const attempt
                    = std::next(test.farm.attempts.begin(), static_cast<long>(nth))->first;
                test.end(attempt, static_cast<Outcome>(prng.below(3)),
                    prng.chance(0.5) ? Cause::task_error : Cause::lost_node);
            } else if (draw == 17) {
                test.change(id, [&](JobRecord& record) { record.canceled = prng.chance(0.3); });
            } else if (draw == 18) {
                auto const task = prng.below(tasks.size());
                if (tasks.get(task) != TaskState::leased)
                    test.reset(id, in_job, task);
            } else {
                test.change(id, [&](JobRecord& record) { record.paused = !record.paused; });
            }
            ASSERT_EQ(broken_invariant(test.farm), "") << "seed " << seed << " step " << step;
        }
        ASSERT_EQ(seen(replayed(as_stored(test.log))), seen(test.farm)) << "seed " << seed;
    }
}

}
