#pragma once

#include <base/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// One fault of a document that a person wrote: where it is, what is wrong, what is allowed.
struct Diagnostic {
    std::string file;
    int line { 0 };
    int column { 0 };
    std::string path;
    std::string message;

    bool operator==(Diagnostic const&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

template<typename T>
using Checked = tl::expected<T, Diagnostics>;

// One line a fault: "template.yaml:12:5: steps[0].name: expected a string".
std::string to_string(Diagnostics const& faults);

}
