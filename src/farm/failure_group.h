#pragma once

#include <base/id.h>
#include <base/time.h>
#include <farm/record.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

// Failures that look alike: thousands of frames mostly fail for one reason or two.
namespace sidereal::farm {

// What two failures have in common that are of one group.
struct Signature {
    wire::Cause cause { wire::Cause::none };
    std::optional<int> exit_code;
    std::optional<int> signal;
    // The line that tells most, rid of what differs from frame to frame.
    std::string line;

    bool operator==(Signature const&) const = default;
};

// The last line of the log that speaks of an error, or else the last that is not empty; `message`
// where there is no log.
std::string_view telling_line(std::string_view message, std::string_view log_tail);
// Numbers become '#', also in hexadecimal and as parts of words, paths '<path>', runs of blanks
// one.
std::string normalised(std::string_view line);
Signature signature_of(AttemptRecord const& ended);

// Of one job.
struct FailureGroup {
    Signature signature;
    // Eight hexadecimal digits that depend on nothing but the signature.
    std::string id;
    // Tasks whose newest attempt failed like this, those that wait for a retry among them.
    std::uint64_t tasks { 0 };
    // Attempts, over time.
    std::uint64_t failures { 0 };
    Wall first {};
    Wall last {};
    std::map<NodeId, std::uint64_t> nodes;
    // The newest one.
    AttemptId attempt;
    std::string example;

    // A job's further groups are one: "other".
    static constexpr std::size_t most = 200;
};

std::string id_of(Signature const& signature);

}
