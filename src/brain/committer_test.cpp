#include <brain/committer.h>

#include <gtest/gtest.h>

namespace sidereal::brain {

namespace {

Effects event(std::uint64_t ticket, int records)
{
    Effects effects;
    for (int i = 0; i < records; ++i)
        effects.records.emplace_back(farm::ResetRecord {});
    effects.sends.push_back({ { ticket }, Done {} });
    return effects;
}

std::vector<std::uint64_t> tickets(std::vector<Send> const& sends)
{
    std::vector<std::uint64_t> ids;
    for (auto const& send : sends)
        ids.push_back(send.to.value);
    return ids;
}

using Tickets = std::vector<std::uint64_t>;

}

TEST(Committer, answer_waits_for_its_records)
{
    Committer committer;
    auto effects = event(1, 2);
    committer.add(effects);
    EXPECT_EQ(committer.start_batch()->size(), 2U);
    EXPECT_EQ(tickets(committer.take_ready()), Tickets {});
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets { 1 });
}

TEST(Committer, answer_without_records_goes_at_once)
{
    Committer committer;
    auto effects = event(1, 0);
    committer.add(effects);
    EXPECT_FALSE(committer.start_batch());
    EXPECT_EQ(tickets(committer.take_ready()), Tickets { 1 });
}

TEST(Committer, answer_without_records_does_not_overtake)
{
    Committer committer;
    auto first = event(1, 1);
    committer.add(first);
    auto second = event(2, 0);
    committer.add(second);
    committer.start_batch();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets {});
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), (Tickets { 1, 2 }));
}

TEST(Committer, what_comes_during_a_commit_goes_into_one_next_batch)
{
    Committer committer;
    auto first = event(1, 1);
    committer.add(first);
    committer.start_batch();
    for (std::uint64_t ticket = 2; ticket < 5; ++ticket) {
        auto next = event(ticket, 1);
        committer.add(next);
        EXPECT_FALSE(committer.start_batch());
    }
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets { 1 });
    EXPECT_EQ(committer.start_batch()->size(), 3U);
    EXPECT_EQ(tickets(committer.take_ready()), Tickets {});
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), (Tickets { 2, 3, 4 }));
    EXPECT_TRUE(committer.idle());
}

TEST(Committer, read_during_a_commit_waits_for_that_commit_only)
{
    Committer committer;
    auto write = event(1, 1);
    committer.add(write);
    committer.start_batch();
    auto read = event(2, 0);
    committer.add(read);
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), (Tickets { 1, 2 }));
}

TEST(Committer, what_comes_after_a_failed_commit_waits_for_both)
{
    Committer committer;
    auto first = event(1, 1);
    committer.add(first);
    committer.start_batch();
    committer.batch_failed();
    EXPECT_FALSE(committer.idle());
    auto second = event(2, 1);
    committer.add(second);
    committer.start_batch();
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets { 1 });
    committer.start_batch();
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets { 2 });
}

TEST(Committer, failed_batch_comes_again_unchanged)
{
    Committer committer;
    auto first = event(1, 2);
    committer.add(first);
    committer.start_batch();
    auto second = event(2, 1);
    committer.add(second);
    committer.batch_failed();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets {});
    EXPECT_FALSE(committer.idle());
    EXPECT_EQ(committer.start_batch()->size(), 2U);
    committer.batch_done();
    EXPECT_EQ(tickets(committer.take_ready()), Tickets { 1 });
    EXPECT_EQ(committer.start_batch()->size(), 1U);
}

}
