#pragma once

#include <agent/agent.h>
#include <app/log_keeper.h>
#include <cli/client.h>
#include <io/cgroup.h>
#include <io/host.h>
#include <io/http_client.h>
#include <io/log.h>
#include <io/loop.h>
#include <io/process.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sidereal::app {

// Where the brain can be reached at this moment; asked again after each failed call, since a brain
// that was restarted may have another port.
using FindBrain = std::function<Result<cli::Address>()>;

// The body of an agent: gives its mind the events of sockets, processes and the clock, and carries
// out what it decides. Owned by the agent's main; loop thread only.
class AgentHost {
public:
    // With cgroups each session has one, by which its tasks are measured: what an environment
    // leaves running serves them and ends with the session. In it each action has its own, to be
    // killed by.
    AgentHost(io::Loop& loop, io::Log& log, agent::Config config, FindBrain find_brain,
        std::optional<io::CgroupBranch> cgroups, LogLimits log_limits);
    AgentHost(AgentHost const&) = delete;
    AgentHost& operator=(AgentHost const&) = delete;

    void start();
    // Ends the loop once the work is put away.
    void stop();

private:
    // A call that the brain holds takes up its connection, so news needs another one.
    struct Line {
        std::unique_ptr<io::HttpClient> client;
        cli::Address address;
        bool busy { false };
    };

    void turn(std::function<void(Now, agent::Effects&)> const& event);
    void arm_timer(Now now);
    void call_failed(std::uint64_t number, Error error);
    void answered(std::uint64_t number, Line& line, Result<io::HttpResponse> response);
    Result<Line*> free_line();
    void prune_logs();
    Status put_into_cgroup(io::SpawnOptions& options);

    void carry_out(agent::CallBrain& effect);
    void carry_out(agent::MakeSessionDir& effect);
    void carry_out(agent::RemoveSessionDir& effect);
    void carry_out(agent::RunAction& effect);
    void carry_out(agent::SignalAction& effect);
    void carry_out(agent::ReadLogFile& effect);
    void carry_out(agent::Stop& effect);

    io::Loop& loop_;
    io::Log& log_;
    LogKeeper log_keeper_;
    agent::Agent agent_;
    FindBrain find_brain_;
    // Nothing: to be found anew.
    std::optional<cli::Address> address_;
    std::array<Line, 2> lines_;
    std::optional<io::CgroupBranch> cgroups_;
    io::GpuProbe gpus_;
    io::ProcessRunner processes_;
    std::map<agent::ActionId, io::ProcessHandle> running_;
    io::TimerId timer_;
    Mono timer_at_ {};
};

}
