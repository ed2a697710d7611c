#include <agent/calls.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;

constexpr Calls::Pace idle { false, true };
constexpr Calls::Pace plenty { true, false };

Config config()
{
    Config made;
    made.node_key = "key";
    made.instance = 5;
    made.facts.name = "alpha";
    made.retry_min = 50ms;
    made.retry_max = 400ms;
    return made;
}

wire::Order start(std::uint64_t attempt) { return wire::Start { { attempt }, { 1 }, 0, 0, 1 }; }

wire::Report ended(std::uint64_t attempt)
{
    wire::Ended end;
    end.attempt = { attempt };
    return end;
}

// A node that was let in with epoch 3 by the brain's life 77, with no call open.
struct Rig {
    Rig()
    {
        calls.start(now);
        auto const request = call();
        EXPECT_EQ(request.epoch, 0U);
        EXPECT_TRUE(request.facts.has_value());
        reply(request.number, answer());
    }

    static wire::SyncReply answer(
        std::uint64_t first_order = 1, std::vector<wire::Order> orders = {})
    {
        wire::SyncReply made;
        made.epoch = 3;
        made.brain_instance = 77;
        made.first_order = first_order;
        made.orders = std::move(orders);
        return made;
    }
    bool wants(Calls::Pace pace = idle) { return calls.wants_call(pace, now); }
    wire::SyncRequest call()
    {
        EXPECT_TRUE(wants());
        return calls.compose(idle, now);
    }
    std::vector<std::uint64_t> reply(std::uint64_t number, wire::SyncReply const& what)
    {
        auto const accepted = calls.on_reply(number, what, now, notes);
        epoch_changed = accepted.epoch_changed;
        std::vector<std::uint64_t> attempts;
        for (auto const& order : accepted.orders)
            attempts.push_back(std::get<wire::Start>(order).attempt.value);
        return attempts;
    }
    void fail(std::uint64_t number, ErrorCode code = ErrorCode::unavailable)
    {
        calls.on_failed(number, { code, "why" }, now, notes);
    }

    Config const config_ { config() };
    Outbox outbox;
    Calls calls { config_, outbox };
    Mono now {};
    std::vector<Note> notes;
    bool epoch_changed { false };
};

using Attempts = std::vector<std::uint64_t>;

}

TEST(Calls, the_first_call_asks_to_be_let_in_and_is_alone)
{
    Config const config_ = config();
    Outbox outbox;
    Calls calls(config_, outbox);
    EXPECT_TRUE(calls.wants_call(idle, Mono {}));
    auto const request = calls.compose(idle, Mono {});
    EXPECT_EQ(request.number, 1U);
    EXPECT_EQ(request.settled, 0U);
    EXPECT_EQ(request.node_key, "key");
    EXPECT_EQ(request.agent_instance, 5U);
    EXPECT_EQ(request.facts->name, "alpha");
    outbox.add(ended(1));
    EXPECT_FALSE(calls.wants_call(idle, Mono {}));
    EXPECT_EQ(calls.next_wake(idle), std::nullopt);
}

TEST(Calls, one_call_is_always_open_and_a_second_only_with_news)
{
    Rig rig;
    auto const held = rig.call();
    EXPECT_EQ(held.epoch, 3U);
    EXPECT_EQ(held.brain_instance, 77U);
    EXPECT_FALSE(held.facts);
    EXPECT_FALSE(rig.wants());
    rig.outbox.add(ended(1));
    auto const news = rig.call();
    EXPECT_EQ(news.number, held.number + 1);
    EXPECT_EQ(news.settled, held.number - 1);
    EXPECT_EQ(news.reports, std::vector { ended(1) });
    rig.outbox.add(ended(2));
    EXPECT_FALSE(rig.wants()) << "two are open";
    rig.reply(held.number, Rig::answer());
    auto const next = rig.call();
    EXPECT_EQ(next.settled, held.number);
    EXPECT_EQ(next.reports, (std::vector { ended(1), ended(2) })) << "nothing is acknowledged yet";
}

TEST(Calls, reports_are_repeated_until_they_are_acknowledged)
{
    Rig rig;
    rig.outbox.add(ended(1));
    rig.outbox.add(ended(2));
    auto const lost = rig.call();
    EXPECT_EQ(lost.first_report, 1U);
    rig.fail(lost.number);
    rig.now += 50ms;
    auto const again = rig.call();
    EXPECT_EQ(again.reports, lost.reports);
    EXPECT_EQ(again.first_report, 1U);
    auto answer = Rig::answer();
    answer.reports_applied = 1;
    rig.reply(again.number, answer);
    auto const rest = rig.call();
    EXPECT_EQ(rest.first_report, 2U);
    EXPECT_EQ(rest.reports, std::vector { ended(2) });
}

TEST(Calls, an_acknowledgement_of_more_than_was_sent_is_cut)
{
    Rig rig;
    auto const call = rig.call();
    rig.outbox.add(ended(1));
    auto answer = Rig::answer();
    answer.reports_applied = 9;
    rig.reply(call.number, answer);
    EXPECT_EQ(rig.call().reports, std::vector { ended(1) });
}

TEST(Calls, many_reports_travel_in_several_calls)
{
    Rig rig;
    for (std::uint64_t i = 1; i <= Outbox::max_reports + 10; ++i)
        rig.outbox.add(ended(i));
    auto const first = rig.call();
    EXPECT_EQ(first.reports.size(), Outbox::max_reports);
    auto answer = Rig::answer();
    answer.reports_applied = Outbox::max_reports;
    rig.reply(first.number, answer);
    auto const second = rig.call();
    EXPECT_EQ(second.first_report, Outbox::max_reports + 1);
    EXPECT_EQ(second.reports.size(), 10U);
}

TEST(Calls, a_repeated_order_is_handed_out_once)
{
    Rig rig;
    auto const first = rig.call();
    EXPECT_EQ(
        rig.reply(first.number, Rig::answer(1, { start(10), start(11) })), (Attempts { 10, 11 }));
    auto const second = rig.call();
    EXPECT_EQ(second.orders_applied, 2U);
    EXPECT_EQ(rig.reply(second.number, Rig::answer(1, { start(10), start(11), start(12) })),
        Attempts { 12 });
    auto const third = rig.call();
    EXPECT_EQ(third.orders_applied, 3U);
    EXPECT_EQ(rig.reply(third.number, Rig::answer(2, { start(11), start(12) })), Attempts {});
}

TEST(Calls, an_order_that_comes_too_early_waits_for_its_turn)
{
    Rig rig;
    auto const older = rig.call();
    rig.outbox.add(ended(1));
    auto const newer = rig.call();
    EXPECT_EQ(rig.reply(newer.number, Rig::answer(2, { start(11) })), Attempts {});
    EXPECT_EQ(rig.reply(older.number, Rig::answer(1, { start(10) })), Attempts { 10 });
    auto const next = rig.call();
    EXPECT_EQ(next.settled, newer.number);
    EXPECT_EQ(next.orders_applied, 1U) << "so the brain repeats the second";
}

TEST(Calls, a_second_answer_to_the_same_call_is_ignored)
{
    Rig rig;
    auto const call = rig.call();
    rig.reply(call.number, Rig::answer(1, { start(10) }));
    EXPECT_EQ(rig.reply(call.number, Rig::answer(2, { start(11) })), Attempts {});
    rig.fail(call.number);
    EXPECT_TRUE(rig.wants()) << "nor does its failure count";
}

TEST(Calls, a_restarted_brain_numbers_its_orders_anew)
{
    Rig rig;
    auto const before = rig.call();
    rig.reply(before.number, Rig::answer(1, { start(10), start(11) }));
    auto const after = rig.call();
    auto reborn = Rig::answer(1, { start(12) });
    reborn.brain_instance = 78;
    EXPECT_EQ(rig.reply(after.number, reborn), Attempts { 12 });
    EXPECT_FALSE(rig.epoch_changed);
    auto const next = rig.call();
    EXPECT_EQ(next.brain_instance, 78U);
    EXPECT_EQ(next.orders_applied, 1U);
}

TEST(Calls, a_late_answer_of_the_brain_before_the_restart_is_ignored)
{
    Rig rig;
    auto const older = rig.call();
    rig.outbox.add(ended(1));
    auto const newer = rig.call();
    auto reborn = Rig::answer(1, { start(12) });
    reborn.brain_instance = 78;
    EXPECT_EQ(rig.reply(newer.number, reborn), Attempts { 12 });
    EXPECT_EQ(rig.reply(older.number, Rig::answer(1, { start(10), start(11) })), Attempts {});
    EXPECT_EQ(rig.call().orders_applied, 1U);
}

TEST(Calls, a_reply_that_was_overtaken_brings_no_text)
{
    Rig rig;
    auto const older = rig.call();
    rig.outbox.add(ended(1));
    auto const newer = rig.call();
    rig.reply(newer.number, Rig::answer());
    auto overtaken = Rig::answer();
    overtaken.jobs = { { { 1 }, "text", "name", {} } };
    EXPECT_TRUE(rig.calls.on_reply(older.number, overtaken, rig.now, rig.notes).jobs.empty());
    auto const newest = rig.call();
    EXPECT_EQ(rig.calls.on_reply(newest.number, overtaken, rig.now, rig.notes).jobs.size(), 1U);
}

TEST(Calls, a_new_epoch_voids_reports_and_order_numbers)
{
    Rig rig;
    rig.outbox.add(ended(1));
    auto const call = rig.call();
    rig.outbox.add(ended(2));
    auto moved = Rig::answer(5, { start(20) });
    moved.epoch = 4;
    EXPECT_EQ(rig.reply(call.number, moved), Attempts { 20 });
    EXPECT_TRUE(rig.epoch_changed);
    rig.outbox.add(ended(3));
    auto const next = rig.call();
    EXPECT_EQ(next.epoch, 4U);
    EXPECT_EQ(next.orders_applied, 5U);
    EXPECT_EQ(next.first_report, 3U) << "numbering carries on";
    EXPECT_EQ(next.reports, std::vector { ended(3) });
}

TEST(Calls, a_late_answer_of_the_old_epoch_is_ignored)
{
    Rig rig;
    auto const older = rig.call();
    rig.outbox.add(ended(1));
    auto const newer = rig.call();
    auto moved = Rig::answer();
    moved.epoch = 4;
    rig.reply(newer.number, moved);
    EXPECT_EQ(rig.reply(older.number, Rig::answer(1, { start(10) })), Attempts {});
    EXPECT_FALSE(rig.epoch_changed);
    EXPECT_EQ(rig.call().epoch, 4U);
}

TEST(Calls, failures_are_retried_with_growing_pauses)
{
    Rig rig;
    for (auto const pause : { 50ms, 100ms, 200ms, 400ms, 400ms }) {
        rig.fail(rig.call().number);
        EXPECT_FALSE(rig.wants());
        EXPECT_EQ(rig.calls.next_wake(idle), rig.now + pause);
        rig.now += pause;
    }
    ASSERT_EQ(rig.notes.size(), 1U);
    EXPECT_EQ(rig.notes[0].event, "brain_unreachable");
    rig.reply(rig.call().number, Rig::answer());
    EXPECT_EQ(rig.notes.back().event, "brain_reached");
    rig.fail(rig.call().number);
    EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 50ms) << "the first pause again";
}

TEST(Calls, two_calls_that_fail_together_count_once)
{
    Rig rig;
    auto const held = rig.call();
    rig.outbox.add(ended(1));
    auto const news = rig.call();
    rig.fail(news.number);
    rig.fail(held.number);
    EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 50ms);
}

TEST(Calls, an_overtaken_call_costs_no_pause)
{
    Rig rig;
    auto const older = rig.call();
    rig.outbox.add(ended(1));
    rig.call();
    rig.fail(older.number);
    rig.outbox.add(ended(2));
    EXPECT_TRUE(rig.wants());
}

TEST(Calls, a_refusal_is_told_once_and_retried_slowly)
{
    Rig rig;
    for (int i = 0; i < 3; ++i) {
        rig.fail(rig.call().number, ErrorCode::conflict);
        EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 400ms);
        rig.now += 400ms;
    }
    ASSERT_EQ(rig.notes.size(), 1U);
    EXPECT_EQ(rig.notes[0].level, Note::Level::error);
}

TEST(Calls, with_plenty_to_do_news_wait_for_company)
{
    Rig rig;
    auto const held = rig.call();
    rig.outbox.add(ended(1));
    EXPECT_FALSE(rig.wants(plenty));
    EXPECT_EQ(rig.calls.next_wake(plenty), rig.now + 3ms);
    rig.now += 2ms;
    rig.outbox.add(ended(2));
    EXPECT_FALSE(rig.wants(plenty));
    EXPECT_TRUE(rig.wants(idle)) << "nothing left in the queue: now";
    rig.now += 1ms;
    EXPECT_TRUE(rig.wants(plenty));
    EXPECT_EQ(rig.calls.compose(plenty, rig.now).reports.size(), 2U);
    rig.reply(held.number, Rig::answer());
}

TEST(Calls, progress_alone_opens_a_call_twice_a_second_at_most)
{
    Rig rig;
    rig.call();
    rig.outbox.add_progress({ 1 }, { 10, "a", false });
    EXPECT_FALSE(rig.wants());
    EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 500ms);
    rig.outbox.add_progress({ 1 }, { 20, "b", false });
    rig.now += 500ms;
    auto const call = rig.call();
    EXPECT_EQ(call.reports, (std::vector<wire::Report> { wire::Progress { { 1 }, 20, "b" } }));
    rig.reply(call.number, Rig::answer());
    rig.outbox.add_progress({ 1 }, { 30, "c", false });
    EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 1s) << "once a second for one attempt";
    rig.outbox.add_progress({ 2 }, { 1, "d", false });
    EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 500ms);
}

TEST(Outbox, a_directive_silences_the_renderer)
{
    Outbox outbox;
    wire::SyncRequest request;
    outbox.add_progress({ 1 }, { 10, std::nullopt, true });
    outbox.add_progress({ 1 }, { 90, "frame 1", false });
    outbox.add_progress({ 1 }, { std::nullopt, "baking", true });
    outbox.fill(request, Mono {});
    EXPECT_EQ(
        request.reports, (std::vector<wire::Report> { wire::Progress { { 1 }, 10, "baking" } }));
    outbox.add_progress({ 1 }, { 10, "baking", true });
    EXPECT_EQ(outbox.progress_due(), std::nullopt) << "nothing new";
}

TEST(Calls, leaving_is_said_last_and_repeated_for_ten_seconds)
{
    Rig rig;
    rig.call();
    rig.calls.leave();
    Calls::Pace const busy { false, false };
    EXPECT_FALSE(rig.wants(busy));
    rig.outbox.add(ended(1));
    auto const farewell = rig.call();
    EXPECT_TRUE(farewell.leaving);
    EXPECT_EQ(farewell.reports.size(), 1U);
    EXPECT_FALSE(rig.calls.has_left(idle, rig.now));
    rig.fail(farewell.number);
    rig.now += 50ms;
    auto const again = rig.call();
    EXPECT_TRUE(again.leaving);
    auto answer = Rig::answer();
    answer.reports_applied = 1;
    rig.reply(again.number, answer);
    EXPECT_TRUE(rig.calls.has_left(idle, rig.now));
    EXPECT_FALSE(rig.wants());
}

TEST(Calls, an_agent_that_cannot_be_heard_leaves_after_ten_seconds)
{
    Rig rig;
    rig.call();
    rig.calls.leave();
    rig.call();
    EXPECT_EQ(rig.calls.next_wake(idle), rig.now + 10s);
    EXPECT_FALSE(rig.calls.has_left(idle, rig.now + 9s));
    EXPECT_TRUE(rig.calls.has_left(idle, rig.now + 10s));
}

TEST(Calls, an_agent_that_was_never_let_in_just_goes)
{
    Config const config_ = config();
    Outbox outbox;
    Calls calls(config_, outbox);
    calls.wants_call(idle, Mono {});
    calls.compose(idle, Mono {});
    calls.leave();
    EXPECT_TRUE(calls.has_left(idle, Mono {}));
}

}
