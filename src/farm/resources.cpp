#include <farm/resources.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace sidereal::farm {

namespace {

constexpr double mib = 1024.0 * 1024.0;
constexpr double tolerance = 1e-9;

double amount_of(Amounts const& amounts, std::string const& name)
{
    auto const found = amounts.find(name);
    return found == amounts.end() ? 0 : found->second;
}

std::vector<std::string> attribute_values(wire::NodeFacts const& facts, std::string const& name)
{
    if (name == "attr.worker.os.family")
        return { facts.os_family };
    if (name == "attr.worker.cpu.arch")
        return { facts.cpu_arch };
    auto const found = facts.attributes.find(name);
    return found == facts.attributes.end() ? std::vector<std::string> {} : found->second;
}

bool attribute_fits(
    openjd::AttributeRequirement const& requirement, std::vector<std::string> const& values)
{
    auto const has = [&](std::string const& wanted) {
        return std::find(values.begin(), values.end(), wanted) != values.end();
    };
    return std::all_of(requirement.all_of.begin(), requirement.all_of.end(), has)
        && (requirement.any_of.empty()
            || std::any_of(requirement.any_of.begin(), requirement.any_of.end(), has));
}

}

double Demand::vcpus() const { return amount_of(reserved, vcpu_amount); }

Demand demand_of(openjd::HostRequirements const& requirements)
{
    Demand demand;
    demand.reserved[vcpu_amount] = 1;
    for (auto const& amount : requirements.amounts) {
        auto const name = amount.name.starts_with("amount.") ? amount.name.substr(7) : amount.name;
        auto const least = amount.min.value_or(0);
        if (name == "worker.gpu.memory")
            demand.floors[name] = least;
        else
            demand.reserved[name] = least;
    }
    demand.attributes = requirements.attributes;
    return demand;
}

Amounts capacity_of(wire::NodeFacts const& facts)
{
    Amounts capacity = facts.amounts;
    capacity[vcpu_amount] = facts.vcpus;
    capacity["worker.memory"] = static_cast<double>(facts.memory_bytes) / mib;
    capacity["worker.disk.scratch"] = static_cast<double>(facts.scratch_bytes) / (mib * 1024);
    capacity["worker.gpu"] = static_cast<double>(facts.gpus.size());
    auto smallest = std::numeric_limits<double>::infinity();
    for (auto const& gpu : facts.gpus)
        smallest = std::min(smallest, static_cast<double>(gpu.memory_bytes) / mib);
    capacity["worker.gpu.memory"] = facts.gpus.empty() ? 0 : smallest;
    return capacity;
}

std::optional<std::string> misfit(
    Demand const& demand, wire::NodeFacts const& facts, Amounts const& capacity)
{
    for (auto const* wanted : { &demand.reserved, &demand.floors }) {
        for (auto const& [name, least] : *wanted) {
            if (amount_of(capacity, name) + tolerance < least)
                return fmt::format(
                    "needs {:g} {}, the node has {:g}", least, name, amount_of(capacity, name));
        }
    }
    for (auto const& requirement : demand.attributes) {
        auto const values = attribute_values(facts, requirement.name);
        if (!attribute_fits(requirement, values))
            return fmt::format("needs another {} than '{}'", requirement.name,
                values.empty() ? "" : values.front());
    }
    return std::nullopt;
}

std::optional<std::string> shortage(
    Amounts const& reserved, Amounts const& capacity, Amounts const& used)
{
    for (auto const& [name, amount] : reserved) {
        if (amount_of(used, name) + amount > amount_of(capacity, name) + tolerance)
            return name;
    }
    return std::nullopt;
}

void add(Amounts& used, Amounts const& reserved)
{
    for (auto const& [name, amount] : reserved)
        used[name] += amount;
}

void subtract(Amounts& used, Amounts const& reserved)
{
    for (auto const& [name, amount] : reserved) {
        auto& left = used[name];
        VERIFY(left + tolerance >= amount);
        left = std::max(0.0, left - amount);
    }
}

}
