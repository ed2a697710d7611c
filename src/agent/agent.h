#pragma once

#include <agent/effects.h>
#include <base/id.h>
#include <base/result.h>
#include <base/time.h>
#include <wire/protocol.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The mind of the program on a node. Events come in with the time, effects go out as data; it
// starts no process and touches no file or socket itself. One thread.
namespace sidereal::agent {

struct Config {
    std::string node_key;
    // Names this life of the agent; different in every life, never 0.
    std::uint64_t instance { 1 };
    wire::NodeFacts facts;
    // Absolute folders of this node: working folders of sessions, and logs by job and attempt.
    std::string sessions_dir;
    std::string logs_dir;
    // Environment of every action, before the session's own variables: "NAME=value".
    std::vector<std::string> base_environment;
    // A session without work keeps its environments this long, in case more of its step comes.
    Duration session_linger { std::chrono::milliseconds(1500) };
    // While enough work is queued to keep the node busy, a call waits this long for more reports to
    // travel with it; 0: never.
    Duration report_delay { std::chrono::milliseconds(3) };
    // First and longest pause between calls while the brain cannot be reached.
    Duration retry_min { std::chrono::milliseconds(50) };
    Duration retry_max { std::chrono::seconds(2) };
    // How long running work is carried on without hearing from the brain.
    Duration adrift_limit { std::chrono::hours(1) };
    // A task that grows to so many times the memory it was given is ended; 0: none is for that
    // reason alone. Where all together take more than the node has, the one that exceeds its part
    // the most goes in any case.
    double memory_limit { 2 };
};

class Agent {
public:
    explicit Agent(Config config);
    ~Agent();
    Agent(Agent&&) noexcept;

    void on_start(Now now, Effects& effects);
    // Answer to the call with that number; or its failure (refused, cut, timed out, error status).
    void on_reply(std::uint64_t number, wire::SyncReply const& reply, Now now, Effects& effects);
    void on_call_failed(std::uint64_t number, Error const& error, Now now, Effects& effects);

    // Whether output of that action has to be kept line by line, as shown() gives it: its session
    // has secrets, or one of these lines may declare one.
    bool hides(ActionId action, std::string_view bytes) const;
    std::string shown(ActionId action, std::string_view line) const;
    // Every line of output, as it comes; true: on_line is to hear of it as well.
    bool takes_line(ActionId action, std::string_view line);
    // A line of output that was picked so; before shown() is asked for it.
    void on_line(ActionId action, std::string_view line, Now now, Effects& effects);
    // Once a second or so of what has run for longer than that.
    void on_sample(ActionId action, ActionSample const& sample, Now now, Effects& effects);
    void on_action_ended(ActionId action, ActionEnd const& end, Now now, Effects& effects);
    void on_log_read(wire::LogChunk chunk, Now now, Effects& effects);

    // Stop taking work, cancel what runs, exit the environments, tell the brain, then Stop.
    void on_stop(Now now, Effects& effects);
    void on_tick(Now now, Effects& effects);
    std::optional<Mono> next_wake() const;

    // For the World's checks and for logs: attempts that are queued or running.
    std::vector<AttemptId> holding() const;
    // Whether a process of that attempt runs now.
    std::vector<AttemptId> running() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Whether a line of output is for the mind: a directive or a renderer's progress.
bool line_matters(std::string_view line);

// Whether a line that begins like this may yet declare a secret.
bool may_declare_secret(std::string_view beginning);

}
