#pragma once

#include <agent/local_run.h>
#include <io/loop.h>
#include <io/process.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal::app {

// What a person is shown of a run on this machine.
struct LocalWatcher {
    // A line that a child printed.
    std::function<void(std::string_view)> line;
    // What begins or ends, in words of ours.
    std::function<void(std::string_view)> event;
};

// The body of a LocalRun: carries out what it decides on this machine and ends the loop when it is
// over. Owned by `openjd run`; loop thread only.
class LocalHost {
public:
    enum class Folder : std::uint8_t { removed, preserved };

    LocalHost(io::Loop& loop, agent::LocalRun& run, LocalWatcher watcher, Folder folder);
    LocalHost(LocalHost const&) = delete;
    LocalHost& operator=(LocalHost const&) = delete;

    void start();
    void stop();

private:
    template<typename Event>
    void turn(Event event);
    void arm_timer(Now now);

    void carry_out(agent::MakeSessionDir& effect) const;
    void carry_out(agent::RemoveSessionDir& effect);
    void carry_out(agent::RunAction& effect);
    void carry_out(agent::SignalAction& effect);
    // What only an agent with a brain asks for.
    template<typename Other>
    void carry_out(Other&) const;

    void action_ended(agent::ActionEnd const& end);

    io::Loop& loop_;
    agent::LocalRun& run_;
    LocalWatcher watcher_;
    Folder folder_;
    io::ProcessRunner processes_;
    std::optional<io::ProcessHandle> running_;
    io::TimerId timer_;
    Mono timer_at_ {};
};

}
