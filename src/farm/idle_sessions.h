#pragma once

#include <base/id.h>
#include <base/time.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sidereal::farm {

// Sessions that stand open on a node, their environments entered, after a task of theirs ended
// well: the agent keeps them a moment in case more of their step comes. Deduced from the attempts;
// what the agent closed earlier for want of room is not known here.
class IdleSessions {
public:
    struct Key {
        JobId job;
        std::uint32_t step { 0 };
        // The first GPU of the session, by its place among the node's.
        std::optional<std::size_t> gpu;

        bool operator==(Key const&) const = default;
    };
    struct Entry {
        Key key;
        std::uint32_t count { 0 };
        Wall since {};
    };

    void ended(Key const& key, Wall at);
    // A task begins: in an idle session, if there is one.
    void began(Key const& key);

    // Left idle so lately that the agent keeps them; whichever GPU they have.
    std::uint32_t count(JobId job, std::uint32_t step, Wall now) const;
    // The GPU of the newest of them.
    std::optional<std::size_t> gpu(JobId job, std::uint32_t step) const;
    std::vector<Entry> const& entries() const { return entries_; }

    // As agents are configured.
    static constexpr Duration kept { std::chrono::milliseconds(1500) };

private:
    std::vector<Entry> entries_;
};

}
