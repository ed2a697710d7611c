#pragma once

#include <agent/calls.h>
#include <agent/outbox.h>
#include <base/result.h>
#include <io/unique_fd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Agents that start nothing: the real protocol (agent/calls.h, agent/outbox.h, the wire's codec)
// over real sockets, many in one thread, each with connections of its own as the real one has.
namespace sidereal::bench {

struct FakeAgentsOptions {
    std::uint16_t port { 0 };
    std::vector<wire::NodeFacts> nodes;
    // A task ends this long after its order came; 0: in the same turn; nothing: never.
    std::optional<Duration> task_time { Duration {} };
};

class FakeAgents {
public:
    explicit FakeAgents(FakeAgentsOptions options);
    ~FakeAgents();
    FakeAgents(FakeAgents const&) = delete;
    FakeAgents& operator=(FakeAgents const&) = delete;

    // Serves the sockets until `done`, which is asked after each round; false: time was up first.
    bool serve(std::function<bool()> const& done, Duration patience);

    bool all_let_in() const { return let_in_ == agents_.size(); }
    std::size_t connections() const { return connections_; }
    std::uint64_t calls() const { return calls_; }
    std::uint64_t started() const { return started_; }
    // Attempts that were ordered again although they had been ordered before: must stay 0.
    std::uint64_t repeated() const { return repeated_; }
    // Ends that the brain has said it applied.
    std::uint64_t acknowledged() const { return acknowledged_; }
    double vcpus_taken() const { return vcpus_taken_; }
    // What went wrong last; empty if nothing did.
    std::string const& trouble() const { return trouble_; }

private:
    struct Line;
    struct Agent;

    void begin(Agent& agent);
    void call_if_wanted(Agent& agent);
    void send(Agent& agent, wire::SyncRequest const& request);
    void connect(Agent& agent, Line& line);
    void write_more(Agent& agent, Line& line);
    void read_some(Agent& agent, Line& line);
    void take_response(Agent& agent, Line& line, std::string_view body);
    void apply(Agent& agent, wire::Order const& order);
    void end(Agent& agent, AttemptId attempt);
    void lose(Agent& agent, Line& line, std::string reason);
    void end_due();

    FakeAgentsOptions options_;
    io::UniqueFd epoll_;
    std::vector<std::unique_ptr<Agent>> agents_;
    std::deque<std::pair<Mono, std::pair<Agent*, AttemptId>>> due_;
    std::set<Agent*> to_retry_;
    std::vector<char> read_buffer_;
    Mono now_ {};
    std::size_t let_in_ { 0 };
    std::size_t connections_ { 0 };
    std::uint64_t calls_ { 0 };
    std::uint64_t started_ { 0 };
    std::uint64_t repeated_ { 0 };
    std::vector<bool> seen_; // by attempt
    std::uint64_t acknowledged_ { 0 };
    double vcpus_taken_ { 0 };
    std::string trouble_;
};

}
