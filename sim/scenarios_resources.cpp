// Situations about what a node has: GPUs, memory, open sessions, pools, sleep.
#include <sim/scenario_list.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

// Twelve jobs with scenes that take three minutes to load, for tasks of four; all have the same
// priority weights, so that every freed slot is up for choice.
double part_in_open_sessions(std::uint64_t seed, double session_bonus)
{
    Stage stage(seed);
    stage.policy.session_bonus = session_bonus;
    stage.policy.warm_bonus = session_bonus > 0 ? stage.policy.warm_bonus : 0;
    stage.rule("projects: [{name: a}, {name: b}, {name: c}, {name: d}]\n");
    add_nodes(stage, 50, { 16, 128 });
    for (int i = 0; i < 12; ++i)
        stage.submit({ .tasks = 3000,
            .wants = { { "worker.vcpu", i % 3 == 0 ? 2.0 : 1.0 } },
            .project = std::string(1, static_cast<char>('a' + i % 4)),
            .task = { .run_time = 4min, .spread = 0, .enter = 3min } });
    stage.run_for(2h);
    auto const placed = stage.placed;
    auto const warm = stage.placed_warm;
    stage.run_for(hours(4));
    return static_cast<double>(stage.placed_warm - warm)
        / static_cast<double>(stage.placed - placed);
}

Finding locality(std::uint64_t seed)
{
    auto const on = 100 * part_in_open_sessions(seed, sched::Policy {}.session_bonus);
    auto const off = 100 * part_in_open_sessions(seed, 0);
    return { on >= 15 && on > off,
        fmt::format("{:.1f} % of refills in an open session, {:.1f} % if nobody cares", on, off),
        "at least 15 %" };
}

Finding tags_gpu(std::uint64_t seed)
{
    // Tags and GPUs cut the farm into overlapping parts; nothing runs where it may not, and what
    // does with a small GPU leaves the large ones to those that need them.
    Stage stage(seed);
    add_nodes(stage, 8,
        { .vcpus = 16, .memory_gib = 64, .gpus = 2, .gpu_gib = 24, .tags = { "gpu", "linux" } });
    add_nodes(stage, 4,
        { .vcpus = 16, .memory_gib = 64, .gpus = 2, .gpu_gib = 80, .tags = { "gpu", "big" } });
    add_nodes(stage, 10, { .vcpus = 16, .memory_gib = 64, .tags = { "linux" } });
    auto const cpu = stage.submit({ .tasks = 3000, .tags = { "linux" } });
    auto const small = stage.submit(
        { .tasks = 16, .wants = { { "worker.gpu", 1 } }, .tags = { "gpu" } });
    stage.run_for(1s);
    auto const big = stage.submit(
        { .tasks = 100, .wants = { { "worker.gpu", 1 }, { "worker.gpu.memory", 40'000 } } });
    std::uint64_t wrong = 0;
    stage.watch = [&](Stage const& now) {
        for (auto const& [id, attempt] : now.farm.attempts) {
            auto const& record = attempt.record;
            auto const has_big = record.node.value > 8 && record.node.value <= 12;
            wrong += record.job == big && !has_big ? 1u : 0u;
            wrong += record.job == cpu && has_big ? 1u : 0u;
            wrong += record.job != cpu && record.gpus.size() != 1 ? 1u : 0u;
        }
    };
    stage.run_for(1min);
    auto const big_at_work = stage.farm.jobs.at(big).live_attempts;
    auto const small_at_work = stage.farm.jobs.at(small).live_attempts;
    auto const all = stage.run_until_done(hours(48));
    return { wrong == 0 && all && big_at_work == 8 && small_at_work == 16,
        fmt::format("{} tasks in wrong places; {} of 8 large and {} of 16 small GPUs at work on "
                    "what they are for",
            wrong, big_at_work, small_at_work),
        "0; 8; 16" };
}

Finding slice(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 20, { 16, 128 });
    stage.rule("step_part_of_node: 0.25\n");
    std::vector<JobId> jobs;
    for (int i = 0; i < 6; ++i)
        jobs.push_back(stage.submit({ .tasks = 5000 }));
    double most = 0;
    stage.watch = [&](Stage const& now) {
        for (auto const id : jobs)
            for (auto const& [node, tasks] : now.farm.jobs.at(id).on_nodes)
                most = std::max(most, tasks / 16.0);
    };
    stage.run_for(hours(2));
    auto const together = most;
    auto const busy = stage.vcpus_in_use() / 320;
    most = 0;
    Stage alone(seed);
    add_nodes(alone, 20, { 16, 128 });
    alone.rule("step_part_of_node: 0.25\n");
    alone.submit({ .tasks = 5000 });
    alone.run_for(1s);
    auto const filled = alone.vcpus_in_use() / 320;
    return { together <= 0.25 && busy == 1 && filled == 1,
        fmt::format("a step has {:.0f} % of a node at most while five others wait, {:.0f} % of the "
                    "farm at work; alone it fills {:.0f} %",
            100 * together, 100 * busy, 100 * filled),
        "25 %; 100 %; 100 %" };
}

Finding migrate(std::uint64_t seed)
{
    // A pool's share moves from one project to another while both have work without end.
    Stage stage(seed);
    add_nodes(stage, 20, { .vcpus = 8, .memory_gib = 64, .pool = "lan" });
    add_nodes(stage, 5, { .vcpus = 8, .memory_gib = 64, .pool = "attic" });
    auto const share = [](std::string_view owner, std::string_view other) {
        return fmt::format("projects:\n- {{name: {}, pools: {{lan: {{guaranteed_vcpus: 120}}}}}}\n"
                           "- {{name: {}, pools: {{lan: {{max_vcpus: 40}}}}}}\n",
            owner, other);
    };
    stage.rule(share("a", "b"));
    auto const a = stage.submit({ .tasks = 20'000, .project = "a" });
    auto const b = stage.submit({ .tasks = 20'000, .project = "b" });
    auto const in_lan = [&](std::string_view project) {
        return stage.farm.projects.find(project)->second.in_pool(0);
    };
    stage.run_for(hours(2));
    auto const before = in_lan("a");
    stage.rule(share("b", "a"));
    auto const told = stage.now.wall;
    while (in_lan("b") < 120 && stage.now.wall - told < 2h)
        stage.run_for(10s);
    auto const took = to_seconds(stage.now.wall - told) / 60;
    auto const all_busy = stage.vcpus_of(a) + stage.vcpus_of(b);
    return { before == 120 && took <= 7 && all_busy == 200,
        fmt::format("{:.0f} vcpus before; the other has them {:.1f} min after, tasks take 5; "
                    "{:.0f} of 200 vcpus at work",
            before, took, all_busy),
        "120; 7 min; 200" };
}

Finding tag_max(std::uint64_t seed)
{
    // Ceilings of single pools: to the last vcpu and no further, and the rest is left to others.
    Stage stage(seed);
    for (auto const* const pool : { "lan", "attic", "cloud" })
        add_nodes(stage, 10, { .vcpus = 8, .memory_gib = 64, .pool = pool });
    stage.rule("projects:\n- {name: film, pools: {lan: {max_vcpus: 30}, attic: {max_vcpus: 7}}}\n"
               "- {name: film/a, pools: {lan: {max_vcpus: 20}}}\n- {name: ad}\n");
    stage.submit({ .tasks = 9000, .project = "film/a", .priority = 50 });
    stage.submit({ .tasks = 9000, .project = "film/b" });
    stage.submit({ .tasks = 9000, .scheduling = "tier: low", .project = "ad" });
    double over = 0;
    auto const& projects = stage.farm.projects;
    stage.watch = [&](Stage const& now) {
        auto const use = [&](std::string_view name, std::size_t pool) {
            auto const found = now.farm.projects.find(name);
            return found == now.farm.projects.end() ? 0 : found->second.in_pool(pool);
        };
        over = std::max({ over, use("film", 0) - 30, use("film", 1) - 7, use("film/a", 0) - 20 });
    };
    stage.run_for(hours(2));
    auto const& film = projects.find("film")->second;
    auto const full = film.in_pool(0) == 30 && film.in_pool(1) == 7 && film.in_pool(2) == 80;
    return { over <= 0 && full && stage.vcpus_in_use() == 240,
        fmt::format("{:g} vcpus over a ceiling; film has {:g}, {:g} and {:g}; {:g} of 240 at work",
            over, film.in_pool(0), film.in_pool(1), film.in_pool(2), stage.vcpus_in_use()),
        "0; 30, 7 and 80; 240" };
}

Finding strand_grow(std::uint64_t seed)
{
    // Each frame needs a little more memory than the one before it. Sizes must follow, or nodes are
    // packed past their memory, or half of them stands idle.
    Stage stage(seed);
    stage.enforce_memory = true;
    add_nodes(stage, 10, { 16, 64 });
    auto const job = stage.submit({ .tasks = 3000, .task = { 5min, 0.2, 2000, 2.0 } });
    double over = 0;
    double idle = 0;
    std::uint64_t looks = 0;
    stage.watch = [&](Stage const& now) {
        for (auto const& [id, node] : now.farm.nodes) {
            double really_mib = 0;
            for (auto const attempt : node.occupying)
                really_mib += 2000
                    + 2.0 * static_cast<double>(now.farm.attempts.at(attempt).record.task);
            over = std::max(over, really_mib / (64 * 1024));
            auto const could = std::min(16.0, std::floor(64 * 1024 / 2000.0));
            idle += 1 - static_cast<double>(node.occupying.size()) / could;
            ++looks;
        }
    };
    auto const all = stage.run_until_done(hours(60));
    auto const kills = stage.killed_for_memory;
    return { all && stage.done(job) == 3000 && over <= 1.02 && kills <= 60,
        fmt::format("{} kills on the way to 3,000 tasks, from 2 to 8 GiB; a node's memory in use "
                    "at most {:.0f} %; {:.0f} % of the slots idle for want of it",
            kills, 100 * over, 100 * idle / static_cast<double>(looks)),
        "60; 102 %" };
}

Finding vram(std::uint64_t seed)
{
    // Parts of GPUs by what was learned: never more than a GPU has.
    Stage stage(seed);
    add_nodes(stage, 6, { .vcpus = 32, .memory_gib = 256, .gpus = 2, .gpu_gib = 24 });
    auto const job = stage.submit({ .tasks = 600,
        .wants = { { "worker.gpu", 1 }, { "worker.gpu.memory", 7000 } },
        .scheduling = "steps: {A: {gpu_share: true}}" });
    auto const whole = stage.submit({ .tasks = 60, .wants = { { "worker.gpu", 1 } } });
    double over = 0;
    std::size_t most = 0;
    stage.watch = [&](Stage const& now) {
        for (auto const& [id, node] : now.farm.nodes)
            for (auto const& gpu : node.gpus) {
                over = std::max(over, gpu.used_mib / gpu.memory_mib);
                most = std::max<std::size_t>(most, gpu.attempts);
            }
    };
    auto const all = stage.run_until_done(hours(48));
    return { all && over <= 1 && most == 3 && stage.done(job) == 600 && stage.done(whole) == 60,
        fmt::format(
            "a GPU's memory given out at most {:.0f} %, {} tasks on one at most", 100 * over, most),
        "100 %; 3 of 7 GB on 24" };
}

Finding sleep_wake(std::uint64_t seed)
{
    // Three days of an office: work comes by day, the nights are empty. What is saved against a
    // farm that never sleeps, and what it costs in waiting.
    struct Days {
        double kwh { 0 };
        double wait_s { 0 };
        std::uint64_t slept { 0 };
        std::uint64_t woken { 0 };
        std::uint64_t short_sleeps { 0 };
        std::uint64_t broken { 0 };
    };
    auto const live = [&](bool sleeps) {
        Stage stage(seed);
        stage.slumber.fails_every = 10;
        Prng draw(seed);
        add_nodes(stage, 20, { 16, 64, 0, { 90, 450, 0.3, 0, 4 } });
        if (sleeps)
            stage.rule("power: {sleep: {after_s: 900, keep_awake: 2, wake_s: 90, nodes: ['*']}}\n");
        Days days;
        stage.watch = [&](Stage const& now) {
            std::uint64_t awake = 0;
            for (auto const& [id, node] : now.farm.nodes) {
                awake += node.takes_work() ? 1u : 0u;
                days.broken += !node.is_awake() && node.live_attempts() > 0 ? 1u : 0u;
            }
            days.broken += awake < 2 ? 1u : 0u;
        };
        for (int day = 0; day < 3; ++day) {
            for (int hour = 0; hour < 24; ++hour) {
                auto const tasks = hour >= 9 && hour < 18 ? draw.between(50, 1500) : 0;
                if (tasks > 0)
                    stage.submit({ .tasks = static_cast<std::uint64_t>(tasks), .task = { 8min } });
                stage.run_for(1h);
            }
        }
        stage.run_until_done(hours(24));
        days.kwh = stage.energy_wh / 1000;
        for (auto const wait : stage.waits_s)
            days.wait_s += wait / static_cast<double>(stage.waits_s.size());
        days.slept = stage.slept;
        days.woken = stage.woken;
        days.short_sleeps = stage.short_sleeps;
        return days;
    };
    auto const with = live(true);
    auto const without = live(false);
    auto const saved = 100 * (1 - with.kwh / without.kwh);
    auto const later_s = with.wait_s - without.wait_s;
    return { with.broken == 0 && saved >= 25 && later_s <= 120
            && with.short_sleeps * 2 <= with.slept,
        fmt::format(
            "{:.0f} kWh instead of {:.0f} ({:.0f} % less), tasks begin {:.0f} s later in "
            "the mean; {} times asleep, {} woken, {} of them within ten minutes; {} times with "
            "work or too few awake",
            with.kwh, without.kwh, saved, later_s, with.slept, with.woken, with.short_sleeps,
            with.broken),
        "25 % less; 120 s; one in two; 0" };
}

constexpr Scenario table[] = {
    { "LOCALITY", "freed slots go to the step whose session is open there", locality },
    { "TAGS_GPU", "tags and GPU sizes hold, and large GPUs are left to those that need them",
        tags_gpu },
    { "SLICE", "a step has a part of a node while others wait, and all of it alone", slice },
    { "MIGRATE", "a pool's share moves to another project by new rules", migrate },
    { "TAGMAX", "ceilings of pools are reached and not exceeded", tag_max },
    { "STRANDGROW", "memory that grows from frame to frame is followed", strand_grow },
    { "VRAM", "parts of GPUs never add up to more than a GPU", vram },
    { "SLEEP_WAKE", "idle nodes sleep, work wakes them, some fail to", sleep_wake },
};

}

std::span<Scenario const> resources_scenarios() { return table; }

}
