#pragma once

#include <brain/brain.h>
#include <openjd/job.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// A brain with a hand-wound clock and agents that are played by the test.
namespace sidereal::brain {

inline std::string template_of(std::uint64_t tasks, std::string const& extra = "")
{
    return fmt::format(R"({{"specificationVersion":"jobtemplate-2023-09","name":"test",
"steps":[{{"name":"work",{}
"parameterSpace":{{"taskParameterDefinitions":[{{"name":"N","type":"INT","range":"1-{}"}}]}},
"script":{{"actions":{{"onRun":{{"command":"true"}}}}}}}}]}})",
        extra, tasks);
}

// One life of an agent, as the test plays it.
struct PlayedAgent {
    std::string key;
    std::uint64_t instance { 1 };
    double vcpus { 2 };
    std::uint64_t epoch { 0 };
    std::uint64_t brain_instance { 0 };
    std::uint64_t number { 0 };
    std::uint64_t settled { 0 };
    std::uint64_t orders_applied { 0 };
    std::uint64_t first_report { 1 };
    std::vector<wire::Report> reports;
    std::vector<AttemptId> holding;
    std::vector<JobId> jobs_known;
    std::vector<wire::Order> orders;

    wire::SyncRequest call()
    {
        wire::SyncRequest request;
        request.node_key = key;
        request.agent_instance = instance;
        request.epoch = epoch;
        if (epoch == 0) {
            request.facts = wire::NodeFacts {};
            request.facts->name = key;
            request.facts->vcpus = vcpus;
        }
        request.brain_instance = brain_instance;
        request.number = ++number;
        request.settled = settled;
        request.orders_applied = orders_applied;
        request.holding = holding;
        request.jobs_known = jobs_known;
        request.first_report = first_report;
        request.reports = reports;
        return request;
    }

    void take(wire::SyncReply const& reply)
    {
        settled = number;
        if (reply.epoch != epoch || reply.brain_instance != brain_instance)
            orders_applied = reply.first_order - 1;
        epoch = reply.epoch;
        brain_instance = reply.brain_instance;
        for (std::size_t i = 0; i < reply.orders.size(); ++i) {
            if (reply.first_order + i != orders_applied + 1)
                continue;
            ++orders_applied;
            orders.push_back(reply.orders[i]);
            if (auto const* start = std::get_if<wire::Start>(&reply.orders[i])) {
                holding.push_back(start->attempt);
                learn(start->job, reply.jobs);
            } else if (auto const* release = std::get_if<wire::ReleaseJob>(&reply.orders[i])) {
                std::erase(jobs_known, release->job);
            }
        }
        auto const done = std::min<std::uint64_t>(
            reports.size(), reply.reports_applied + 1 - first_report);
        reports.erase(reports.begin(), reports.begin() + static_cast<std::ptrdiff_t>(done));
        first_report += done;
    }

    void learn(JobId job, std::vector<wire::JobText> const& texts)
    {
        if (std::find(jobs_known.begin(), jobs_known.end(), job) != jobs_known.end())
            return;
        EXPECT_TRUE(std::any_of(
            texts.begin(), texts.end(), [&](wire::JobText const& text) { return text.job == job; }))
            << "the text of job " << job.value << " did not come with its start";
        jobs_known.push_back(job);
    }

    void end(AttemptId attempt, wire::Outcome outcome = wire::Outcome::succeeded,
        wire::Cause cause = wire::Cause::none)
    {
        wire::Ended ended;
        ended.attempt = attempt;
        ended.outcome = outcome;
        ended.cause = cause;
        ended.usage.run_time = std::chrono::seconds(10);
        reports.emplace_back(ended);
        std::erase(holding, attempt);
    }

    std::vector<AttemptId> started() const
    {
        std::vector<AttemptId> ids;
        for (auto const& order : orders) {
            if (auto const* start = std::get_if<wire::Start>(&order))
                ids.push_back(start->attempt);
        }
        return ids;
    }
};

struct BrainTest : testing::Test {
    Brain brain;
    Effects effects;
    Now now { Mono(std::chrono::seconds(1000)), Wall(std::chrono::seconds(1'700'000'000)) };
    std::uint64_t last_ticket { 0 };
    // Everything that was made durable, for a restart.
    farm::Records records;

    BrainTest() { brain.config.instance = 7; }

    void TearDown() override { EXPECT_EQ(farm::broken_invariant(brain.farm), ""); }

    void apply_rules(std::string text)
    {
        Effects turn;
        on_apply_rules(brain, std::move(text), "somebody", { ++last_ticket }, now, turn);
        keep(turn);
    }

    // The durable record of an attempt's end; the attempt must have ended.
    farm::AttemptRecord last_ended(AttemptId id) const
    {
        farm::AttemptRecord found;
        for (auto const& fact : records)
            if (auto const* attempt = std::get_if<farm::AttemptRecord>(&fact);
                attempt && attempt->id == id && attempt->state == farm::AttemptState::ended)
                found = *attempt;
        EXPECT_EQ(found.id, id);
        return found;
    }

    void pass(Duration time)
    {
        now.mono += time;
        now.wall += time;
        Effects turn;
        on_tick(brain, now, turn);
        keep(turn);
    }

    // The tick that follows every event, and the plans that did not fit into one.
    std::vector<Send> keep(Effects& turn)
    {
        while (next_wake(brain) == at_once)
            on_tick(brain, now, turn);
        records.insert(records.end(), turn.records.begin(), turn.records.end());
        for (auto& one : turn.notes)
            effects.notes.push_back(one);
        auto sends = std::move(turn.sends);
        for (auto const& send : sends)
            effects.sends.push_back(send);
        return sends;
    }

    // The answers that this call caused, its own included if it was not held.
    std::vector<Send> sync(PlayedAgent& agent) { return send(agent.call()); }

    std::vector<Send> send(wire::SyncRequest const& request)
    {
        Effects turn;
        on_sync(brain, request, { ++last_ticket }, now, turn);
        return keep(turn);
    }

    // Calls and takes all replies, until the brain holds the call.
    void talk(PlayedAgent& agent)
    {
        for (int round = 0; round < 20; ++round) {
            auto const sends = sync(agent);
            bool answered = false;
            for (auto const& send : sends) {
                if (auto const* reply = std::get_if<wire::SyncReply>(&send.answer)) {
                    agent.take(*reply);
                    answered = send.to.value == last_ticket || answered;
                }
            }
            if (!answered)
                return;
        }
        FAIL() << "the brain never holds the call";
    }

    JobId submit(std::string const& text, std::uint32_t max_retries = 2)
    {
        Submit submit;
        submit.source = { text, "test.json", {} };
        submit.max_retries = max_retries;
        auto spec = openjd::create_job(submit.source);
        if (!spec) {
            ADD_FAILURE() << openjd::to_string(spec.error());
            return {};
        }
        Effects turn;
        on_submit(brain, std::move(submit), std::make_shared<openjd::Job const>(std::move(*spec)),
            { ++last_ticket }, now, turn);
        last_sends = keep(turn);
        return { brain.farm.last_job };
    }

    // The brain dies and another one starts from what is durable.
    void restart()
    {
        auto const config = brain.config;
        brain = Brain {};
        brain.config = config;
        ++brain.config.instance;
        for (auto const& record : records)
            ASSERT_TRUE(brain.farm.apply(record));
        Effects turn;
        on_restored(brain, now, turn);
        keep(turn);
    }

    // The replies to agents among the sends.
    static std::vector<wire::SyncReply> replies(std::vector<Send> const& sends)
    {
        std::vector<wire::SyncReply> found;
        for (auto const& send : sends) {
            if (auto const* reply = std::get_if<wire::SyncReply>(&send.answer))
                found.push_back(*reply);
        }
        return found;
    }

    std::vector<Send> last_sends;
};

}
