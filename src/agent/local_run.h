#pragma once

#include <agent/session.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::agent {

// Tasks of one step.
struct LocalPart {
    std::size_t step { 0 };
    // Empty: those of the step's own space, from the first on.
    std::vector<openjd::TaskParameters> tasks {};
    // Chunks count as one.
    std::uint64_t most { std::numeric_limits<std::uint64_t>::max() };
};

// Runs parts of one job one after the other in one session, without a brain: the mind of `openjd
// run`. The first failure ends it; environments are left in any case. Somebody else carries out its
// effects and tells it of what came of them, as with Agent.
class LocalRun {
public:
    LocalRun(
        std::shared_ptr<PreparedJob const> job, std::vector<LocalPart> parts, SessionPlace place);

    void on_start(Now now, Effects& effects);
    void on_line(std::string_view line, Now now, Effects& effects);
    void on_action_ended(ActionEnd const& end, Now now, Effects& effects);
    void on_tick(Now now, Effects& effects);
    // Ends what runs in its own way, then leaves the environments; a second time: at once.
    void on_stop(Now now, Effects& effects);

    std::optional<Mono> next_wake() const { return session_.next_wake(); }
    // In words for people; empty while nothing runs.
    std::string doing() const { return session_.doing(); }
    bool over() const { return session_.closed(); }
    // Of what went wrong first; empty if nothing did.
    std::string const& fault() const { return fault_; }
    // A line of output as it may be shown.
    std::string shown(std::string_view line) const { return session_.secrets().hide_in_line(line); }
    std::uint64_t tasks_run() const { return tasks_run_; }

private:
    template<typename Event>
    void event(Now now, Effects& effects, Event what);
    void advance(Turn& turn);
    std::optional<TaskRun> next_task();
    std::uint64_t chunk_from(std::size_t index, std::uint64_t task);
    void settle(wire::Ended const& ended);

    std::shared_ptr<PreparedJob const> job_;
    std::vector<LocalPart> parts_;
    std::size_t part_ { 0 };
    // Of the part at hand: the next task, and how many runs have begun.
    std::uint64_t next_ { 0 };
    std::uint64_t begun_ { 0 };
    struct Running {
        std::size_t step { 0 };
        std::uint64_t tasks { 1 };
    };
    Running running_;
    // Of steps whose chunks are cut as they go.
    std::map<std::size_t, openjd::ChunkSizer> sizers_;
    Session session_;
    std::uint64_t last_action_ { 0 };
    std::uint64_t tasks_run_ { 0 };
    std::uint64_t stops_ { 0 };
    std::string fault_;
};

}
