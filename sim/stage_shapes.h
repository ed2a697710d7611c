#pragma once

#include <base/time.h>
#include <farm/amounts.h>
#include <wire/node_facts.h>
#include <wire/report.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What a scenario puts on its stage.
namespace sidereal::sim {

struct NodeShape {
    double vcpus { 4 };
    double memory_gib { 16 };
    int gpus { 0 };
    wire::Rate rate {};
    std::string pool { "local" };
    double gpu_gib { 24 };
    std::vector<std::string> tags {}; // values of attr.tag
};

// What a job's tasks are really like; the scheduler is told nothing of it.
struct TaskShape {
    Duration run_time { std::chrono::minutes(5) };
    // Run times lie within this part around it.
    double spread { 0.2 };
    double peak_mib { 500 };
    // What each later task needs more than the one before it.
    double growth_mib { 0 };
    // Of each new session; tasks in one that is open need only their run time.
    Duration enter {};
    // Of an attempt, before its first task: loading a scene.
    Duration loads_for {};
};

// Machines that sleep and wake; the scheduler only hears of it.
struct Slumber {
    Duration falling_asleep { std::chrono::seconds(10) };
    Duration waking { std::chrono::seconds(60) };
    // One waking of so many never ends; 0: all do.
    std::uint64_t fails_every { 0 };
};

struct JobShape {
    std::uint64_t tasks { 1 };
    // hostRequirements' amounts, as { "worker.vcpu", 2 }.
    farm::Amounts wants {};
    // Values of attr.tag that its node must have.
    std::vector<std::string> tags {};
    std::string scheduling {};
    std::string project {};
    int priority { 0 };
    TaskShape task {};
    // How long a chunk of tasks should run; 0: tasks run one by one.
    std::uint64_t chunk_target_s { 0 };
    // Tasks of a second step that depends on the first.
    std::uint64_t then_tasks { 0 };
};

// How an attempt ends, decided when it begins.
struct Fate {
    wire::Cause cause { wire::Cause::none };
    // 0: it runs as long as others.
    Duration after {};
    // With Cause::no_licence.
    std::string limit {};
    // Its node is gone with it, and back after that time.
    std::optional<Duration> takes_node_for {};
};

}
