#pragma once

#include <agent/agent.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sidereal::agent {

// What a brain keeps of one agent: enough of the protocol to talk to it by hand in tests.
struct FakeBrain {
    std::uint64_t epoch { 1 };
    std::uint64_t instance { 77 };
    std::deque<wire::Order> orders;
    std::uint64_t first_order { 1 };
    std::vector<wire::JobText> jobs;
    std::uint64_t reports_applied { 0 };
    // Each applied once.
    std::vector<wire::Report> reports;

    void take(wire::SyncRequest const& request);
    wire::SyncReply reply() const;
    // A new life: it knows nothing of orders and reports.
    void restart();
};

// Stands in for the program around the agent: carries its effects out in memory, under a clock that
// only moves when told. For tests.
class FakeShell {
public:
    explicit FakeShell(Config config);

    void start();
    void stop();
    // The oldest open call is answered with all orders that are not acknowledged, and these.
    void answer(std::vector<wire::Order> orders = {});
    void answer(std::uint64_t number, wire::SyncReply const& reply);
    void fail(std::uint64_t number, Error const& error);
    void end(ActionId action, int exit_code = 0);
    void end_killed(ActionId action);
    void end(ActionId action, ActionEnd const& how);
    void sample(ActionId action, ActionSample const& sample);
    void say(ActionId action, std::string_view line);
    void log_read(wire::LogChunk chunk);
    // Ticks whenever the agent wants to be woken.
    void wait(Duration duration);

    // The oldest command that runs; ends the test program where none does.
    ActionId first_action() const;
    // What the agent asked for since the last time, a line each; calls and file contents left out.
    std::vector<std::string> take_trace() { return std::exchange(trace, {}); }
    std::vector<std::uint64_t> open_calls() const;
    wire::SyncRequest const& newest_call() const { return calls.rbegin()->second; }

    Agent agent;
    FakeBrain brain;
    Now now {};
    std::map<std::uint64_t, wire::SyncRequest> calls;
    std::uint64_t calls_made { 0 };
    std::map<ActionId, RunAction> actions;
    std::vector<std::string> trace;
    std::vector<ReadLogFile> log_reads;
    std::vector<ActionId> signaled;
    std::vector<Note> notes;
    bool stopped { false };
    // Calls do not reach the brain.
    bool cut { false };

private:
    template<typename Event>
    void event(Event what);
    void carry_out(Effect& effect);
};

}
