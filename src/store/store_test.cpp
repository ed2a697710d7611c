#include <store/store.h>

#include <store/test_store.h>

#include <base/prng.h>

#include <map>
#include <thread>

namespace sidereal::store {

namespace {

using wire::Outcome;

// What every kind of store must do; run on each.
class StoreTest : public testing::Test {
protected:
    StoreTest() { open(); }

    void open()
    {
        store_.reset();
        auto opened = open_store({ folder_ / "farm.db" });
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        store_ = std::move(*opened);
    }

    void commit(farm::Records batch)
    {
        auto const status = commit_and_wait(*store_, std::move(batch));
        ASSERT_TRUE(status.has_value()) << status.error().message;
    }

    TemporaryFolder folder_;
    std::unique_ptr<Store> store_;
};

std::vector<std::uint64_t> ids(std::vector<farm::AttemptRecord> const& attempts)
{
    std::vector<std::uint64_t> found;
    for (auto const& attempt : attempts)
        found.push_back(attempt.id.value);
    return found;
}

using Ids = std::vector<std::uint64_t>;

}

TEST_F(StoreTest, a_new_store_is_empty) { EXPECT_EQ(all_records(*store_), farm::Records {}); }

TEST_F(StoreTest, records_come_back_the_same_after_reopening)
{
    auto job = a_job(1);
    job.paused = true;
    job.pause_reason = "too many failures";
    job.canceled = true;
    job.ended_at = job.submitted_at + std::chrono::hours(1);
    auto draining = a_node(1);
    draining.draining = true;
    farm::Records const batch { job, draining, ended(a_lease(1, 1, 0), Outcome::failed),
        ended(a_lease(2, 1, 0), Outcome::succeeded), a_lease(3, 1, 1) };
    commit(batch);
    EXPECT_EQ(all_records(*store_), batch);
    open();
    EXPECT_EQ(all_records(*store_), batch);
}

TEST_F(StoreTest, the_last_record_of_a_thing_counts)
{
    auto job = a_job(1);
    auto node = a_node(1);
    commit({ job, node, a_lease(1, 1, 0) });
    job.priority = 99;
    job.ended_at = job.submitted_at;
    node.epoch = 8;
    node.facts.name = "renamed";
    auto const end = ended(a_lease(1, 1, 0), Outcome::canceled);
    commit({ job, node, end });
    EXPECT_EQ(all_records(*store_), (farm::Records { job, node, end }));
    job.ended_at.reset();
    commit({ job });
    EXPECT_EQ(all_records(*store_), (farm::Records { job, node, end }));
}

TEST_F(StoreTest, an_attempt_may_be_leased_and_ended_in_one_batch)
{
    auto const end = ended(a_lease(1, 1, 0), Outcome::failed);
    commit({ a_job(1), a_node(1), a_lease(1, 1, 0), end });
    EXPECT_EQ(all_records(*store_), (farm::Records { a_job(1), a_node(1), end }));
}

TEST_F(StoreTest, replay_gives_jobs_then_nodes_then_attempts_by_id)
{
    commit({ a_job(2), a_node(3), a_job(1), a_node(1), a_lease(7, 2, 0), a_lease(5, 1, 0) });
    EXPECT_EQ(all_records(*store_),
        (farm::Records {
            a_job(1), a_job(2), a_node(1), a_node(3), a_lease(5, 1, 0), a_lease(7, 2, 0) }));
}

TEST_F(StoreTest, a_reset_comes_before_the_first_attempt_it_does_not_speak_of)
{
    auto const first = ended(a_lease(1, 1, 0), Outcome::failed);
    auto const second = ended(a_lease(5, 1, 0), Outcome::succeeded);
    farm::ResetRecord const early { { 1 }, 1, 0, { 1 } };
    farm::ResetRecord const between { { 1 }, 1, 0, { 4 } };
    farm::ResetRecord const also_between { { 1 }, 1, 3, { 4 } };
    farm::ResetRecord const late { { 1 }, 1, 0, { 6 } };
    commit({ a_job(1), a_node(1), late, also_between, between, early, first, second });
    EXPECT_EQ(all_records(*store_),
        (farm::Records { a_job(1), a_node(1), early, first, also_between, between, second, late }));
    commit({ late });
    EXPECT_EQ(all_records(*store_)->size(), 8u);
}

TEST_F(StoreTest, of_two_resets_the_newer_one_comes_last)
{
    farm::ResetRecord const skip { { 1 }, 1, 0, { 1 }, 10, true };
    farm::ResetRecord const again { { 1 }, 1, 4, { 1 } };
    commit({ a_job(1), skip, again });
    EXPECT_EQ(all_records(*store_), (farm::Records { a_job(1), skip, again }));
    commit({ skip });
    EXPECT_EQ(all_records(*store_), (farm::Records { a_job(1), again, skip }));
}

TEST_F(StoreTest, replay_stops_at_the_first_error_of_its_taker)
{
    commit({ a_job(1), a_job(2) });
    int taken = 0;
    auto const status = store_->replay([&](farm::Record const&) -> Status {
        ++taken;
        return fail(ErrorCode::invalid_input, "no such template");
    });
    EXPECT_EQ(status.error().message, "no such template");
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(all_records(*store_)->size(), 2u);
}

TEST_F(StoreTest, commits_are_answered_in_order)
{
    commit({ a_job(1), a_node(1) });
    std::vector<std::uint64_t> answered;
    for (std::uint64_t id = 1; id <= 50; ++id)
        store_->commit(std::make_shared<farm::Records const>(farm::Records { a_lease(id, 1, id) }),
            [&answered, id](Status status) {
                if (status)
                    answered.push_back(id);
            });
    store_.reset();
    ASSERT_EQ(answered.size(), 50u);
    EXPECT_TRUE(std::is_sorted(answered.begin(), answered.end()));
}

TEST_F(StoreTest, attempts_are_found_by_each_filter)
{
    auto other_node = ended(a_lease(4, 1, 2), Outcome::succeeded);
    other_node.node = { 2 };
    auto other_step = a_lease(5, 1, 1);
    other_step.step = 0;
    commit({ a_job(1), a_job(2), a_node(1), a_node(2), ended(a_lease(1, 1, 1), Outcome::failed),
        ended(a_lease(2, 1, 1), Outcome::succeeded), a_lease(3, 2, 1), other_node, other_step,
        a_lease(6, 1, 1) });

    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 1 } })), (Ids { 1, 2, 4, 5, 6 }));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 2 } })), (Ids { 3 }));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 9 } })), (Ids {}));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 1 }, .step = 1 })), (Ids { 1, 2, 4, 6 }));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 1 }, .task = 1 })), (Ids { 1, 2, 5, 6 }));
    EXPECT_EQ(
        ids(*attempts_of(*store_, { .job = { 1 }, .step = 1, .task = 1 })), (Ids { 1, 2, 6 }));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 1 }, .node = NodeId { 2 } })), (Ids { 4 }));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 1 }, .outcome = Outcome::succeeded })),
        (Ids { 2, 4 }));
    EXPECT_EQ(attempts_of(*store_, { .job = { 1 }, .outcome = Outcome::failed })->front(),
        ended(a_lease(1, 1, 1), Outcome::failed));
}

TEST_F(StoreTest, attempts_of_all_jobs_are_found_from_a_time_on)
{
    commit({ a_job(1), a_job(2), a_node(1) });
    auto const start = Wall(std::chrono::seconds(1'700'000'000));
    // Ids with gaps, an hour apart.
    Ids const all { 3, 4, 10, 11, 40 };
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto lease = a_lease(all[i], 1 + i % 2, i);
        lease.leased_at = start + std::chrono::hours(i);
        commit({ lease });
    }
    auto const from = [&](Duration since) {
        return ids(*attempts_of(*store_, { .leased_from = start + since }));
    };
    EXPECT_EQ(ids(*attempts_of(*store_, {})), all);
    EXPECT_EQ(from(-std::chrono::hours(1)), all);
    EXPECT_EQ(from({}), all);
    EXPECT_EQ(from(Duration(1)), (Ids { 4, 10, 11, 40 }));
    EXPECT_EQ(from(std::chrono::hours(2)), (Ids { 10, 11, 40 }));
    EXPECT_EQ(from(std::chrono::hours(4)), (Ids { 40 }));
    EXPECT_EQ(from(std::chrono::hours(5)), (Ids {}));
    EXPECT_EQ(
        ids(*attempts_of(*store_, { .job = { 1 }, .leased_from = start + std::chrono::hours(1) })),
        (Ids { 10, 40 }));
    EXPECT_EQ(ids(*attempts_of(*store_,
                  { .leased_from = start + std::chrono::hours(1), .after = { 10 }, .limit = 1 })),
        (Ids { 11 }));
}

TEST_F(StoreTest, attempts_come_in_pages)
{
    farm::Records batch { a_job(1), a_node(1) };
    for (std::uint64_t id = 1; id <= 1500; ++id)
        batch.emplace_back(a_lease(id, 1, id));
    commit(std::move(batch));
    EXPECT_EQ(ids(*attempts_of(*store_, { .job = { 1 }, .after = { 7 }, .limit = 3 })),
        (Ids { 8, 9, 10 }));
    EXPECT_EQ(attempts_of(*store_, { .job = { 1 }, .limit = 5000 })->size(), 1000u);
    EXPECT_EQ(
        attempts_of(*store_, { .job = { 1 }, .after = { 1000 }, .limit = 1000 })->size(), 500u);
}

TEST_F(StoreTest, the_latest_attempt_of_a_task_is_found)
{
    commit({ a_job(1), a_node(1), ended(a_lease(1, 1, 4), Outcome::failed), a_lease(2, 1, 4),
        a_lease(3, 1, 5) });
    auto const latest = [&](std::uint64_t task) {
        std::promise<Result<std::optional<farm::AttemptRecord>>> promise;
        store_->latest_attempt({ 1 }, 1, task, [&](auto found) { promise.set_value(found); });
        return promise.get_future().get();
    };
    EXPECT_EQ(latest(4), a_lease(2, 1, 4));
    EXPECT_EQ(latest(5), a_lease(3, 1, 5));
    EXPECT_EQ(latest(6), std::nullopt);
}

TEST_F(StoreTest, reads_go_on_beside_commits)
{
    commit({ a_job(1), a_node(1) });
    std::thread reader([&] {
        for (int round = 0; round < 100; ++round)
            EXPECT_TRUE(attempts_of(*store_, { .job = { 1 } }).has_value());
    });
    for (std::uint64_t id = 1; id <= 300; ++id)
        commit({ a_lease(id, 1, id), ended(a_lease(id, 1, id), Outcome::succeeded) });
    reader.join();
    EXPECT_EQ(all_records(*store_)->size(), 302u);
}

// A naive model: the last record by id, in maps.
TEST_F(StoreTest, random_batches_agree_with_a_model)
{
    Prng prng(42);
    std::map<std::uint64_t, farm::Record> jobs { { 1, a_job(1) } };
    std::map<std::uint64_t, farm::Record> nodes { { 1, a_node(1) } };
    std::map<std::uint64_t, farm::Record> attempts;
    commit({ a_job(1), a_node(1) });
    for (int round = 0; round < 200; ++round) {
        farm::Records batch;
        for (auto left = prng.below(20); left > 0; --left) {
            auto const id = prng.below(300) + 1;
            auto lease = a_lease(id, 1, id % 7);
            auto job = a_job(id % 5 + 1);
            job.priority = static_cast<int>(prng.below(100));
            switch (prng.below(3)) {
            case 0: batch.emplace_back(jobs[job.id.value] = job); break;
            case 1: batch.emplace_back(attempts[id] = lease); break;
            default: batch.emplace_back(attempts[id] = ended(lease, Outcome::failed));
            }
        }
        commit(std::move(batch));
        if (round % 50 == 0)
            open();
    }
    farm::Records expected;
    for (auto const* table : { &jobs, &nodes, &attempts })
        for (auto const& [id, record] : *table)
            expected.push_back(record);
    EXPECT_EQ(all_records(*store_), expected);
}

TEST_F(StoreTest, a_chunks_attempt_is_found_by_each_of_its_tasks)
{
    auto chunk = a_lease(1, 1, 4);
    chunk.tasks = 3;
    commit({ a_job(1), a_node(1), chunk, ended(a_lease(2, 1, 5), Outcome::failed) });
    auto const of = [&](std::uint64_t task) {
        AttemptQuery query;
        query.job = { 1 };
        query.step = 1;
        query.task = task;
        std::vector<std::uint64_t> ids;
        auto const found = attempts_of(*store_, query);
        for (auto const& record : *found)
            ids.push_back(record.id.value);
        return ids;
    };
    using Ids = std::vector<std::uint64_t>;
    EXPECT_EQ(of(3), Ids {});
    EXPECT_EQ(of(4), Ids { 1 });
    EXPECT_EQ(of(5), (Ids { 1, 2 }));
    EXPECT_EQ(of(6), Ids { 1 });
    EXPECT_EQ(of(7), Ids {});
    std::promise<Result<std::optional<farm::AttemptRecord>>> promise;
    store_->latest_attempt({ 1 }, 1, 6, [&](auto found) { promise.set_value(found); });
    EXPECT_EQ(promise.get_future().get(), chunk);
}

}
