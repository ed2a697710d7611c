#pragma once

#include <agent/agent.h>
#include <sim/brain_host.h>
#include <sim/services.h>
#include <sim/session_audit.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::sim {

// A node: its agent, which may be stopped, killed and started again, and the processes that the
// agent runs. Processes are what really happens; the checkers compare the books with them.
class NodeHost {
public:
    NodeHost(Services const& services, BrainHost& brain, Peer peer, Prng prng);

    void start();
    // kill -9; its processes die with it.
    void kill();
    // What a service manager does: asks the agent to stop and starts it again later.
    void stop();
    // What the farm tells the machine to do. It may do something else.
    void fall_asleep();
    void wake();
    void heal() { power_fails_ = 0; }
    void step_clock(Duration by) { clock_.step(by); }

    bool alive() const { return agent_.has_value(); }
    // Runs or sleeps, and has nothing to do.
    bool idle() const;
    // Jobs whose text it keeps, as it last told the brain.
    std::vector<JobId> const& jobs_known() const { return jobs_known_; }

private:
    struct Process {
        Script script;
        AttemptId attempt;
        std::string dir;
        double vcpus { 0 }; // of a task
        wire::GpuParts gpus {};
        Duration since {};
    };

    // Hands the agent an event, `event(agent, now, effects)`, and carries out what it wants.
    template<typename Event>
    void handle(Event const& event)
    {
        agent::Effects effects;
        event(*agent_, clock_.read(services_.agenda.now()), effects);
        carry_out(effects);
        arm();
    }
    void carry_out(agent::Effects& effects);
    void arm();
    void end_life(Duration down_for);

    void call(wire::SyncRequest request);
    void on_answer(std::uint64_t number, std::uint64_t epoch, brain::Answer const& answer);
    void trace_order(wire::Order const& order) const;
    void note_acknowledged(std::uint64_t epoch, wire::SyncReply const& reply);

    void run(agent::RunAction const& action);
    // Checks what starts here against the books; nothing if it may not run.
    std::optional<Process> admit(agent::RunAction const& action);
    void check_room();
    void check_gpus() const;
    // Its actions see those GPUs and no others.
    void check_sight(agent::RunAction const& action, wire::GpuParts const& gpus);
    void draw_fate(agent::ActionId action, Process const& process);
    void say(agent::ActionId action, Duration after, std::string line);
    void print(agent::ActionId action, Duration after, std::string line);
    void signal(agent::SignalAction const& signal);
    void end_process(agent::ActionId action, agent::ActionEnd end);
    void end_after(Duration wait, agent::ActionId action, agent::ActionEnd end);
    void tell_end(agent::ActionId action, agent::ActionEnd end);
    void read_log(agent::ReadLogFile const& read);

    Services services_;
    BrainHost& brain_;
    Peer peer_;
    Prng prng_;
    Work work_;
    ProcessClock clock_;
    SessionAudit sessions_;

    double power_fails_ { 0 };
    bool is_off_ { false };
    std::uint64_t life_ { 0 };
    std::optional<agent::Agent> agent_;
    std::optional<Duration> wake_at_;
    std::map<agent::ActionId, Process> processes_;
    // Over, and the agent has not heard of it.
    std::map<agent::ActionId, AttemptId> untold_;
    std::vector<JobId> jobs_known_;
    // Reports of success by number, sent under `epoch`, that the brain has not acknowledged.
    struct SentSuccess {
        AttemptId attempt;
        std::uint64_t epoch { 0 };
    };
    std::map<std::uint64_t, SentSuccess> successes_;
};

}
