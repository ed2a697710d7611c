#include <farm/resources.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace sidereal::farm {

namespace {

constexpr double mib = 1024.0 * 1024.0;
constexpr std::string_view limit_prefix = "limit.";
// What each GPU has to offer at least, its memory or its bandwidth: not used up by one that fits.
constexpr std::string_view gpu_trait_prefix = "worker.gpu.";

// Asked for every node that a plan looks at.
std::span<std::string const> attribute_values(wire::NodeFacts const& facts, std::string const& name)
{
    if (name == "attr.worker.os.family")
        return { &facts.os_family, 1 };
    if (name == "attr.worker.cpu.arch")
        return { &facts.cpu_arch, 1 };
    auto const found = facts.attributes.find(name);
    if (found == facts.attributes.end())
        return {};
    return found->second;
}

// The specification compares attribute values without regard to case; they are ASCII.
bool same_without_case(std::string_view left, std::string_view right)
{
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
        [&](char a, char b) { return lower(a) == lower(b); });
}

bool attribute_fits(
    openjd::AttributeRequirement const& requirement, std::span<std::string const> values)
{
    auto const has = [&](std::string const& wanted) {
        return std::any_of(values.begin(), values.end(),
            [&](std::string const& value) { return same_without_case(value, wanted); });
    };
    return std::all_of(requirement.all_of.begin(), requirement.all_of.end(), has)
        && (requirement.any_of.empty()
            || std::any_of(requirement.any_of.begin(), requirement.any_of.end(), has));
}

}

Demand demand_of(openjd::HostRequirements const& requirements)
{
    Demand demand;
    demand.reserved.set(Amounts::Kind::vcpu, 1);
    for (auto const& amount : requirements.amounts) {
        auto const name = amount.name.starts_with("amount.") ? amount.name.substr(7) : amount.name;
        auto const least = amount.min.value_or(0);
        if (name.starts_with(limit_prefix))
            demand.limits.emplace_back(name.substr(limit_prefix.size()), least);
        else if (name.starts_with(gpu_trait_prefix))
            demand.floors.set(name, least);
        else
            demand.reserved.set(name, least);
    }
    demand.attributes = requirements.attributes;
    using Kind = Amounts::Kind;
    // GPUs are given whole, and who asks for a GPU's memory asks for a GPU.
    auto const gpus = std::ceil(demand.reserved.get(Kind::gpu));
    demand.reserved.set(
        Kind::gpu, std::max(gpus, demand.floors.get(Kind::gpu_memory) > 0 ? 1.0 : 0.0));
    return demand;
}

Amounts capacity_of(wire::NodeFacts const& facts)
{
    using Kind = Amounts::Kind;
    Amounts capacity;
    for (auto const& [name, value] : facts.amounts)
        capacity.set(name, value);
    capacity.set(Kind::vcpu, facts.vcpus);
    capacity.set(Kind::memory, static_cast<double>(facts.memory_bytes) / mib);
    capacity.set(Kind::scratch, static_cast<double>(facts.scratch_bytes) / (mib * 1024));
    capacity.set(Kind::gpu, static_cast<double>(facts.gpus.size()));
    double largest = 0;
    for (auto const& gpu : facts.gpus)
        largest = std::max(largest, static_cast<double>(gpu.memory_bytes) / mib);
    capacity.set(Kind::gpu_memory, largest);
    return capacity;
}

bool attributes_fit(Demand const& demand, wire::NodeFacts const& facts)
{
    return std::all_of(demand.attributes.begin(), demand.attributes.end(),
        [&](openjd::AttributeRequirement const& requirement) {
            return attribute_fits(requirement, attribute_values(facts, requirement.name));
        });
}

std::optional<std::string> misfit(
    Demand const& demand, wire::NodeFacts const& facts, Amounts const& capacity)
{
    for (auto const* wanted : { &demand.reserved, &demand.floors }) {
        auto const name = capacity.first_short({}, *wanted);
        if (!name.empty())
            return fmt::format(
                "needs {:g} {}, the node has {:g}", wanted->get(name), name, capacity.get(name));
    }
    auto const least_mib = demand.floors.get(Amounts::Kind::gpu_memory);
    auto const large = std::count_if(
        facts.gpus.begin(), facts.gpus.end(), [&](wire::Gpu const& gpu) {
            return static_cast<double>(gpu.memory_bytes) >= least_mib * mib;
        });
    if (static_cast<double>(large) < demand.reserved.get(Amounts::Kind::gpu))
        return fmt::format("needs {:g} GPUs of {:g} MiB, the node has {}",
            demand.reserved.get(Amounts::Kind::gpu), least_mib, large);
    for (auto const& requirement : demand.attributes) {
        auto const values = attribute_values(facts, requirement.name);
        if (!attribute_fits(requirement, values))
            return fmt::format("needs another {} than '{}'", requirement.name,
                values.empty() ? "" : values.front());
    }
    return std::nullopt;
}

}
