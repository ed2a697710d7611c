#include <sim/flags.h>
#include <sim/random_farms.h>
#include <sim/scenario.h>
#include <sim/world.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <unistd.h>

using namespace sidereal;

namespace {

constexpr std::size_t lines_of_a_failure = 60;

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): read by a signal handler.
thread_local std::uint64_t current_seed = 0;

// A broken VERIFY ends the process: say at least which seed did it.
void on_abort(int)
{
    char text[64];
    auto const end = fmt::format_to_n(text, sizeof(text), "aborted in seed {}\n", current_seed);
    [[maybe_unused]] auto const written = write(STDERR_FILENO, text, end.size);
}

struct Sums {
    std::uint64_t events { 0 };
    Duration virtual_time {};
    std::map<std::uint64_t, std::string> failures;
};

// Every tenth seed runs twice: the same seed must give the same trace.
sim::Outcome check(std::uint64_t seed)
{
    current_seed = seed;
    auto const options = sim::draw_options(seed);
    auto outcome = sim::run_seed(options, 0);
    if (seed % 10 == 0 && sim::run_seed(options, 0).trace_hash != outcome.trace_hash)
        outcome.failure = "a second run of the seed went another way";
    return outcome;
}

Sums run_all(std::vector<std::uint64_t> const& seeds, sim::Flags const& flags)
{
    Sums sums;
    std::mutex sums_lock;
    std::atomic<std::size_t> next { 0 };
    std::atomic<bool> enough { false };
    auto const work = [&] {
        for (auto i = next++; i < seeds.size() && !enough; i = next++) {
            auto const outcome = check(seeds[i]);
            std::lock_guard const guard(sums_lock);
            sums.events += outcome.events;
            sums.virtual_time += outcome.virtual_time;
            if (!outcome.failure.empty())
                sums.failures[seeds[i]] = outcome.failure;
            enough = !sums.failures.empty() && !flags.keep_going;
        }
    };
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < flags.threads; ++i)
        threads.emplace_back(work);
    for (auto& thread : threads)
        thread.join();
    return sums;
}

// Runs a failing seed once more, with its events as text.
void explain(std::uint64_t seed, std::string const& failure)
{
    auto const options = sim::draw_options(seed);
    auto const outcome = sim::run_seed(options, lines_of_a_failure);
    for (auto const& line : outcome.trace)
        fmt::print("{}\n", line);
    fmt::print("\nseed {} failed at {}: {}\n{}\nreplay: sidereal-sim --seed {} --trace\n", seed,
        to_human(outcome.virtual_time), failure, sim::to_string(options), seed);
}

int run_one(std::uint64_t seed, bool trace)
{
    current_seed = seed;
    auto const options = sim::draw_options(seed);
    auto const outcome = sim::run_seed(options, trace ? 10'000'000 : lines_of_a_failure);
    if (trace || !outcome.failure.empty())
        for (auto const& line : outcome.trace)
            fmt::print("{}\n", line);
    fmt::print("{}\nseed {}: {} events, {} of virtual time, trace {:016x}: {}\n",
        sim::to_string(options), seed, outcome.events, to_human(outcome.virtual_time),
        outcome.trace_hash, outcome.failure.empty() ? "all well" : outcome.failure);
    return outcome.failure.empty() ? 0 : 1;
}

bool run_scenario(sim::Scenario const& scenario, std::uint64_t seed)
{
    auto const start = std::chrono::steady_clock::now();
    auto const finding = scenario.run(seed);
    std::chrono::duration<double> const wall = std::chrono::steady_clock::now() - start;
    fmt::print("{:<6} {:<18} {}\n       {} (bound: {}), {:.1f} s\n",
        finding.holds ? "ok" : "FAILED", scenario.name, scenario.asks, finding.measured,
        finding.bound, wall.count());
    return finding.holds;
}

int run_scenarios(sim::Flags const& flags)
{
    auto const seed = flags.seed.value_or(1);
    if (!flags.scenario.empty()) {
        auto const scenario = sim::find_scenario(flags.scenario);
        if (scenario)
            return run_scenario(*scenario, seed) ? 0 : 1;
        fmt::print(stderr, "sidereal-sim: there is no scenario '{}'; there are:", flags.scenario);
        for (auto const& known : sim::scenarios())
            fmt::print(stderr, " {}", known.name);
        fmt::print(stderr, "\n");
        return error_row(ErrorCode::not_found).exit_code;
    }
    std::size_t failed = 0;
    for (auto const& scenario : sim::scenarios())
        failed += run_scenario(scenario, seed) ? 0u : 1u;
    fmt::print("{} scenarios, {} failed\n", sim::scenarios().size(), failed);
    return failed == 0 ? 0 : 1;
}

int run_farms(sim::Flags const& flags)
{
    auto const start = std::chrono::steady_clock::now();
    std::atomic<std::uint64_t> next { flags.from };
    std::atomic<std::uint64_t> placed { 0 };
    std::mutex failures_lock;
    std::map<std::uint64_t, std::string> failures;
    auto const end = flags.from + *flags.farms;
    auto const work = [&] {
        for (auto seed = next++; seed < end; seed = next++) {
            current_seed = seed;
            auto const course = sim::run_random_farm(seed);
            placed += course.placed;
            if (course.failure.empty())
                continue;
            std::lock_guard const guard(failures_lock);
            failures[seed] = course.failure;
        }
    };
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < flags.threads; ++i)
        threads.emplace_back(work);
    for (auto& thread : threads)
        thread.join();
    for (auto const& [seed, failure] : failures)
        fmt::print("farm {}: {}\n", seed, failure);
    std::chrono::duration<double> const wall = std::chrono::steady_clock::now() - start;
    fmt::print("{} farms, {} failed: {} placements, {:.1f} s, {:.0f} farms/s\n", *flags.farms,
        failures.size(), placed.load(), wall.count(),
        static_cast<double>(*flags.farms) / wall.count());
    return failures.empty() ? 0 : 1;
}

Result<std::vector<std::uint64_t>> seeds_of(sim::Flags const& flags)
{
    std::vector<std::uint64_t> seeds;
    if (!flags.regressions.empty()) {
        std::ifstream file(flags.regressions);
        if (!file)
            return fail(ErrorCode::not_found, "cannot read {}", flags.regressions);
        std::string const text(std::istreambuf_iterator<char>(file), {});
        return sim::parse_regressions(text);
    }
    for (std::uint64_t i = 0; i < flags.seeds; ++i)
        seeds.push_back(flags.from + i);
    return seeds;
}

}

int main(int count, char** words)
{
    std::signal(SIGABRT, on_abort);
    auto const flags = sim::parse_flags({ words + 1, words + count });
    auto const seeds = flags ? seeds_of(*flags) : tl::unexpected(flags.error());
    if (!seeds) {
        fmt::print(stderr, "sidereal-sim: {}\n", seeds.error().message);
        return error_row(seeds.error().code).exit_code;
    }
    if (flags->help) {
        fmt::print("{}", sim::usage());
        return 0;
    }
    if (flags->farms)
        return run_farms(*flags);
    if (flags->verify || !flags->scenario.empty())
        return run_scenarios(*flags);
    if (flags->seed)
        return run_one(*flags->seed, flags->trace);

    auto const start = std::chrono::steady_clock::now();
    auto const sums = run_all(*seeds, *flags);
    std::chrono::duration<double> const wall = std::chrono::steady_clock::now() - start;
    if (!sums.failures.empty())
        explain(sums.failures.begin()->first, sums.failures.begin()->second);
    if (flags->keep_going)
        for (auto const& [seed, failure] : sums.failures)
            fmt::print("seed {}: {}\n", seed, failure);
    fmt::print("{} seeds, {} failed: {} events, {:.0f} virtual hours, {:.1f} s, {:.0f} seeds/s\n",
        seeds->size(), sums.failures.size(), sums.events, to_seconds(sums.virtual_time) / 3600,
        wall.count(), static_cast<double>(seeds->size()) / wall.count());
    return sums.failures.empty() ? 0 : 1;
}
