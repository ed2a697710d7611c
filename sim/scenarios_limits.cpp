// What must not be exceeded: seats, circuits, cooling.
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

Finding limit(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("limits: [{name: maya, seats: 7}]\n");
    auto const job = stage.submit({ .tasks = 200, .wants = { { "limit.maya", 1 } } });
    auto const other = stage.submit({ .tasks = 2000 });
    double most = 0;
    stage.watch = [&](Stage const& now) { most = std::max(most, now.vcpus_of(job)); };
    stage.run_for(hours(2));
    auto finding = within(most, { 7, 7 }, "seats in use at most:");
    finding.holds = finding.holds && stage.vcpus_of(other) == 73;
    return finding;
}

Finding license_hosts(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("limits: [{name: nuke, seats: 6, soft_seats: 4, counted_by: node}]\n");
    auto const job = stage.submit({ .tasks = 2000, .wants = { { "limit.nuke", 1 } } });
    std::size_t most = 0;
    stage.watch = [&](Stage const& now) {
        most = std::max(most, now.farm.jobs.at(job).on_nodes.size());
    };
    stage.run_for(hours(2));
    auto finding = within(static_cast<double>(most), { 4, 4 }, "nodes with a seat:");
    finding.holds = finding.holds && stage.vcpus_of(job) == 32;
    return finding;
}

Finding license_server(std::uint64_t seed)
{
    // Others take seats of the same server; the farm hears of it once a minute.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("limits: [{name: maya, seats: 20, poll: {command: [lmstat], every_s: 60, "
               "pattern: '(?P<used>[0-9]+)'}}]\n");
    auto const job = stage.submit({ .tasks = 2000, .wants = { { "limit.maya", 1 } } });
    double most = 0;
    double used = 0;
    for (int minute = 0; minute < 240; ++minute) {
        // Artists come in the morning and go in the evening.
        auto const others = minute < 60 || minute > 180 ? 0 : 12;
        stage.settle("maya", stage.vcpus_of(job) + others);
        stage.run_for(1min);
        // Tasks that ran when they came go on to their end.
        if (minute > 70)
            most = std::max(most, stage.vcpus_of(job) + others);
        used += minute > 200 ? stage.vcpus_of(job) / 39 : 0;
    }
    auto finding = within(most, { 18, 20 }, "seats in use of 20, artists' among them, at most:");
    finding.measured += fmt::format(", {:.3g} in the mean when they have gone", used);
    finding.holds = finding.holds && used > 16;
    return finding;
}

Finding breaker_trip(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 8, { 8, 32, 0, { 100, 700, 0.3, 0 } });
    stage.rule("circuits: [{name: wall, breaker_w: 3680, nodes: [node-*]}]\n");
    stage.submit({ .tasks = 500 });
    double most = 0;
    stage.watch = [&](Stage const& now) { most = std::max(most, now.watts()); };
    stage.run_for(hours(3));
    return within(most / 3680 * 100, { 77, 80 }, "% of the breaker at most:");
}

Finding heat_wave(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 8, { 8, 32, 0, { 100, 700, 0.3, 0 } });
    stage.rule("rooms: [{name: attic, cooling_w: 5600, nodes: ['*']}]\n");
    auto const job = stage.submit({ .tasks = 1000 });
    stage.run_for(hours(1));
    auto const before = stage.watts();
    stage.rule("rooms: [{name: attic, cooling_w: 2000, nodes: ['*']}]\n");
    stage.run_for(hours(1));
    auto finding = within(stage.watts(), { 1900, 2000 }, "W an hour after cooling fell to 2 kW:");
    stage.rule("");
    finding.holds = finding.holds && before > 5500 && stage.run_until_done(hours(24))
        && stage.done(job) == 1000;
    return finding;
}

Finding license_urgent(std::uint64_t seed)
{
    // All seats are held for hours, and the licence server says every minute what it counts.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("preemption: {from: urgent}\n"
               "limits: [{name: maya, seats: 20, poll: {command: [lmstat], every_s: 60, "
               "pattern: '(?P<used>[0-9]+)'}}]\n");
    auto const low = stage.submit(
        { .tasks = 200, .wants = { { "limit.maya", 1 } }, .task = { 4h } });
    auto const other = stage.submit({ .tasks = 2000, .task = { 4h } });
    auto const poll = [&](JobId urgent) {
        stage.settle("maya", stage.vcpus_of(low) + (urgent ? stage.vcpus_of(urgent) : 0));
        stage.run_for(1min);
    };
    for (int minute = 0; minute < 60; ++minute)
        poll({});
    auto const before = stage.stopped;
    auto const urgent = stage.submit({ .tasks = 12,
        .wants = { { "limit.maya", 1 } },
        .scheduling = "tier: urgent",
        .task = { 4h } });
    for (int minute = 0; minute < 5; ++minute)
        poll(urgent);
    auto finding = within(stage.vcpus_of(urgent), { 12, 12 }, "urgent tasks at work of 12:");
    finding.measured += fmt::format(", {} stopped for it", stage.stopped - before);
    finding.holds = finding.holds && before == 0 && stage.stopped == 12 && stage.vcpus_of(low) == 8
        && stage.vcpus_of(other) == 60;
    return finding;
}

Finding breaker_urgent(std::uint64_t seed)
{
    // 5 nodes of 8 vcpus, and watts for 20 tasks.
    Stage stage(seed);
    add_nodes(stage, 5, { 8, 32, 0, { 100, 500, 0.3, 0 } });
    stage.rule("preemption: {from: urgent}\n"
               "circuits: [{name: wall, breaker_w: 1875, nodes: [node-*]}]\n");
    auto const low = stage.submit({ .tasks = 200, .task = { 4h } });
    stage.run_for(hours(1));
    auto const before = stage.vcpus_of(low);
    double most = 0;
    stage.watch = [&](Stage const& now) { most = std::max(most, now.watts()); };
    auto const urgent = stage.submit({ .tasks = 5, .scheduling = "tier: urgent" });
    stage.run_for(1min);
    auto finding = within(stage.vcpus_of(urgent), { 5, 5 }, "urgent tasks at work of 5:");
    finding.measured += fmt::format(
        ", {} stopped for it, {:.0f} W of 1500 at most", stage.stopped, most);
    finding.holds = finding.holds && before == 20 && stage.stopped == 5 && most <= 1500;
    return finding;
}

constexpr Scenario table[] = {
    { "LIMIT", "seats are never exceeded, and others use the rest", limit },
    { "LICENSE", "nodes that hold a seat come first, above the soft limit only they",
        license_hosts },
    { "LICENSE_NO_HOSTS", "seats that others take are left to them", license_server },
    { "LICENSE_URGENT",
        "urgent work gets seats from those who hold them, and no more than it needs",
        license_urgent },
    { "BREAKER_URGENT", "urgent work gets watts from others on the circuit", breaker_urgent },
    { "BREAKER_TRIP", "a circuit is used to 80 % and not beyond", breaker_trip },
    { "HEAT_WAVE", "less cooling, less work, and all of it later", heat_wave },
};

}

std::span<Scenario const> limits_scenarios() { return table; }

}
