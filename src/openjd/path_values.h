#pragma once

#include <openjd/parameter_definition.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// Absolute folders that relative PATH values join.
struct PathBases {
    // Of defaults; they may not leave it.
    std::string template_dir;
    // Of given values.
    std::string working_dir;
    // With EXPR s3://bucket/key is a path as it is; otherwise it is a relative one.
    bool keeps_uris { false };
};

// Gives every PATH and LIST[PATH] parameter its value as the specification says: relative defaults
// join the template's folder, relative given values the working folder. All others stay as they
// are, and so does what is no value of its type.
Checked<ParameterTexts> absolute_paths(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts given, PathBases const& bases, std::string_view file_name);

}
