#include <api/eta.h>

#include <gtest/gtest.h>

namespace sidereal::api {

namespace {

// One job of two steps, 4 frames and a film, and one node with two vcpus.
farm::Farm small_farm()
{
    farm::Farm farm;
    farm::NodeRecord node;
    node.id = { 1 };
    node.key = "key";
    node.facts.name = "node-a";
    node.facts.os_family = "linux";
    node.facts.cpu_arch = "x86_64";
    node.facts.vcpus = 2;
    farm.apply(node);
    farm.nodes.at({ 1 }).present = true;

    farm::JobRecord job;
    job.id = { 1 };
    job.source = { R"({"specificationVersion":"jobtemplate-2023-09","name":"film",
"steps":[{"name":"Frames","parameterSpace":{"taskParameterDefinitions":[
{"name":"Frame","type":"INT","range":"1-4"}]},
"script":{"actions":{"onRun":{"command":"true"}}}},
{"name":"Film","dependencies":[{"dependsOn":"Frames"}],
"script":{"actions":{"onRun":{"command":"true"}}}}]})",
        "template.json", {} };
    EXPECT_TRUE(farm.apply(job));
    return farm;
}

farm::AttemptRecord attempt_of(std::uint64_t id, std::uint64_t task)
{
    farm::AttemptRecord attempt;
    attempt.id = { id };
    attempt.job = { 1 };
    attempt.task = task;
    attempt.node = { 1 };
    return attempt;
}

void succeed(farm::Farm& farm, std::uint64_t id, std::uint64_t task, Duration run_time)
{
    auto attempt = attempt_of(id, task);
    farm.apply(attempt);
    attempt.state = farm::AttemptState::ended;
    attempt.outcome = wire::Outcome::succeeded;
    attempt.usage.run_time = run_time;
    farm.apply(attempt);
}

}

TEST(Eta, unknown_until_a_task_is_measured)
{
    auto const farm = small_farm();
    auto const eta = estimate(farm, farm.jobs.at({ 1 }));
    EXPECT_FALSE(eta.left);
    EXPECT_EQ(eta.unmeasured, (std::vector<std::uint32_t> { 0, 1 }));
}

TEST(Eta, spreads_the_rest_over_the_nodes_and_names_what_it_leaves_out)
{
    auto farm = small_farm();
    succeed(farm, 1, 0, std::chrono::seconds(10));
    auto eta = estimate(farm, farm.jobs.at({ 1 }));
    EXPECT_EQ(eta.left, std::optional<Duration>(std::chrono::seconds(15)));
    EXPECT_EQ(eta.unmeasured, std::vector<std::uint32_t> { 1 });

    // Half of one task is done: 2.5 tasks on 2 places.
    farm.apply(attempt_of(2, 1));
    farm.attempts.at({ 2 }).percent = 50;
    eta = estimate(farm, farm.jobs.at({ 1 }));
    EXPECT_EQ(eta.left, std::optional<Duration>(std::chrono::milliseconds(12500)));
}

TEST(Eta, a_last_task_cannot_be_spread)
{
    auto farm = small_farm();
    for (std::uint64_t task = 0; task < 3; ++task)
        succeed(farm, task + 1, task, std::chrono::seconds(10));
    EXPECT_EQ(estimate(farm, farm.jobs.at({ 1 })).left,
        std::optional<Duration>(std::chrono::seconds(10)));
}

TEST(Eta, unknown_without_nodes)
{
    auto farm = small_farm();
    succeed(farm, 1, 0, std::chrono::seconds(10));
    farm.nodes.at({ 1 }).present = false;
    EXPECT_FALSE(estimate(farm, farm.jobs.at({ 1 })).left);
}

}
