#pragma once

#include <agent/agent.h>
#include <agent/outbox.h>
#include <agent/secrets.h>
#include <agent/session.h>
#include <agent/work_parts.h>
#include <base/id.h>
#include <base/time.h>
#include <wire/protocol.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sidereal::agent {

// The node's work: what is queued, what runs, the sessions it runs in and the jobs they know of.
// Its results go into the outbox.
class Work {
public:
    Work(Config const& config, Outbox& outbox)
        : config_(config)
        , outbox_(outbox)
    {
    }

    void learn(wire::JobText const& text);
    // For what starts from now on.
    void learn(wire::LogRuleSet const& rules);
    std::uint64_t log_rules_known() const { return log_rules_print_; }
    void apply(wire::Order const& order, Now now, Effects& effects);
    // First come, first served: the front of the queue starts as soon as its CPUs are free, and
    // nothing overtakes it. The brain counts on exactly this order.
    void fill_node(Now now, Effects& effects);

    bool takes_line(ActionId action, std::string_view line);
    void on_line(ActionId action, std::string_view line, Now now, Effects& effects);
    void on_sample(ActionId action, ActionSample const& sample, Now now, Effects& effects);
    void on_action_ended(ActionId action, ActionEnd const& end, Now now, Effects& effects);
    void on_tick(Now now, Effects& effects);
    std::optional<Mono> next_wake() const;

    // All that is held belongs to an epoch that is over: kill it and say nothing.
    void void_all(Now now, Effects& effects);
    // Kill and report all that is held.
    void interrupt_all(std::string const& reason, Now now, Effects& effects);
    // Take nothing more, drop the queue, end what runs in its own way but soon.
    void stop(Now now, Effects& effects);

    // Of the session that the action belongs to; none once it is over.
    Secrets const* secrets_of(ActionId action) const;

    bool holds_anything() const { return !queue_.empty() || !running_.empty(); }
    bool over() const { return !holds_anything() && sessions_.empty(); }
    // As much is queued as the node can run at a time.
    bool has_plenty() const { return queued_vcpus_ >= config_.facts.vcpus; }
    std::vector<AttemptId> holding() const;
    std::vector<AttemptId> running() const;
    std::vector<JobId> jobs_known() const;

private:
    using Sessions = std::map<SessionNumber, Place>;

    void cancel(wire::Cancel const& order, Now now, Effects& effects);
    void release(JobId job, Now now, Effects& effects);
    void read_log(wire::ReadLog const& order, Effects& effects);
    void start_what_fits(Now now, Effects& effects);
    bool fits(wire::Start const& order) const;
    bool fits_once_cleared(Now now, Effects& effects);
    static SessionKey key_of(wire::Start const& order);
    // Sessions that hold one of its GPUs, where either has it to itself; not one that it goes on
    // with.
    std::vector<SessionNumber> in_the_way(wire::Start const& order) const;
    void begin(wire::Start const& order, Now now, Effects& effects);
    std::string why_not(wire::Start const& order) const;
    wire::Start take_front();
    void drop_queue();
    void refuse(wire::Start const& order, wire::Cause cause, std::string message);
    void stop_running(StopRequest const& request, Now now, Effects& effects);
    void stop_one(SessionNumber number, StopRequest const& request, Now now, Effects& effects);
    void let_go(JobId job);

    Sessions::iterator session_for(wire::Start const& order);
    std::string log_folder(JobId job) const;
    void settle(Sessions::iterator at, Turn& turn);
    void finish(Place& place, wire::Ended end);
    void set_wake(Sessions::iterator at);
    void set_idle(Sessions::iterator at, Now now);
    void unset_idle(Sessions::iterator at);
    void close_idle(SessionNumber number, Now now, Effects& effects);
    void watch_silence(Place& place, ActionSample const& sample, Mono now);
    void watch_memory(SessionNumber number, Now now, Effects& effects);
    void end_for_memory(SessionNumber number, std::string_view why, Now now, Effects& effects);
    void close_idle_over(std::size_t limit, Now now, Effects& effects);

    Config const& config_;
    Outbox& outbox_;
    bool stopping_ { false };
    std::uint64_t last_action_ { 0 };
    SessionNumber last_session_ { 0 };

    std::shared_ptr<LogRules const> log_rules_;
    std::uint64_t log_rules_print_ { 0 };
    std::map<JobId, KnownJob> jobs_;
    std::deque<wire::Start> queue_;
    double queued_vcpus_ { 0 };
    std::map<AttemptId, Running> running_;
    double used_vcpus_ { 0 };
    double used_memory_mib_ { 0 };

    Sessions sessions_;
    std::map<ActionId, SessionNumber> actions_;
    std::set<std::pair<Mono, SessionNumber>> wakes_;
    // Idle ones, the longest idle first; and by what they can run.
    std::set<std::pair<Mono, SessionNumber>> idle_;
    std::map<SessionKey, std::set<SessionNumber>> idle_by_key_;
};

}
