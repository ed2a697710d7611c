// The scheduler alone, on farms of published shapes: no store, no wire, no agents. What is placed
// is applied to the farm as the brain does it. All times are CPU time of the one thread.
//
//   build/release/sched-bench [ROUNDS [PART...]]    medians of ROUNDS (default 5)
//
// Parts: big (10,000 nodes, `why`), forecast (of the big farm), fill, room. Default: all.

#include <farm/farm.h>
#include <sched/forecast.h>
#include <sched/plan.h>
#include <sched/preempt.h>
#include <sched/why.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace sidereal;
// The time that this thread had of a CPU: the same as the time of day on a quiet machine, and close
// to what it would be there on a loud one.
struct Clock {
    using time_point = std::chrono::nanoseconds;

    static time_point now()
    {
        timespec time {};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    }
};

double ms_since(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double quantile(std::vector<double> values, double part)
{
    std::sort(values.begin(), values.end());
    auto const at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
    return values.empty() ? 0 : values[at];
}

double resident_mib()
{
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages >> pages;
    return pages * 4096 / (1 << 20);
}

struct Kind {
    int nodes;
    int vcpus;
};

// A farm with work on it; only what the scheduler looks at.
class Stage {
public:
    Now now;
    sched::Policy policy;
    farm::Farm farm;
    std::vector<double> turns_ms;
    std::deque<AttemptId> running;
    std::uint64_t placed { 0 };

    explicit Stage(std::vector<Kind> const& kinds)
    {
        now.wall = Wall(std::chrono::hours(500'000));
        for (auto const& kind : kinds)
            for (int i = 0; i < kind.nodes; ++i)
                add_node(kind.vcpus);
    }

    // Demands differ from job to job, so that no two steps are alike by chance.
    void submit(std::uint64_t tasks, int kind, farm::Tier tier = farm::Tier::normal)
    {
        static constexpr int memory_mib[] = { 1000, 2000, 3500, 4000 };
        farm::JobRecord record;
        record.id = { farm.last_job + 1 };
        record.source.template_text = fmt::format(
            "specificationVersion: jobtemplate-2023-09\nname: bench\nsteps:\n- name: A\n"
            "  hostRequirements:\n    amounts:\n"
            "    - {{name: amount.worker.memory, min: {}}}\n"
            "    - {{name: amount.limit.floating, min: 1}}\n"
            "    attributes:\n    - {{name: attr.worker.os.family, anyOf: [linux]}}\n"
            "  parameterSpace:\n    taskParameterDefinitions:\n"
            "    - {{name: Frame, type: INT, range: 1-{}}}\n"
            "  script: {{actions: {{onRun: {{command: render}}}}}}\n",
            memory_mib[kind % 4], tasks);
        record.source.file_name = "bench.yaml";
        record.project = fmt::format("show{}/seq{}", kind % 5, kind % 20);
        record.priority = kind % 7 * 10;
        record.scheduling.tier = tier;
        VERIFY(farm.apply(farm::Record(record)).has_value());
    }

    void turn()
    {
        auto const start = Clock::now();
        auto const plan = sched::plan(farm, now, policy);
        turns_ms.push_back(ms_since(start));
        for (auto const& placement : plan.placements)
            lease(placement);
        more = plan.more;
    }

    // The oldest attempts end.
    void end(std::size_t count)
    {
        for (; count > 0 && !running.empty(); --count) {
            auto record = farm.attempts.at(running.front()).record;
            running.pop_front();
            record.state = farm::AttemptState::ended;
            record.ended_at = now.wall;
            record.outcome = wire::Outcome::succeeded;
            record.usage = { std::chrono::minutes(10), std::chrono::minutes(10), 1 << 30 };
            farm.apply(record);
        }
    }

    bool more { false };

private:
    void add_node(int vcpus)
    {
        farm::NodeRecord record;
        record.id = { farm.last_node + 1 };
        record.key = to_string(record.id);
        record.facts.name = fmt::format("node-{}", record.id.value);
        record.facts.os_family = "linux";
        record.facts.cpu_arch = "x86_64";
        record.facts.vcpus = vcpus;
        record.facts.memory_bytes = static_cast<std::uint64_t>(vcpus) << 32; // 4 GiB a core
        record.epoch = 1;
        farm.apply(record);
        auto& node = farm.nodes.at(record.id);
        node.present = true;
        node.lease_until = Mono();
    }

    void lease(sched::Placement const& placement)
    {
        farm::AttemptRecord record;
        record.id = { farm.last_attempt + 1 };
        record.job = placement.job;
        record.step = placement.step;
        record.task = placement.task;
        record.node = placement.node;
        record.node_epoch = 1;
        record.leased_at = now.wall;
        record.vcpus = placement.vcpus;
        record.memory_mib = placement.memory_mib;
        farm.apply(record);
        running.push_back(record.id);
        ++placed;
    }
};

std::vector<Kind> const maestro { { 246, 128 }, { 303, 32 }, { 1004, 16 } };
char const* const shares = "projects:\n- {name: show0, weight: 3}\n- {name: show1, weight: 2}\n"
                           "- {name: show2, guaranteed_vcpus: 4000}\n"
                           "- {name: show3, max_vcpus: 20000}\n"
                           "limits:\n- {name: floating, seats: 1000000}\n";

void apply_rules(Stage& stage)
{
    VERIFY(stage.farm.apply(farm::RulesRecord { 1, shares, "", {} }).has_value());
}

void print_turns(Stage const& stage, std::string_view what)
{
    fmt::print("  {:<44} p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms of {} turns\n", what,
        quantile(stage.turns_ms, 0.5), quantile(stage.turns_ms, 0.99), quantile(stage.turns_ms, 1),
        stage.turns_ms.size());
}

struct Fill {
    double seconds;
    double placements_per_s;
};

// Cold to full, then steady load: as many tasks end as begin.
Fill fill(Stage& stage, std::string_view name, bool say)
{
    auto const start = Clock::now();
    do
        stage.turn();
    while (stage.more);
    auto const seconds = ms_since(start) / 1000;
    if (say) {
        print_turns(stage, fmt::format("{}, cold to full", name));
        stage.turns_ms.clear();
        for (int i = 0; i < 500; ++i) {
            stage.end(64);
            stage.turn();
        }
        print_turns(stage, fmt::format("{}, 64 tasks end a turn", name));
    }
    return { seconds, static_cast<double>(stage.placed) / seconds };
}

void cold_fill(int rounds)
{
    std::vector<double> seconds;
    std::vector<double> rates;
    std::uint64_t placed = 0;
    for (int round = 0; round < rounds; ++round) {
        Stage stage(maestro);
        apply_rules(stage);
        for (int job = 0; job < 200; ++job)
            stage.submit(1000, job);
        auto const before = stage.placed;
        auto const result = fill(stage, "1,553 nodes, 57,248 cores", round + 1 == rounds);
        placed = before == 0 ? static_cast<std::uint64_t>(result.seconds * result.placements_per_s)
                             : placed;
        seconds.push_back(result.seconds);
        rates.push_back(result.placements_per_s);
    }
    fmt::print("  cold to full: {:.2f} s, {:.0f} placements/s ({} placed), lease applied\n",
        quantile(seconds, 0.5), quantile(rates, 0.5), placed);
}

// Urgent work comes into the full farm: what is stopped for it, 64 tasks an answer.
void stop_for_urgent_work(int rounds)
{
    Stage stage(maestro);
    auto const rules = std::string(shares) + "preemption: {from: urgent}\n";
    VERIFY(stage.farm.apply(farm::RulesRecord { 1, rules, "", {} }).has_value());
    for (int job = 0; job < 200; ++job)
        stage.submit(1000, job);
    fill(stage, "", false);
    stage.now.wall += std::chrono::minutes(7);
    for (int job = 0; job < 10; ++job)
        stage.submit(1000, job, farm::Tier::urgent);
    std::vector<double> asked;
    std::size_t stopped = 0;
    for (int i = 0; i < 5 * rounds; ++i) {
        auto const start = Clock::now();
        auto const made = sched::make_room(stage.farm, stage.now, stage.policy);
        asked.push_back(ms_since(start));
        for (auto const& yield : made.yields)
            for (auto const id : yield.stop) {
                auto& attempt = stage.farm.attempts.at(id);
                attempt.cancel_reason = "stopped";
                attempt.preempted = true;
                ++stopped;
            }
    }
    fmt::print("  room for urgent work: p50 {:.2f} ms, max {:.2f} ms of {} answers, {} stopped\n",
        quantile(asked, 0.5), quantile(asked, 1), asked.size(), stopped);
}

// When everything on the big farm will be done.
void foretell(Stage const& stage)
{
    auto const start = Clock::now();
    auto const seen = sched::forecast(stage.farm, stage.now, stage.policy);
    VERIFY(!seen.jobs.empty());
    fmt::print("  forecast of it, once: {:.2f} s for {} runs\n", ms_since(start) / 1000, seen.runs);
}

void big_farm(bool with_forecast)
{
    auto const before = resident_mib();
    Stage stage({ { 10'000, 32 } });
    apply_rules(stage);
    auto const with_nodes = resident_mib();
    for (int job = 0; job < 1000; ++job)
        stage.submit(10'000, job);
    auto const with_jobs = resident_mib();
    fmt::print("  10,000 nodes: {:.0f} MiB; 1,000 jobs of 10,000 tasks: {:.0f} MiB more\n",
        with_nodes - before, with_jobs - with_nodes);
    auto const result = fill(stage, "10,000 nodes, 1,000 jobs of 10,000", true);
    fmt::print("  320,000 cores cold to full: {:.2f} s, {:.0f} placements/s\n", result.seconds,
        result.placements_per_s);
    std::vector<double> asked;
    std::vector<char> other_work(256UL << 20);
    for (int i = 0; i < 25; ++i) {
        // Nobody asks twice in a row: the farm is no longer in the caches.
        for (std::size_t byte = 0; byte < other_work.size(); byte += 64)
            ++other_work[byte];
        auto const start = Clock::now();
        VERIFY(!sched::why(stage.farm, stage.now, stage.policy,
            stage.farm.jobs.at(JobId { static_cast<std::uint64_t>(990 - i) }))
                    .empty());
        asked.push_back(ms_since(start));
    }
    fmt::print("  why on it, caches cold: p50 {:.2f} ms, max {:.2f} ms\n", quantile(asked, 0.5),
        quantile(asked, 1));
    if (with_forecast)
        foretell(stage);
}

}

int main(int count, char** words)
{
    auto const rounds = count > 1 ? std::atoi(words[1]) : 5;
    double load = 0;
    std::ifstream("/proc/loadavg") >> load;
    fmt::print(
        "sched-bench: one thread, no I/O, medians of {} rounds, load {:.2f}\n", rounds, load);
    std::vector<std::string_view> const parts(words + std::min(count, 2), words + count);
    auto const wanted = [&](std::string_view part) {
        return parts.empty() || std::find(parts.begin(), parts.end(), part) != parts.end();
    };
    // First, while the process has no memory to give again.
    if (wanted("big") || wanted("forecast"))
        big_farm(wanted("forecast"));
    if (wanted("fill"))
        cold_fill(std::max(1, rounds));
    if (wanted("room"))
        stop_for_urgent_work(std::max(1, rounds));
}
