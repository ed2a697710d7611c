#include <sched/test_sched.h>
#include <sched/why.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

// What must hold on any farm, on farms as drawn.
namespace sidereal::sched {

namespace {

constexpr std::uint64_t farms = 1500;

std::string draw_wishes(Prng& draw)
{
    std::string text;
    if (draw.chance(0.5))
        text += fmt::format("tier: {}\n", farm::to_string(static_cast<farm::Tier>(draw.below(5))));
    if (draw.chance(0.3))
        text += fmt::format("caps: {{tasks: {}}}\n", draw.between(1, 4));
    else if (draw.chance(0.2))
        text += fmt::format("caps: {{tasks_per_node: {}}}\n", draw.between(1, 3));
    if (draw.chance(0.2))
        text += fmt::format("steps: {{A: {{nodes: [node-{}]}}}}\n", draw.between(1, 4));
    else if (draw.chance(0.1))
        text += "steps: {A: {whole_node: true}}\n";
    return text;
}

struct DrawnFarm {
    SchedFarm test;
    std::vector<JobId> jobs;

    explicit DrawnFarm(std::uint64_t seed)
    {
        Prng draw(seed);
        if (draw.chance(0.5))
            test.rule("projects: [{name: film, guaranteed_vcpus: 4, max_vcpus: 9}, {name: ad}]\n"
                      "limits: [{name: maya, seats: 3}]\n");
        auto const nodes = draw.between(1, 4);
        for (std::int64_t i = 0; i < nodes; ++i)
            test.add_present_node(static_cast<double>(draw.between(1, 16)),
                static_cast<double>(draw.between(2, 64)), [&](wire::NodeFacts& facts) {
                    for (auto gpus = draw.chance(0.3) ? draw.between(1, 4) : 0; gpus > 0; --gpus)
                        facts.gpus.push_back({ fmt::format("gpu-{}", gpus), "GPU", 24ULL << 30 });
                });
        auto const count = draw.between(1, 5);
        for (std::int64_t i = 0; i < count; ++i) {
            farm::Amounts wants { { "worker.vcpu", static_cast<double>(draw.between(1, 6)) } };
            if (draw.chance(0.5))
                wants.set(
                    farm::Amounts::Kind::memory, static_cast<double>(draw.between(100, 9000)));
            if (draw.chance(0.2))
                wants.set(farm::Amounts::Kind::gpu, static_cast<double>(draw.between(1, 2)));
            char const* const projects[] = { "", "film", "film/a", "ad" };
            jobs.push_back(test.submit(static_cast<std::uint64_t>(draw.between(1, 20)), wants,
                draw_wishes(draw), projects[draw.below(4)],
                static_cast<int>(draw.between(-50, 50))));
        }
    }
};

}

namespace {

// Empty: each task has one reason with a text, and `next` is said of those that go next only.
std::string fault_of(std::vector<Waiting> const& rows, farm::Job const& job, bool goes)
{
    std::uint64_t explained = 0;
    for (auto const& row : rows) {
        explained += row.tasks;
        if ((row.reason == WaitClass::next) != goes || row.text.empty())
            return fmt::format("{}: '{}', and it {}", to_string(row.reason), row.text,
                goes ? "goes" : "does not go");
    }
    auto const ready = job.count(farm::TaskState::ready);
    return explained == ready ? "" : fmt::format("{} of {} tasks explained", explained, ready);
}

}

TEST(Property, no_node_is_over_subscribed_and_all_ends)
{
    for (std::uint64_t seed = 1; seed <= farms; ++seed) {
        DrawnFarm drawn(seed);
        // run() holds the farm to its invariants.
        for (int round = 0; round < 200 && !drawn.test.run().empty(); ++round)
            for (auto const job : drawn.jobs)
                drawn.test.finish(job);
        ASSERT_TRUE(drawn.test.farm.attempts.empty()) << "seed " << seed;
        for (auto const job : drawn.jobs) {
            for (auto const& row : why(drawn.test.farm, drawn.test.now, drawn.test.policy,
                     drawn.test.farm.jobs.at(job)))
                ASSERT_EQ(row.reason, WaitClass::misfit)
                    << "seed " << seed << ", job " << job.value << ": " << row.text;
        }
    }
}

TEST(Property, the_same_farm_gets_the_same_plan)
{
    for (std::uint64_t seed = 1; seed <= farms; ++seed) {
        DrawnFarm const one(seed);
        DrawnFarm const other(seed);
        ASSERT_EQ(plan(one.test.farm, one.test.now, one.test.policy).placements,
            plan(other.test.farm, other.test.now, other.test.policy).placements)
            << "seed " << seed;
    }
}

TEST(Property, nothing_that_fits_is_left_and_each_waiting_task_has_one_reason)
{
    for (std::uint64_t seed = 1; seed <= farms; ++seed) {
        DrawnFarm drawn(seed);
        drawn.test.run();
        for (auto const id : drawn.jobs) {
            auto const& job = drawn.test.farm.jobs.at(id);
            std::uint64_t explained = 0;
            for (auto const& row : why(drawn.test.farm, drawn.test.now, drawn.test.policy, job)) {
                ASSERT_NE(row.reason, WaitClass::next) << "seed " << seed;
                ASSERT_NE(row.reason, WaitClass::behind) << "seed " << seed << ": " << row.text;
                explained += row.tasks;
            }
            ASSERT_EQ(explained, job.count(farm::TaskState::ready)) << "seed " << seed;
        }
    }
}

TEST(Property, what_goes_next_as_why_says_goes_with_the_next_plan_and_nothing_else_does)
{
    for (std::uint64_t seed = 1; seed <= farms; ++seed) {
        DrawnFarm drawn(seed);
        auto& test = drawn.test;
        // Bounded as on a big farm, so that some of what fits has to wait for the plan after.
        test.policy.max_placements = 1 + seed % 12;
        for (int round = 0; round < 4; ++round) {
            std::map<JobId, std::vector<Waiting>> said;
            for (auto const id : drawn.jobs)
                said[id] = why(test.farm, test.now, test.policy, test.farm.jobs.at(id));
            std::set<JobId> placed;
            for (auto const& placement : plan(test.farm, test.now, test.policy).placements)
                placed.insert(placement.job);
            for (auto const& [id, rows] : said)
                ASSERT_EQ(fault_of(rows, test.farm.jobs.at(id), placed.contains(id)), "")
                    << "seed " << seed << ", job " << id.value;
            test.run();
            test.finish(drawn.jobs[seed % drawn.jobs.size()]);
        }
    }
}

}
