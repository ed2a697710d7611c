#include <openjd/path_values.h>

#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace sidereal::openjd {

namespace {

bool is_absolute(std::string_view path)
{
    bool const drive = path.size() >= 3 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
        && is_identifier(path.substr(0, 1));
    return path.starts_with('/') || path.starts_with("\\\\") || drive;
}

// Joins and removes "." and ".."; nothing if the path climbs above `floor` components of `base`.
std::optional<std::string> join(std::string_view base, std::string_view path, bool may_leave)
{
    std::vector<std::string_view> parts;
    std::size_t floor = 0;
    for (auto const side : { base, path }) {
        floor = may_leave ? 0 : parts.size();
        std::size_t at = 0;
        while (at <= side.size()) {
            auto const end = std::min(side.find('/', at), side.size());
            auto const part = side.substr(at, end - at);
            at = end + 1;
            if (part.empty() || part == ".")
                continue;
            if (part != "..")
                parts.push_back(part);
            else if (parts.size() > floor)
                parts.pop_back();
            else if (!may_leave)
                return std::nullopt;
        }
    }
    std::string out;
    for (auto const part : parts) {
        out += '/';
        out += part;
    }
    return out.empty() ? "/" : out;
}

}

Checked<ParameterTexts> absolute_paths(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts given, PathBases const& bases, std::string_view file_name)
{
    Diagnostics faults;
    for (auto const& definition : definitions) {
        if (definition.type != ParameterType::path)
            continue;
        auto const found = given.find(definition.name);
        if (found != given.end()) {
            if (!found->second.empty() && !is_absolute(found->second))
                found->second = *join(bases.working_dir, found->second, true);
            continue;
        }
        if (!definition.default_text)
            continue;
        auto const& text = *definition.default_text;
        auto const fault = [&](std::string message) {
            faults.push_back({ std::string(file_name), definition.line, definition.column,
                "parameter '" + definition.name + "'", std::move(message) });
        };
        if (is_absolute(text)) {
            fault(fmt::format("the default '{}' is absolute; a default must be relative to the "
                              "template's folder, or a value must be given",
                excerpt(text)));
            continue;
        }
        auto joined = text.empty() ? std::optional(text) : join(bases.template_dir, text, false);
        if (joined)
            given.emplace(definition.name, std::move(*joined));
        else
            fault(fmt::format("the default '{}' leaves the template's folder", excerpt(text)));
    }
    if (!faults.empty())
        return tl::unexpected(std::move(faults));
    return given;
}

}
