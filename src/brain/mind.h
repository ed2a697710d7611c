#pragma once

#include <base/verify.h>
#include <brain/brain.h>

#include <string_view>
#include <type_traits>
#include <utility>

// What the brain's event handlers share; not for other layers.
namespace sidereal::brain {

template<typename RecordType>
void record(Brain& brain, RecordType const& fact, Effects& effects)
{
    // Of the brain's own records only a new job or new rules could be refused.
    if constexpr (std::is_same_v<RecordType, farm::JobRecord>)
        VERIFY(brain.farm.apply(fact).has_value());
    else
        brain.farm.apply(fact);
    effects.records.emplace_back(fact);
}

void note(Effects& effects, Note::Level level, std::string event,
    std::vector<std::pair<std::string, std::string>> fields);
void refuse(Effects& effects, Ticket ticket, Error error);
Error no_such_job(JobId id);

void push_order(Brain& brain, NodeId node, wire::Order order);
void answer(Brain& brain, NodeId id, Link::Held call, Effects& effects);
// Answers the calls of that node that are open, with whatever there is.
void answer_all(Brain& brain, NodeId id, Effects& effects);
// on_tick looks at what has run out by then.
void expire_by(Brain& brain, Mono time);

// Tells the attempt's agent to stop it, once; it goes on counting until the agent says it ended.
void stop_attempt(Brain& brain, farm::Attempt& attempt, std::string_view reason);
// The attempt ends; energy and cost are worked out here.
void end_attempt(Brain& brain, AttemptId id, wire::Ended const& report, Now now, Effects& effects);
// Everything the node holds is lost; the epoch moves on, so that nothing late of it counts.
void give_up_node(Brain& brain, NodeId id, wire::Cause cause, std::string_view message, Now now,
    Effects& effects);

// Says who sleeps and who wakes, by the farm's rules.
void manage_power(Brain& brain, Now now, Effects& effects);
// The node calls, for the first time in its life or not: then it may have slept and woken.
void note_call(Brain& brain, NodeId id, bool first_of_its_life, Now now, Effects& effects);
constexpr Duration between_power = std::chrono::seconds(1);
// Stops running attempts that have outrun what their steps allow.
void stop_overdue(Brain& brain, Now now);
// It has begun, or something has changed for it.
void watch_for_overdue(Brain& brain, farm::AttemptRecord const& attempt, Now now);

// The end of every event that changes something: closes the jobs that its records have settled; the
// next tick plans and answers.
void settle(Brain& brain, Now now, Effects& effects);
// Carries one plan out.
void schedule(Brain& brain, Now now, Effects& effects);
// Answers the calls that are due or have news.
void deliver(Brain& brain, Effects& effects);

}
