#include <openjd/capability.h>

#include <openjd/text_rules.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sidereal::openjd {

namespace {

constexpr std::array<std::string_view, 5> standard_amounts { "amount.worker.vcpu",
    "amount.worker.memory", "amount.worker.gpu", "amount.worker.gpu.memory",
    "amount.worker.disk.scratch" };

struct StandardAttribute {
    std::string_view name;
    std::array<std::string_view, 3> values;
};
constexpr std::array<StandardAttribute, 2> standard_attributes { {
    { "attr.worker.os.family", { "linux", "windows", "macos" } },
    { "attr.worker.cpu.arch", { "x86_64", "arm64", "" } },
} };

constexpr std::array<std::string_view, 4> reserved_words { "worker", "job", "step", "task" };

StandardAttribute const* standard_attribute(std::string_view name)
{
    auto const found = std::find_if(standard_attributes.begin(), standard_attributes.end(),
        [&](auto const& attribute) { return attribute.name == name; });
    return found == standard_attributes.end() ? nullptr : &*found;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> out;
    for (;;) {
        auto const end = text.find(separator);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return out;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> standard_names(CapabilityKind kind)
{
    if (kind == CapabilityKind::amount)
        return { standard_amounts.begin(), standard_amounts.end() };
    std::vector<std::string_view> out;
    for (auto const& attribute : standard_attributes)
        out.push_back(attribute.name);
    return out;
}

}

Result<std::string> check_capability_name(
    CapabilityKind kind, std::string_view name, Limits const& limits)
{
    std::string_view const lead = kind == CapabilityKind::amount ? "amount" : "attr";
    if (count_code_points(name) > limits.capability_name)
        return fail(ErrorCode::invalid_input, "a capability's name has at most {} characters",
            limits.capability_name);
    auto const lower = to_lower(name);
    auto bare = std::string_view(lower);
    auto const colon = bare.find(':');
    bool well_formed = true;
    if (colon != std::string_view::npos) {
        well_formed = is_identifier(bare.substr(0, colon));
        bare.remove_prefix(colon + 1);
    }
    auto const words = split(bare, '.');
    well_formed = well_formed && words.size() >= 2 && words.front() == lead
        && std::all_of(words.begin(), words.end(), is_identifier);
    if (!well_formed)
        return fail(ErrorCode::invalid_input,
            "'{}' is no capability; expected {}.name.name, perhaps after a vendor and a colon",
            excerpt(name), lead);
    bool const reserved = std::find(reserved_words.begin(), reserved_words.end(), words[1])
        != reserved_words.end();
    auto const standard = standard_names(kind);
    if (reserved && std::find(standard.begin(), standard.end(), lower) == standard.end())
        return fail(ErrorCode::invalid_input,
            "'{}' is no standard capability{}; those of {}.{} are: {}", excerpt(name),
            did_you_mean(lower, standard), lead, words[1], comma_list(standard));
    return lower;
}

Result<std::string> check_attribute_value(
    std::string_view capability, std::string_view value, Limits const& limits)
{
    if (auto const* const standard = standard_attribute(capability)) {
        auto lower = to_lower(value);
        std::vector<std::string_view> known;
        for (auto const candidate : standard->values) {
            if (!candidate.empty())
                known.push_back(candidate);
        }
        if (std::find(known.begin(), known.end(), lower) == known.end())
            return fail(ErrorCode::invalid_input, "'{}' is no value of {}; allowed: {}",
                excerpt(value), capability, comma_list(known));
        return lower;
    }
    auto dashless = std::string(value);
    std::replace(dashless.begin(), dashless.end(), '-', '_');
    if (value.empty() || value.front() == '-' || value.size() > limits.attribute_value
        || !is_identifier(dashless))
        return fail(ErrorCode::invalid_input,
            "'{}' is no attribute value: letters, digits, _ and - are allowed, a letter or _ "
            "first, at "
            "most {} of them",
            excerpt(value), limits.attribute_value);
    return std::string(value);
}

bool is_single_valued(std::string_view capability)
{
    return standard_attribute(capability) != nullptr;
}

}
