// The whole farm under load: a real brain process, durable before effect, and simulated agents that
// start nothing, over real sockets on loopback.
//
//   build/release/agents-bench [--binary PATH] [--rounds 5] [--small] [NAME...]
//   NAME: lifecycles, zero, fill, idle, many, memory (default: all)
//
// Ends with 1 if anything was lost, repeated or went wrong; --small is the size of a test.

#include "brain_process.h"
#include "fake_agents.h"

#include <base/json.h>
#include <io/clock.h>
#include <io/file_limit.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace sidereal;
using bench::BrainProcess;
using bench::FakeAgents;
using namespace std::chrono_literals;

struct Options {
    std::string binary { "build/release/sidereal" };
    int rounds { 5 };
    bool small { false };
    std::vector<std::string> names;
};

// What one round measured.
struct Figure {
    char const* unit;
    std::vector<double> values {};
};

void print(std::string_view name, Figure figure)
{
    auto& values = figure.values;
    if (values.empty())
        return;
    std::sort(values.begin(), values.end());
    fmt::print("  {:<44} {:>12.2f} {} (min {:.2f}, max {:.2f}, n={})\n", name,
        values[values.size() / 2], figure.unit, values.front(), values.back(), values.size());
}

std::vector<wire::NodeFacts> nodes_of(std::size_t count, double vcpus)
{
    std::vector<wire::NodeFacts> nodes(count);
    for (std::size_t i = 0; i < count; ++i) {
        nodes[i].name = fmt::format("node-{}-{}", vcpus, i + 1);
        nodes[i].os_family = "linux";
        nodes[i].cpu_arch = "x86_64";
        nodes[i].vcpus = vcpus;
        nodes[i].memory_bytes = static_cast<std::uint64_t>(vcpus) << 32; // 4 GiB a core
    }
    return nodes;
}

std::string template_of(std::uint64_t tasks, std::string_view requirements = {})
{
    return fmt::format("specificationVersion: jobtemplate-2023-09\nname: bench\nsteps:\n- name: A\n"
                       "{}  parameterSpace:\n    taskParameterDefinitions:\n"
                       "    - {{name: Frame, type: INT, range: 1-{}}}\n"
                       "  script: {{actions: {{onRun: {{command: render}}}}}}\n",
        requirements, tasks);
}

Result<Json> get_json(BrainProcess const& brain, std::string const& target)
{
    auto const text = TRY(brain.get(target));
    return parse_json(text);
}

Result<std::uint64_t> submit(BrainProcess const& brain, std::string_view text,
    std::string_view project = "", int priority = 0)
{
    JsonWriter json;
    json.begin_object().field("template", text).field("file_name", "bench.yaml");
    json.field("project", project).field("priority", priority).end_object();
    auto const body = TRY(brain.post("/v1/jobs", json.take()));
    auto const answer = TRY(parse_json(body));
    auto const* object = TRY(as_object(answer, "answer"));
    return get_uint(*object, "id");
}

struct JobEnd {
    bool ended { false };
    std::uint64_t succeeded { 0 };
};

Result<JobEnd> look_at(BrainProcess const& brain, std::uint64_t job)
{
    auto const answer = TRY(get_json(brain, fmt::format("/v1/jobs/{}", job)));
    auto const* document = TRY(as_object(answer, "job"));
    auto const* counts = TRY(get_object(*document, "counts"));
    auto const succeeded = TRY(get_uint(*counts, "succeeded"));
    return JobEnd { find(*document, "ended_at") != nullptr, succeeded };
}

// What the brain says of itself at /v1/health.
Result<double> health(BrainProcess const& brain, std::string_view name)
{
    auto const answer = TRY(get_json(brain, "/v1/health"));
    auto const* object = TRY(as_object(answer, "health"));
    return get_double(*object, name);
}

struct Round {
    double seconds { 0 };
    double commits { 0 };
    // Until the history has caught up, and all processor time until then.
    double seconds_behind { 0 };
    double cpu_s { 0 };
    double calls { 0 };
    double resident_mib { 0 };
    double written_mib { 0 };
};

// From before the submit call until every end is acknowledged, and so durable, and the job closed.
Result<Round> run_tasks(BrainProcess& brain, FakeAgents& agents, std::uint64_t tasks)
{
    auto const cpu = brain.cpu_s();
    auto const written = brain.written_mib();
    auto const calls = agents.calls();
    auto const commits = TRY(health(brain, "commits"));
    auto const before = agents.acknowledged();
    auto const start = io::mono_now();
    auto const job = TRY(submit(brain, template_of(tasks)));
    auto const whole = agents.serve([&] { return agents.acknowledged() - before >= tasks; }, 300s);
    Round round;
    round.seconds = to_seconds(io::mono_now() - start);
    round.calls = static_cast<double>(agents.calls() - calls);
    auto const end = TRY(look_at(brain, job));
    round.resident_mib = brain.resident_mib();
    round.commits = TRY(health(brain, "commits")) - commits;
    auto const over = io::mono_now();
    while (TRY(health(brain, "history_behind")) > 0)
        std::this_thread::sleep_for(1ms);
    round.seconds_behind = to_seconds(io::mono_now() - over);
    round.cpu_s = brain.cpu_s() - cpu;
    round.written_mib = brain.written_mib() - written;
    if (!whole || !end.ended || end.succeeded != tasks || agents.repeated() > 0)
        return fail(ErrorCode::internal,
            "of {} tasks {} were acknowledged and {} counted, {} orders came twice, ended: {}; {}",
            tasks, agents.acknowledged() - before, end.succeeded, agents.repeated(), end.ended,
            agents.trouble());
    return round;
}

Result<FakeAgents*> let_in(std::optional<FakeAgents>& agents, bench::FakeAgentsOptions options)
{
    agents.emplace(std::move(options));
    if (!agents->serve([&] { return agents->all_let_in(); }, 120s))
        return fail(ErrorCode::unavailable, "not all agents were let in: {}", agents->trouble());
    return &*agents;
}

struct Load {
    std::size_t agents;
    double slots;
    std::uint64_t tasks;
};

Status run_load(Options const& options, Load const& load)
{
    Figure rate { "/s" };
    Figure cpu { "us" };
    Figure tasks_a_call { "" };
    Figure resident { "MiB" };
    Figure written { "B" };
    Figure replay { "s" };
    Figure tasks_a_sync { "" };
    Figure behind { "s" };
    auto const count = static_cast<double>(load.tasks);
    for (int i = 0; i < options.rounds; ++i) {
        auto brain = TRY(BrainProcess::start(options.binary));
        std::optional<FakeAgents> agents;
        TRY(let_in(agents, { brain.port(), nodes_of(load.agents, load.slots), Duration {} }));
        auto const round = TRY(run_tasks(brain, *agents, load.tasks));
        rate.values.push_back(count / round.seconds);
        cpu.values.push_back(round.cpu_s / count * 1e6);
        tasks_a_call.values.push_back(count / round.calls);
        resident.values.push_back(round.resident_mib);
        written.values.push_back(round.written_mib / count * (1 << 20));
        tasks_a_sync.values.push_back(count / round.commits);
        behind.values.push_back(round.seconds_behind);
        agents.reset();
        replay.values.push_back(TRY(brain.kill_and_restart(options.binary)));
        auto const end = TRY(look_at(brain, 1));
        if (!end.ended || end.succeeded != load.tasks)
            return fail(ErrorCode::internal, "after kill -9 {} of {} tasks were done",
                end.succeeded, load.tasks);
    }
    print("full lifecycles", rate);
    print("brain CPU a task, the database included", cpu);
    print("tasks a call", tasks_a_call);
    print("tasks a commit, which is one sync", tasks_a_sync);
    print("the database is behind at the end by", behind);
    print("brain resident", resident);
    print("given to the disk a task", written);
    print("start again after kill -9, all attempts", replay);
    return {};
}

Status lifecycles(Options const& options)
{
    auto const load = options.small ? Load { 50, 4, 2'000 } : Load { 1'000, 4, 200'000 };
    fmt::print("lifecycles: {} agents with {} slots, {} tasks that end at once\n", load.agents,
        load.slots, load.tasks);
    return run_load(options, load);
}

Status zero(Options const& options)
{
    auto const load = options.small ? Load { 4, 64, 10'000 } : Load { 16, 128, 1'000'000 };
    fmt::print("zero: brain and wire alone: {} agents with {} slots, {} tasks\n", load.agents,
        load.slots, load.tasks);
    return run_load(options, load);
}

// The shape of a published farm; a tenth of its nodes in a test.
std::vector<wire::NodeFacts> maestro_farm(bool small)
{
    std::vector<wire::NodeFacts> nodes;
    struct Kind {
        std::size_t count;
        double vcpus;
    };
    for (auto const kind : { Kind { 246, 128 }, Kind { 303, 32 }, Kind { 1004, 16 } }) {
        auto const some = nodes_of(small ? kind.count / 10 : kind.count, kind.vcpus);
        nodes.insert(nodes.end(), some.begin(), some.end());
    }
    return nodes;
}

std::string requirements_of(int kind)
{
    static constexpr int memory_mib[] = { 1000, 2000, 3500, 4000 };
    return fmt::format("  hostRequirements:\n    amounts:\n"
                       "    - {{name: amount.worker.memory, min: {}}}\n"
                       "    - {{name: amount.limit.floating, min: 1}}\n"
                       "    attributes:\n    - {{name: attr.worker.os.family, anyOf: [linux]}}\n",
        memory_mib[kind % 4]);
}

Status apply_rules(BrainProcess const& brain)
{
    JsonWriter json;
    json.begin_object().field("text",
        "projects:\n- {name: show0, weight: 3}\n- {name: show1, weight: 2}\n"
        "- {name: show2, guaranteed_vcpus: 4000}\n- {name: show3, max_vcpus: 20000}\n"
        "limits:\n- {name: floating, seats: 1000000}\n");
    json.end_object();
    TRY(brain.post("/v1/rules", json.take()));
    return {};
}

// Jobs of a thousand tasks each wait, then the agents come: until every core has work.
Status fill(Options const& options)
{
    auto const nodes = maestro_farm(options.small);
    double cores = 0;
    for (auto const& node : nodes)
        cores += node.vcpus;
    auto const jobs = options.small ? 20 : 200;
    fmt::print("fill: {} nodes, {} cores, {} jobs of 1,000 tasks with memory, tags, limits, "
               "shares; from the release of the jobs until every core has work\n",
        nodes.size(), cores, jobs);
    Figure seconds { "s" };
    Figure cpu { "us" };
    Figure longest { "ms" };
    for (int i = 0; i < options.rounds; ++i) {
        auto brain = TRY(BrainProcess::start(options.binary));
        TRY(apply_rules(brain));
        std::optional<FakeAgents> agents;
        TRY(let_in(agents, { brain.port(), nodes, std::nullopt }));
        // The jobs wait for one that no node can run, until that one is cancelled.
        auto const gate = TRY(submit(brain,
            template_of(1,
                "  hostRequirements:\n    amounts:\n"
                "    - {name: amount.worker.vcpu, min: 4096}\n")));
        for (int job = 0; job < jobs; ++job) {
            JsonWriter json;
            json.begin_object().field("template", template_of(1'000, requirements_of(job)));
            json.field("file_name", "bench.yaml").field("priority", job % 7 * 10);
            json.field("project", fmt::format("show{}/seq{}", job % 5, job % 20));
            json.field(
                "scheduling", fmt::format("after_jobs: [{{job: {}, if_failed: go_on}}]", gate));
            json.end_object();
            TRY(brain.post("/v1/jobs", json.take()));
        }
        auto const cpu_before = brain.cpu_s();
        auto const start = io::mono_now();
        TRY(brain.post(fmt::format("/v1/jobs/{}/cancel", gate), "{}"));
        auto const full = agents->serve([&] { return agents->vcpus_taken() >= cores; }, 120s);
        seconds.values.push_back(to_seconds(io::mono_now() - start));
        longest.values.push_back(TRY(health(brain, "longest_turn_ms")));
        cpu.values.push_back((brain.cpu_s() - cpu_before) / cores * 1e6);
        if (!full || agents->repeated() > 0)
            return fail(ErrorCode::internal, "{} of {} cores have work, {} orders came twice; {}",
                agents->vcpus_taken(), cores, agents->repeated(), agents->trouble());
    }
    print("cold to full, end to end", seconds);
    print("brain CPU a placement", cpu);
    print("longest turn", longest);
    return {};
}

Status idle(Options const& options)
{
    auto const count = options.small ? 50UL : 1'000UL;
    auto const time = options.small ? 2s : 30s;
    fmt::print("idle: {} agents that wait, {} s\n", count, time.count());
    Figure load { "% of a core" };
    Figure resident { "MiB" };
    auto brain = TRY(BrainProcess::start(options.binary));
    std::optional<FakeAgents> agents;
    TRY(let_in(agents, { brain.port(), nodes_of(count, 4), Duration {} }));
    agents->serve([] { return false; }, 1s);
    for (int i = 0; i < options.rounds; ++i) {
        auto const cpu = brain.cpu_s();
        agents->serve([] { return false; }, time);
        load.values.push_back((brain.cpu_s() - cpu) / to_seconds(time) * 100);
        resident.values.push_back(brain.resident_mib());
    }
    print("brain CPU", load);
    print("brain resident", resident);
    return {};
}

Status many(Options const& options)
{
    auto const asked = options.small ? 300UL : 10'000UL;
    // An agent that waits has one connection, in the brain and in this process; one that reports
    // opens a second.
    constexpr auto others = 200UL;
    auto const files = io::raise_file_limit(2 * asked + others);
    auto const count = std::min(asked, std::max<unsigned long>(files, others) - others);
    fmt::print("many: {} agents connected; the limit of open files, {}, has room for {}\n", count,
        files, count == asked ? "all" : fmt::format("no more of the {} asked for", asked));
    auto brain = TRY(BrainProcess::start(options.binary));
    std::optional<FakeAgents> agents;
    auto const start = io::mono_now();
    TRY(let_in(agents, { brain.port(), nodes_of(count, 4), Duration {} }));
    print("all let in", { "s", { to_seconds(io::mono_now() - start) } });
    print("brain resident", { "MiB", { brain.resident_mib() } });
    auto const cpu = brain.cpu_s();
    auto const time = options.small ? 2s : 40s; // longer than a lease
    agents->serve([] { return false; }, time);
    print("brain CPU while they wait",
        { "% of a core", { (brain.cpu_s() - cpu) / to_seconds(time) * 100 } });
    auto const tasks = count * 10;
    auto const round = TRY(run_tasks(brain, *agents, tasks));
    print("lifecycles", { "/s", { static_cast<double>(tasks) / round.seconds } });
    print("brain CPU a task", { "us", { round.cpu_s / static_cast<double>(tasks) * 1e6 } });
    print("connections", { "", { static_cast<double>(agents->connections()) } });
    if (!agents->trouble().empty())
        return fail(ErrorCode::internal, "an agent had trouble: {}", agents->trouble());
    return {};
}

Status memory(Options const& options)
{
    auto const tasks = options.small ? 10'000UL : 1'000'000UL;
    fmt::print("memory: {} queued tasks\n", tasks);
    auto brain = TRY(BrainProcess::start(options.binary));
    auto const before = brain.resident_mib();
    TRY(submit(brain, template_of(tasks)));
    print("brain grows by", { "MiB", { brain.resident_mib() - before } });
    print("brain resident in all", { "MiB", { brain.resident_mib() } });
    return {};
}

struct Bench {
    std::string_view name;
    Status (*run)(Options const&);
};

constexpr Bench benches[] = { { "lifecycles", lifecycles }, { "zero", zero }, { "fill", fill },
    { "idle", idle }, { "many", many }, { "memory", memory } };

Options read_options(int count, char** words)
{
    Options options;
    for (int i = 1; i < count; ++i) {
        std::string const word = words[i];
        if (word == "--small")
            options.small = true;
        else if (word == "--binary" && i + 1 < count)
            options.binary = words[++i];
        else if (word == "--rounds" && i + 1 < count)
            options.rounds = std::max(1, std::atoi(words[++i]));
        else
            options.names.push_back(word);
    }
    return options;
}

}

int main(int count, char** words)
{
    auto const options = read_options(count, words);
    for (auto const& name : options.names) {
        auto const known = std::any_of(std::begin(benches), std::end(benches),
            [&](Bench const& bench) { return bench.name == name; });
        if (!known) {
            fmt::print(stderr, "there is no benchmark '{}': see the head of {}\n", name, __FILE__);
            return 2;
        }
    }
    io::raise_file_limit();
    double load = 0;
    std::ifstream("/proc/loadavg") >> load;
    fmt::print("agents-bench: {} CPUs shared by the brain and the agents, loopback, durable before "
               "effect; medians of {} rounds; load {:.2f}\n",
        std::thread::hardware_concurrency(), options.rounds, load);
    for (auto const& bench : benches) {
        auto const wanted = options.names.empty()
            || std::find(options.names.begin(), options.names.end(), bench.name)
                != options.names.end();
        if (!wanted)
            continue;
        if (auto const done = bench.run(options); !done) {
            fmt::print(stderr, "{}: {}\n", bench.name, done.error().message);
            return 1;
        }
        std::fflush(stdout);
    }
}
