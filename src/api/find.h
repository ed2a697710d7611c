#pragma once

#include <base/result.h>
#include <farm/farm.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the ids and names in a request stand for.
namespace sidereal::api {

Result<farm::Job const*> find_job(farm::Farm const& farm, std::string_view id);
// By id or by name.
Result<farm::Node const*> find_node(farm::Farm const& farm, std::string_view id_or_name);
Result<std::uint32_t> find_step(farm::Job const& job, std::string_view name);

// Which task somebody means.
struct TaskName {
    std::optional<std::string> step;
    // The task's index, or "Frame=12" for the value of its parameter.
    std::optional<std::string> task;
};
struct TaskPlace {
    std::uint32_t step { 0 };
    std::uint64_t task { 0 };
    // Of a chunk: how many from `task` on.
    std::uint64_t tasks { 1 };

    bool operator==(TaskPlace const&) const = default;
};
// A name left out stands for the only one there is.
Result<TaskPlace> find_task(farm::Job const& job, TaskName const& name);

}
