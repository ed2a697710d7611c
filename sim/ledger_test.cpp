#include <sim/ledger.h>

#include <gtest/gtest.h>

namespace sidereal::sim {

namespace {

constexpr char const* two_steps = R"({
"specificationVersion":"jobtemplate-2023-09","name":"J","steps":[
{"name":"a","script":{"actions":{"onRun":{"command":"sim"}}}},
{"name":"b","dependencies":[{"dependsOn":"a"}],
 "script":{"actions":{"onRun":{"command":"sim"}}}}]})";

constexpr JobId job { 1 };
constexpr NodeId node { 1 };

// A ledger with a job of two steps, the second after the first, and a node in epoch 1.
struct LedgerTest : testing::Test {
    LedgerTest()
    {
        farm::JobRecord accepted;
        accepted.id = job;
        accepted.source = { two_steps, "test.json", {} };
        ledger.take({ accepted });
        enter(1);
    }

    void enter(std::uint64_t epoch)
    {
        farm::NodeRecord record;
        record.id = node;
        record.key = "key";
        record.facts.vcpus = 4;
        record.epoch = epoch;
        ledger.take({ record });
    }

    static farm::AttemptRecord lease_of(std::uint64_t id, std::uint32_t step)
    {
        farm::AttemptRecord record;
        record.id = { id };
        record.job = job;
        record.step = step;
        record.node = node;
        record.node_epoch = 1;
        return record;
    }

    void lease(std::uint64_t id, std::uint32_t step = 0) { ledger.take({ lease_of(id, step) }); }

    void end(std::uint64_t id, wire::Outcome outcome, std::uint32_t step = 0)
    {
        auto record = lease_of(id, step);
        record.state = farm::AttemptState::ended;
        record.outcome = outcome;
        if (outcome == wire::Outcome::failed)
            ledger.process_failed({ id });
        ledger.take({ record });
    }

    void succeed(std::uint64_t id, std::uint32_t step = 0)
    {
        ledger.process_starts({ id }, node);
        ledger.process_succeeded({ id });
        end(id, wire::Outcome::succeeded, step);
    }

    void reset()
    {
        farm::ResetRecord record;
        record.job = job;
        ledger.take({ record });
    }

    Verdict verdict;
    Ledger ledger { verdict };
};

}

TEST_F(LedgerTest, a_proper_life_passes)
{
    lease(1);
    end(1, wire::Outcome::failed);
    lease(2);
    succeed(2);
    ledger.success_acknowledged({ 2 });
    lease(3, 1);
    succeed(3, 1);
    reset();
    lease(4);
    succeed(4);
    EXPECT_EQ(verdict.failure(), "");
}

TEST_F(LedgerTest, an_acknowledged_job_that_is_gone_is_found)
{
    ledger.submit_acknowledged({ 7 });
    ledger.compare({});
    EXPECT_EQ(verdict.failure(), "job 7 was acknowledged and is gone");
}

TEST_F(LedgerTest, a_second_lease_of_a_task_is_found)
{
    lease(1);
    lease(2);
    EXPECT_EQ(verdict.failure(), "attempt 2: its task is leased to attempt 1");
}

TEST_F(LedgerTest, a_lease_of_a_done_task_is_found)
{
    lease(1);
    succeed(1);
    lease(2);
    EXPECT_EQ(verdict.failure(), "attempt 2: its task was done by attempt 1");
}

TEST_F(LedgerTest, an_end_without_a_live_lease_is_found)
{
    lease(1);
    end(1, wire::Outcome::failed);
    ledger.process_succeeded({ 1 });
    end(1, wire::Outcome::succeeded);
    EXPECT_EQ(verdict.failure(), "attempt 1 ended without a live lease");
}

TEST_F(LedgerTest, a_failure_of_nothing_is_found)
{
    lease(1);
    auto record = lease_of(1, 0);
    record.state = farm::AttemptState::ended;
    record.message = "no reason";
    ledger.take({ record });
    EXPECT_EQ(verdict.failure(), "attempt 1 failed and nothing of it went wrong: no reason");
}

TEST_F(LedgerTest, work_that_outlives_its_epoch_is_found)
{
    lease(1);
    enter(2);
    EXPECT_EQ(verdict.failure(), "node 1 moved on to epoch 2 with attempt 1 live");
}

TEST_F(LedgerTest, a_lease_before_its_inputs_is_found)
{
    lease(1, 1);
    EXPECT_EQ(
        verdict.failure(), "attempt 1: step 1 of job 1 is given out before its inputs are done");
}

TEST_F(LedgerTest, an_acknowledged_success_that_does_not_count_is_found)
{
    lease(1);
    end(1, wire::Outcome::failed);
    ledger.success_acknowledged({ 1 });
    EXPECT_EQ(
        verdict.failure(), "the brain acknowledged the success of attempt 1 and does not count it");
}

TEST_F(LedgerTest, a_process_for_an_acknowledged_task_is_found)
{
    lease(1);
    end(1, wire::Outcome::failed);
    lease(2);
    succeed(2);
    ledger.success_acknowledged({ 2 });
    ledger.process_starts({ 1 }, node);
    EXPECT_EQ(
        verdict.failure(), "attempt 1 starts a task whose success by attempt 2 was acknowledged");
}

TEST_F(LedgerTest, a_process_on_another_node_is_found)
{
    lease(1);
    ledger.process_starts({ 1 }, { 2 });
    EXPECT_EQ(verdict.failure(), "attempt 1 starts on node 2 without a durable lease for it");
}

TEST_F(LedgerTest, use_that_is_not_the_sum_of_attempts_is_found)
{
    lease(1);
    succeed(1);
    farm::Farm farm;
    farm::JobRecord accepted;
    accepted.id = job;
    accepted.source = { two_steps, "test.json", {} };
    ASSERT_TRUE(farm.apply(farm::Record(accepted)));
    ledger.compare(farm);
    EXPECT_EQ(verdict.failure(), "job 1: its use is not the sum of its ended attempts");
}

}
