#pragma once

#include <openjd/expr/fault.h>
#include <openjd/expr/meter.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

// Where a match and its groups are, whole match first; a group that took no part is empty.
struct Match {
    std::vector<std::string_view> groups;
    std::size_t begin { 0 };
    std::size_t end { 0 };
};

enum class Anchor : std::uint8_t {
    anywhere,
    start,
};

// A pattern in the common part of Python's and Rust's dialects, run by RE2: the time to match grows
// with the text and never explodes. Classes such as \d are Unicode's, \b knows ASCII words.
class Regex {
public:
    static Outcome<std::shared_ptr<Regex const>> compile(std::string_view pattern);
    virtual ~Regex() = default;

    virtual std::optional<Match> find(
        std::string_view text, std::size_t from, Anchor anchor) const = 0;
    virtual std::size_t groups() const = 0;
    // Roughly how much work a byte of text is, in operations for 256 bytes.
    virtual std::uint64_t weight() const = 0;
};

// What one evaluation has compiled.
class Regexes {
public:
    Outcome<Regex const*> get(std::string const& pattern, Meter& meter);

private:
    std::map<std::string, std::shared_ptr<Regex const>, std::less<>> compiled_;
};

}
