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
};

// Gives every PATH parameter its value as the specification says: a relative default joins the
// template's folder, a relative given value the working folder. All others stay as they are.
Checked<ParameterTexts> absolute_paths(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts given, PathBases const& bases, std::string_view file_name);

}
