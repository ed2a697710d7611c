#pragma once

#include <base/result.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// What the names inside {{ }} stand for: "Param.Frame" -> "12".
using Symbols = std::map<std::string, std::string, std::less<>>;

// Text with {{ Dotted.Name }} references, split once and resolved often.
class FormatString {
public:
    FormatString() = default;
    // Fails on an unclosed or malformed reference; the message gives the place in the text.
    static Result<FormatString> parse(std::string_view text);
    static FormatString literal(std::string text);

    // Fails on a name that is not in the table.
    Result<std::string> resolve(Symbols const& symbols) const;
    // Replaces the names that the table knows and keeps the others: the stage at which a job is
    // made.
    FormatString resolve_known(Symbols const& symbols) const;
    std::set<std::string> names() const;
    bool is_literal() const;
    std::string text() const;

    bool operator==(FormatString const&) const = default;

private:
    struct Segment {
        bool is_name { false };
        std::string text;
        bool operator==(Segment const&) const = default;
    };
    std::vector<Segment> segments_;
};

}
