#include <sim/world.h>

#include <sched/draft.h>
#include <sched/why.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::sim {

using namespace std::chrono_literals;

namespace {

// More events than this in one seed are a storm, not work.
constexpr std::uint64_t most_events = 100000;
constexpr std::uint64_t inspect_every = 64;

}

World::World(Options options, std::size_t trace_lines)
    : options_(std::move(options))
    , prng_(options_.seed ^ 0x5bd1e995)
    , trace_(trace_lines)
    , ledger_(verdict_)
    , network_(agenda_, trace_, options_.faults, prng_.fork(), options_.vcpus.size() + 1)
    , services_ { agenda_, trace_, verdict_, ledger_, network_, options_ }
    , brain_(services_, prng_.fork())
    , client_(services_, brain_, options_.vcpus.size(), prng_.fork())
{
    nodes_.reserve(options_.vcpus.size());
    for (Peer peer = 0; peer < options_.vcpus.size(); ++peer)
        nodes_.emplace_back(services_, brain_, peer, prng_.fork());
    brain_.set_on_power([this](brain::PowerOrder const& order) {
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            if (order.name == fmt::format("node-{}", i))
                order.kind == sched::PowerChange::Kind::wake ? nodes_[i].wake()
                                                             : nodes_[i].fall_asleep();
    });
    network_.set_on_gone([this](brain::Ticket ticket) {
        if (brain_.alive())
            brain_.handle([&](auto& brain, Now, auto&) { brain::on_ticket_gone(brain, ticket); });
    });
}

Outcome World::run()
{
    brain_.start();
    for (auto& node : nodes_)
        agenda_.after(draw_between(prng_, 0us, 2s), [&node] { node.start(); });
    client_.start();
    plan_faults();
    agenda_.at(options_.safety_time, [this] { heal(); });
    auto const deadline = options_.safety_time + patience();
    while (!verdict_.failed()) {
        agenda_.step();
        if (agenda_.steps() % inspect_every == 0)
            brain_.inspect();
        if (healed_ && agenda_.steps() % 16 == 0 && settled()) {
            brain_.inspect();
            break;
        }
        if (agenda_.now() > deadline || agenda_.steps() > most_events)
            verdict_.fail("not settled {} after the healing: {}",
                to_human(agenda_.now() - options_.safety_time), unsettled() + why_waits());
    }
    return { agenda_.steps(), agenda_.now(), trace_.hash(), verdict_.failure(), trace_.lines(),
        ledger_.renders(), ledger_.counted() };
}

void World::plan_faults()
{
    auto const& faults = options_.faults;
    every(faults.brain_crashes, [this] { crash_brain(); });
    every(faults.agent_crashes, [this] { nodes_[prng_.below(nodes_.size())].kill(); });
    every(faults.agent_stops, [this] { nodes_[prng_.below(nodes_.size())].stop(); });
    every(faults.cuts, [this] { network_.cut_some(); });
    every(faults.clock_steps, [this] { step_some_clock(); });
}

void World::every(Duration mean, std::function<void()> fault)
{
    if (mean == 0us)
        return;
    agenda_.after(draw_wait(prng_, mean), [this, mean, fault = std::move(fault)]() mutable {
        if (healed_)
            return;
        fault();
        every(mean, std::move(fault));
    });
}

void World::crash_brain()
{
    if (!brain_.alive())
        return;
    brain_.crash();
    auto const down_for = prng_.chance(0.2) ? draw_between(prng_, 1s, 60s)
                                            : draw_between(prng_, 1ms, 1s);
    agenda_.after(down_for, [this] {
        if (!brain_.alive())
            brain_.start();
    });
}

void World::step_some_clock()
{
    auto const by = draw_between(prng_, -1h, 1h);
    auto const who = prng_.below(nodes_.size() + 1);
    trace_.event(agenda_.now(), "the clock of machine {} is set by {} us", who, by.count());
    if (who == nodes_.size())
        brain_.step_clock(by);
    else
        nodes_[who].step_clock(by);
}

void World::heal()
{
    trace_.event(agenda_.now(), "all is healed");
    healed_ = true;
    network_.heal();
    brain_.heal();
    for (auto& node : nodes_)
        node.heal();
    if (!brain_.alive())
        brain_.start();
    client_.heal();
}

bool World::settled() const { return unsettled().empty(); }

// A paused job, one that waits for it, and one whose time has not come on the brain's clock, which
// may have been set back.
bool World::may_wait(farm::Job const& job) const
{
    auto const& not_before = job.record.scheduling.not_before;
    return job.record.paused || !sched::jobs_before_are_done(brain_.brain().farm, job)
        || (not_before && brain_.now().wall < *not_before);
}

// What the scheduler says of the jobs that wait.
std::string World::why_waits() const
{
    auto const& farm = brain_.brain().farm;
    std::string said;
    for (auto const& [id, job] : farm.jobs) {
        if (job.ended() || may_wait(job))
            continue;
        for (auto const& row : sched::why(farm, brain_.now(), brain_.brain().config.policy, job))
            said += fmt::format("; job {}, step {} ({}): {}", id.value, row.step,
                farm::to_string(job.states[row.step]), row.text);
    }
    return said;
}

std::string World::unsettled() const
{
    if (!client_.done())
        return "a job was not acknowledged";
    if (!brain_.idle())
        return "the brain has something to write";
    auto const& farm = brain_.brain().farm;
    if (!farm.attempts.empty()) {
        auto const& record = farm.attempts.begin()->second.record;
        return fmt::format("attempt {} of job {} is leased to node {}", record.id.value,
            record.job.value, record.node.value);
    }
    for (auto const& [id, job] : farm.jobs)
        if (!job.ended() && !may_wait(job))
            return fmt::format("job {} is {} with {} tasks ready", id.value,
                farm::to_string(farm::job_state(job)), job.count(farm::TaskState::ready));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (!nodes_[i].idle())
            return fmt::format("node {} still holds work, processes or session folders", i);
        for (auto const job : nodes_[i].jobs_known())
            if (farm.jobs.at(job).ended())
                return fmt::format("node {} still keeps the text of job {}", i, job.value);
    }
    return {};
}

Duration World::patience() const
{
    auto const each = options_.work.task_time_max + (options_.work.hangs > 0 ? 60s : 1s);
    return 1h + each * 3 * 20 * options_.work.jobs * options_.work.tasks_max;
}

Outcome run_seed(Options const& options, std::size_t trace_lines)
{
    return World(options, trace_lines).run();
}

}
