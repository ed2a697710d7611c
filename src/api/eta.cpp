#include <api/eta.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace sidereal::api {

namespace {

// What runs of one step, as if tasks were divisible: 3 tasks at 50 % are 1.5 tasks of work.
struct Running {
    double work { 0 };
    double longest { 0 };
};

std::map<std::uint32_t, Running> running_work(farm::Farm const& farm, farm::Job const& job)
{
    std::map<std::uint32_t, Running> steps;
    auto left = job.live_attempts;
    for (auto const& [id, attempt] : farm.attempts) {
        if (left == 0)
            break;
        if (attempt.record.job != job.record.id)
            continue;
        --left;
        auto& running = steps[attempt.record.step];
        auto const rest = static_cast<double>(attempt.record.tasks)
            * (1 - std::clamp(attempt.percent, 0.0, 100.0) / 100);
        running.work += rest;
        running.longest = std::max(running.longest, rest);
    }
    return steps;
}

double places(farm::Farm const& farm, farm::Demand const& demand)
{
    double sum = 0;
    for (auto const& [id, node] : farm.nodes) {
        if (node.takes_work() && !farm::misfit(demand, node.record.facts, node.capacity))
            sum += std::floor(node.record.facts.vcpus / demand.vcpus());
    }
    return sum;
}

bool has_work(farm::StepState state)
{
    return state == farm::StepState::waiting || state == farm::StepState::ready
        || state == farm::StepState::running;
}

}

Eta estimate(farm::Farm const& farm, farm::Job const& job)
{
    Eta eta;
    if (job.ended())
        return eta;
    double seconds = 0;
    bool measured_any = false;
    auto const& states = job.states;
    auto const running = running_work(farm, job);
    for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
        auto const& step = job.steps[i];
        if (!has_work(states[i]))
            continue;
        auto const mean = step.run_times.mean();
        if (!mean) {
            eta.unmeasured.push_back(i);
            continue;
        }
        auto const room = places(farm, step.demand);
        if (room < 1)
            return { std::nullopt, eta.unmeasured };
        auto const found = running.find(i);
        auto const now = found == running.end() ? Running {} : found->second;
        auto const ready = job.record.canceled
            ? 0.0
            : static_cast<double>(step.tasks.count(farm::TaskState::ready));
        auto const longest = std::max(now.longest, ready > 0 ? 1.0 : 0.0);
        seconds += to_seconds(*mean) * std::max((ready + now.work) / room, longest);
        measured_any = true;
    }
    if (measured_any)
        eta.left = from_seconds(seconds);
    return eta;
}

}
