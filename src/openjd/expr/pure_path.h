#pragma once

#include <openjd/expr/context.h>
#include <openjd/expr/fault.h>

#include <string>
#include <string_view>
#include <vector>

// Paths as text, by the rules of Python's PurePosixPath and PureWindowsPath; nothing here looks at
// a disk. A URI (scheme://...) is a path too: scheme and authority are its root, and what follows
// is kept as it is, empty parts and dots included.
namespace sidereal::openjd::expr {

// A single letter before :// is a drive on Windows.
bool is_uri(std::string_view text, HostFormat format);

// A path taken apart. Of a URI the root is "s3://bucket" and the parts are joined by '/'.
struct PurePath {
    bool is_uri { false };
    HostFormat format { HostFormat::posix };
    std::string drive; // C: or \\server\share
    std::string root; // / or // or \, or the scheme and authority
    std::vector<std::string> parts;

    static PurePath parse(std::string_view text, HostFormat format);

    std::string text() const;
    std::string anchor() const { return drive + root; }
    std::string name() const;
    bool is_absolute() const;
    // The other's parts come behind these, unless it starts anew.
    PurePath joined(PurePath const& other) const;
    // How many parts of this path the other one covers; nothing if it is no beginning of it.
    std::optional<std::size_t> covered_by(PurePath const& other) const;
};

// Without doubled and trailing separators and dots; "" is ".".
std::string normal_path(std::string_view text, HostFormat format);

struct NameParts {
    std::string stem;
    std::string suffix; // with its dot
};
NameParts split_name(std::string_view name);
std::vector<std::string> suffixes_of(std::string_view name);

// What path mapping makes of the text; nothing if the rule does not match.
std::optional<std::string> apply_rule(
    PathRule const& rule, std::string_view text, HostFormat format);

// frame_####.exr, frame_%04d.exr, frame_0001.exr with a number in that place; _0001 is put behind
// the stem of a name that has none.
Outcome<std::string> number_name(std::string_view name, std::int64_t number);

}
