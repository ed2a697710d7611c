#pragma once

#include <openjd/diagnostic.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Where paths of the submitter's machine lie on this host.
namespace sidereal::openjd {

enum class PathFormat : std::uint8_t {
    posix,
    windows,
    uri,
};

struct PathRule {
    PathFormat format { PathFormat::posix };
    std::string source;
    std::string destination;

    bool operator==(PathRule const&) const = default;
};

// The first rule that fits is applied; parse_path_rules puts the longest source first.
using PathRules = std::vector<PathRule>;

// A document {version: pathmapping-1.0, path_mapping_rules: [...]}, JSON or YAML.
Checked<PathRules> parse_path_rules(std::string_view text, std::string_view file_name);
// What Session.PathMappingRulesFile holds; {} without rules.
std::string to_json(PathRules const& rules);

// The path as this host knows it, which has POSIX paths; without a rule for it, the path itself.
// Whole components are compared; those of Windows in any case and with either slash.
std::string map_path(PathRules const& rules, std::string_view path);

}
