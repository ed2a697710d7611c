#include <openjd/path_values.h>

#include <openjd/expr/pure_path.h>
#include <openjd/parameter_value.h>
#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

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

class Joiner {
public:
    explicit Joiner(PathBases const& bases)
        : bases_(bases)
    {
    }

    Result<std::string> given(std::string const& text) const
    {
        if (stays(text) || is_absolute(text))
            return text;
        return *join(bases_.working_dir, text, true);
    }

    Result<std::string> standard(std::string const& text) const
    {
        if (stays(text))
            return text;
        if (is_absolute(text))
            return fail(ErrorCode::invalid_input,
                "the default '{}' is absolute; a default must be relative to the template's "
                "folder, or a value must be given",
                excerpt(text));
        auto joined = join(bases_.template_dir, text, false);
        if (!joined)
            return fail(ErrorCode::invalid_input, "the default '{}' leaves the template's folder",
                excerpt(text));
        return std::move(*joined);
    }

private:
    bool stays(std::string const& text) const
    {
        return text.empty()
            || (bases_.keeps_uris && expr::PurePath::parse(text, expr::HostFormat::posix).is_uri);
    }

    PathBases const& bases_;
};

using Join = Result<std::string> (Joiner::*)(std::string const&) const;

// Of a list: of each item. What is no list is for the check of values to refuse.
Result<std::string> joined(
    Joiner const& joiner, Join how, ParameterType type, std::string const& text)
{
    if (type == ParameterType::path)
        return (joiner.*how)(text);
    auto const list = value_of(text, type);
    if (!list)
        return text;
    std::vector<expr::Value> out;
    for (std::size_t i = 0; i < list->size(); ++i)
        out.push_back(expr::Value::of(TRY((joiner.*how)(list->at(i).text()))));
    return expr::Value::list(expr::string_type, std::move(out)).to_text();
}

}

Checked<ParameterTexts> absolute_paths(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts given, PathBases const& bases, std::string_view file_name)
{
    Diagnostics faults;
    Joiner const joiner(bases);
    for (auto const& definition : definitions) {
        if (!holds_paths(definition.type))
            continue;
        auto const found = given.find(definition.name);
        if (found == given.end() && !definition.default_text)
            continue;
        auto text = found != given.end()
            ? joined(joiner, &Joiner::given, definition.type, found->second)
            : joined(joiner, &Joiner::standard, definition.type, *definition.default_text);
        if (text)
            given.insert_or_assign(definition.name, std::move(*text));
        else
            faults.push_back({ std::string(file_name), definition.line, definition.column,
                "parameter '" + definition.name + "'", text.error().message });
    }
    if (!faults.empty())
        return tl::unexpected(std::move(faults));
    return given;
}

}
