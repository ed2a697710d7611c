#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidereal::sched {

// Why a task does not start. Each waiting task lies in exactly one class: the first that holds.
enum class WaitClass : std::uint8_t {
    paused,
    not_before,
    after_job,
    dependency, // a step of its own job
    after_task, // single tasks of a step
    no_nodes,
    misfit, // no node could ever run it
    blamed, // it, or other work, failed there and nowhere else
    job_cap,
    step_cap,
    project_cap,
    limit,
    power,
    heat,
    kept_for_gpu,
    session, // those of the step that are open will be done sooner than a new one is entered
    reserved, // room is being kept for work that needs more of it
    memory,
    busy,
    waking, // a node that sleeps was told to wake for it
    behind, // it would fit, and others go first
    next,
};
constexpr std::size_t wait_classes = static_cast<std::size_t>(WaitClass::next) + 1;

std::string_view to_string(WaitClass reason);

}
