#include <sim/options.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace sidereal::sim {

using namespace std::chrono_literals;

namespace {

template<typename T, std::size_t n>
T pick(Prng& prng, T const (&choices)[n])
{
    return choices[prng.below(n)];
}

// Half of all seeds do without this kind of fault.
double draw_rate(Prng& prng, double most) { return prng.chance(0.5) ? prng.unit() * most : 0; }

Duration draw_mean(Prng& prng, Duration shortest, Duration longest)
{
    return prng.chance(0.5) ? draw_between(prng, shortest, longest) : Duration {};
}

Faults draw_faults(Prng& prng)
{
    Faults faults;
    faults.lost = draw_rate(prng, 0.1);
    faults.duplicated = draw_rate(prng, 0.1);
    faults.slow = draw_rate(prng, 0.2);
    faults.slow_limit = pick<Duration>(prng, { 50ms, 1s, 10s });
    faults.commit_fails = draw_rate(prng, 0.3);
    faults.slow_fsync = draw_rate(prng, 0.2);
    faults.brain_crashes = draw_mean(prng, 3s, 60s);
    faults.agent_crashes = draw_mean(prng, 5s, 90s);
    faults.agent_stops = draw_mean(prng, 10s, 90s);
    faults.cuts = draw_mean(prng, 5s, 60s);
    faults.clock_steps = draw_mean(prng, 5s, 60s);
    return faults;
}

Work draw_work(Prng& prng)
{
    Work work;
    work.jobs = static_cast<int>(prng.between(1, 6));
    work.tasks_max = pick<int>(prng, { 1, 4, 10, 20 });
    work.task_time_max = pick<Duration>(prng, { 5ms, 100ms, 2s, 20s });
    work.fails = draw_rate(prng, 0.4);
    work.not_started = draw_rate(prng, 0.05);
    work.hangs = draw_rate(prng, 0.1);
    work.ignores_terminate = draw_rate(prng, 0.5);
    work.commands = draw_mean(prng, 1s, 20s);
    return work;
}

// From a stream of its own: what a seed meant otherwise it goes on to mean.
void draw_machines(Options& options)
{
    Prng prng(options.seed ^ 0x9e3779b97f4a7c15);
    auto const gpus = prng.chance(0.4);
    for (std::size_t node = 0; node < options.vcpus.size(); ++node)
        options.gpus.push_back(gpus && prng.chance(0.7) ? static_cast<int>(prng.between(1, 3)) : 0);
    if (prng.chance(0.6))
        return;
    options.sleep_after = pick<Duration>(prng, { 1s, 5s, 30s });
    options.keep_awake = static_cast<int>(prng.between(0, 2));
    options.faults.power_fails = draw_rate(prng, 0.3);
}

}

Options draw_options(std::uint64_t seed)
{
    Prng prng(seed);
    Options options;
    options.seed = seed;
    for (auto nodes = prng.between(1, 5); nodes > 0; --nodes)
        options.vcpus.push_back(pick<double>(prng, { 1, 2, 2.5, 4, 8 }));
    options.brain.lease = pick<Duration>(prng, { 4s, 10s, 30s });
    options.brain.hold = options.brain.lease / 3;
    options.brain.policy.lead = pick<Duration>(prng, { 0s, 25ms, 1s });
    options.brain.policy.max_placements = pick<std::size_t>(prng, { 1, 3, 512 });
    options.call_timeout = options.brain.hold * 3 / 2;
    options.adrift_limit = pick<Duration>(prng, { 20s, 1h });
    options.safety_time = draw_between(prng, 10s, 90s);
    options.faults = draw_faults(prng);
    options.work = draw_work(prng);
    draw_machines(options);
    return options;
}

std::string to_string(Options const& options)
{
    auto const& faults = options.faults;
    auto const& work = options.work;
    auto const seconds = [](Duration duration) { return to_seconds(duration); };
    auto text = fmt::format("vcpus {}, gpus {}, sleep after {} s, lease {} s, lead {} s, "
                            "placements {}, adrift {} s, faults for {:.0f} s\n",
        fmt::join(options.vcpus, " "), fmt::join(options.gpus, " "), seconds(options.sleep_after),
        seconds(options.brain.lease), seconds(options.brain.policy.lead),
        options.brain.policy.max_placements, seconds(options.adrift_limit),
        seconds(options.safety_time));
    text += fmt::format("faults: lost {:.2f}, duplicated {:.2f}, slow {:.2f} up to {} s, "
                        "commit fails {:.2f}, slow fsync {:.2f}\n",
        faults.lost, faults.duplicated, faults.slow, seconds(faults.slow_limit),
        faults.commit_fails, faults.slow_fsync);
    text += fmt::format("every: brain crash {:.1f} s, agent crash {:.1f} s, agent stop {:.1f} s, "
                        "cut {:.1f} s, clock step {:.1f} s\n",
        seconds(faults.brain_crashes), seconds(faults.agent_crashes), seconds(faults.agent_stops),
        seconds(faults.cuts), seconds(faults.clock_steps));
    text += fmt::format("work: {} jobs, up to {} tasks a step of up to {} s, fails {:.2f}, "
                        "not started {:.2f}, hangs {:.2f}, ignores terminate {:.2f}, "
                        "commands every {:.1f} s",
        work.jobs, work.tasks_max, seconds(work.task_time_max), work.fails, work.not_started,
        work.hangs, work.ignores_terminate, seconds(work.commands));
    return text;
}

}
