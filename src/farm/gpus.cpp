#include <farm/gpus.h>

#include <farm/counts.h>

#include <algorithm>
#include <tuple>

namespace sidereal::farm {

namespace {

constexpr double mib = 1024.0 * 1024.0;
constexpr double tolerance_mib = 1e-6;

std::optional<std::size_t> index_of(wire::NodeFacts const& facts, std::string_view uuid)
{
    auto const found = std::find_if(facts.gpus.begin(), facts.gpus.end(),
        [&](wire::Gpu const& gpu) { return gpu.uuid == uuid; });
    if (found == facts.gpus.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - facts.gpus.begin());
}

// What a task takes of that GPU.
double taken_mib(GpuLoad const& load, GpuNeed const& need)
{
    return need.part_mib > 0 ? std::min(need.part_mib, load.memory_mib) : load.memory_mib;
}

bool fits(GpuLoad const& load, GpuNeed const& need)
{
    if (load.memory_mib + tolerance_mib < need.least_mib)
        return false;
    if (need.part_mib <= 0)
        return load.attempts == 0;
    return load.memory_mib - load.used_mib + tolerance_mib >= taken_mib(load, need);
}

}

GpuLoads gpu_loads(wire::NodeFacts const& facts)
{
    GpuLoads loads;
    for (auto const& gpu : facts.gpus)
        loads.push_back({ static_cast<double>(gpu.memory_bytes) / mib, 0, 0 });
    return loads;
}

std::optional<std::vector<std::size_t>> pick_gpus(
    GpuLoads const& loads, GpuNeed const& need, std::optional<std::size_t> first)
{
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < loads.size(); ++i)
        if (fits(loads[i], need))
            fitting.push_back(i);
    if (fitting.size() < need.count)
        return std::nullopt;
    auto const rank = [&](std::size_t i) {
        auto const& load = loads[i];
        auto const left = load.memory_mib - load.used_mib - taken_mib(load, need);
        return std::tuple(need.part_mib > 0 && load.attempts == 0,
            need.part_mib > 0 ? left : load.memory_mib, first != i, i);
    };
    std::sort(fitting.begin(), fitting.end(),
        [&](std::size_t left, std::size_t right) { return rank(left) < rank(right); });
    fitting.resize(need.count);
    return fitting;
}

bool could_have(GpuLoads const& loads, GpuNeed const& need)
{
    auto const enough = std::count_if(loads.begin(), loads.end(),
        [&](GpuLoad const& load) { return load.memory_mib + tolerance_mib >= need.least_mib; });
    return static_cast<std::size_t>(enough) >= need.count;
}

wire::GpuParts parts_of(wire::NodeFacts const& facts, GpuLoads const& loads, GpuNeed const& need,
    std::vector<std::size_t> const& picked)
{
    wire::GpuParts parts;
    for (auto const i : picked) {
        auto const taken = taken_mib(loads[i], need);
        auto const whole = need.part_mib <= 0 || taken >= loads[i].memory_mib;
        parts.push_back({ facts.gpus[i].uuid, taken, whole ? 1 : taken / loads[i].memory_mib });
    }
    return parts;
}

bool have_room(wire::NodeFacts const& facts, GpuLoads const& loads, wire::GpuParts const& parts)
{
    return std::all_of(parts.begin(), parts.end(), [&](wire::GpuPart const& part) {
        auto const index = index_of(facts, part.uuid);
        if (!index)
            return true;
        auto const& load = loads[*index];
        return part.part >= 1 ? load.attempts == 0
                              : load.used_mib + part.memory_mib <= load.memory_mib + tolerance_mib;
    });
}

void take(wire::NodeFacts const& facts, GpuLoads& loads, wire::GpuParts const& parts)
{
    for (auto const& part : parts) {
        auto const index = index_of(facts, part.uuid);
        if (!index)
            continue;
        auto& load = loads[*index];
        load.used_mib += part.memory_mib;
        ++load.attempts;
    }
}

void give_back(wire::NodeFacts const& facts, GpuLoads& loads, wire::GpuParts const& parts)
{
    for (auto const& part : parts) {
        auto const index = index_of(facts, part.uuid);
        if (!index)
            continue;
        auto& load = loads[*index];
        VERIFY(load.attempts > 0);
        take_off(load.used_mib, part.memory_mib);
        if (--load.attempts == 0)
            load.used_mib = 0;
    }
}

std::optional<std::size_t> first_gpu(wire::NodeFacts const& facts, wire::GpuParts const& parts)
{
    return parts.empty() ? std::nullopt : index_of(facts, parts.front().uuid);
}

}
