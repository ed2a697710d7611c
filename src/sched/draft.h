#pragma once

#include <farm/farm.h>
#include <sched/room.h>
#include <sched/shared_caps.h>
#include <sched/wait_class.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

// The farm as it would be with the placements made so far: what plan() grows and why() asks.
namespace sidereal::sched {

class Draft {
public:
    Draft(farm::Farm const& farm, Now now);

    farm::Farm const& farm() const { return farm_; }
    Now now() const { return now_; }
    // Of all nodes that take work; those that had space when the draft was made come first.
    std::span<Room> rooms();
    std::span<Room const> rooms() const;
    // Null: the node takes no work.
    Room* room(NodeId id);
    // Only those that had space. On a full farm they are few, and a plan needs no others.
    std::span<Room> open_rooms() { return { rooms_.data(), open_ }; }
    std::span<Room const> open_rooms() const { return { rooms_.data(), open_ }; }
    // The farm's open jobs, in the order of their ids.
    std::vector<farm::Job const*> const& open_jobs() const { return open_jobs_; }

    // What holds the job back whatever the nodes are like; `next` if nothing does.
    WaitClass job_gate(farm::Job const& job) const;
    WaitClass step_gate(StepRef ref) const;
    // Whether the node takes the step's next task; `next` if it does.
    WaitClass node_gate(StepRef ref, Room const& room) const;
    // What a task of the step takes of that node.
    farm::Amounts taken(StepRef ref, Room const& room) const;
    // Whether there is room for that, whatever else may be in the way.
    bool has_room(StepRef ref, Room const& room, farm::Amounts const& taken) const;
    wire::GpuParts take(StepRef ref, Room& room, farm::Amounts const& wanted);
    farm::GpuNeed gpu_need(StepRef ref) const;
    // Memory of the smallest GPU that it would get there, as a part of the largest GPU's.
    double gpu_size(StepRef ref, Room const& room) const;
    // A session of the step stands open there, its environments entered.
    bool has_session(StepRef ref, Room const& room) const;
    std::vector<Room*> const* rooms_with_session(StepRef ref) const;
    // One step takes no more than a part of a node, Rules::step_part_of_node.
    void limit_steps(bool limited) { steps_are_limited_ = limited; }
    // A node that sleeps, as it will be.
    static Room woken(farm::Node const& node);
    // As if the attempt were gone from the node already, and the other way round.
    void leave_out(Room& room, AttemptId id);
    void put_back(Room& room, AttemptId id);
    SharedCaps& shared_caps() { return shared_caps_; }
    SharedCaps const& shared_caps() const { return shared_caps_; }
    // Takes the rooms for open that have space by now; pointers to rooms are void then.
    void open_freed_rooms();
    bool is_left_out(AttemptId id) const { return left_out_.contains(id); }
    void keep(Room& room, farm::Step const& step, Duration from);
    std::size_t reservations() const { return reservations_; }
    // Room beside idle GPUs is kept for GPU work that waited when the draft was made.
    bool keeps_gpus() const { return gpu_vcpus_ > 0; }
    // Whether what failed on nodes keeps the step from some of them.
    bool blames(StepRef ref) const { return !held_back_.empty() || !ref.step().blame.empty(); }
    // What failed on the node keeps this step from it, and it may still run elsewhere.
    bool is_held_back(StepRef ref, Room const& room) const;
    // Tasks of any kind fail there that run elsewhere.
    bool is_bad(NodeId node) const { return held_back_.contains(node); }
    // The circuit or room that the gate spoke of, for the text.
    farm::PowerRule const* full_power(StepRef ref, Room const& room) const;

private:
    struct Counted {
        double vcpus { 0 };
        std::uint64_t tasks { 0 };
        std::map<NodeId, std::uint32_t> nodes;
    };
    void find_sessions();
    double largest_gpu_mib() const;
    wire::GpuParts take_gpus(StepRef ref, Room& room, farm::Amounts& taken) const;
    std::optional<std::vector<std::size_t>> pick(StepRef ref, Room const& room) const;
    bool waits_for_session(StepRef ref, Room const& room) const;
    StepRef step_of(farm::AttemptRecord const& record) const;
    bool is_too_much_of(StepRef ref, Room const& room) const;
    WaitClass room_gate(StepRef ref, Room const& room, farm::Amounts const& wanted) const;
    void hold_back_bad_nodes();
    bool fails_on(StepRef ref, Room const& room) const;
    void look_for_gpu_work();
    void open_all() const;
    // Whether an empty node like that would take it.
    bool could_run_on(StepRef ref, Room const& room, farm::Amounts const& wanted) const;
    bool has_gpus() const;
    bool fits_somewhere(StepRef ref) const;
    WaitClass cap_gate(farm::Caps const& caps, std::uint64_t tasks, double vcpus, double more,
        WaitClass reason) const;
    bool node_is_capped(farm::Caps const& caps, std::map<NodeId, std::uint32_t> const& before,
        Counted const* more, NodeId node) const;
    bool leaves_room_for_gpus(StepRef ref, Room const& room, farm::Amounts const& taken) const;
    Counted const* more_of(farm::Job const* job) const;
    Counted const* more_of(farm::Step const* step) const;

    farm::Farm const& farm_;
    Now now_;
    std::vector<farm::Job const*> open_jobs_;
    // Room enough for all from the beginning, so that they stay where they are.
    mutable std::vector<Room> rooms_;
    std::size_t open_ { 0 };
    mutable bool all_open_ { false };
    SharedCaps shared_caps_;
    std::map<std::pair<JobId, std::uint32_t>, std::vector<Room*>> with_session_;
    mutable std::optional<double> largest_gpu_mib_;
    bool steps_are_limited_ { false };
    // What the plan adds to the farm's own counts.
    std::map<farm::Job const*, Counted> jobs_;
    std::map<farm::Step const*, Counted> steps_;
    std::set<AttemptId> left_out_;
    std::size_t reservations_ { 0 };
    std::set<NodeId> held_back_;
    // Of steps that failed somewhere: whether a node is left that nothing speaks against.
    mutable std::map<farm::Step const*, bool> may_run_elsewhere_;
    // The vcpus that a waiting GPU task takes for each GPU; 0 if none waits.
    double gpu_vcpus_ { 0 };
    farm::Tier gpu_tier_ { farm::Tier::idle };
};

// No higher than its projects may have.
farm::Tier tier_of(farm::Farm const& farm, farm::Job const& job);
// Whether the jobs that this one waits for are done.
bool jobs_before_are_done(farm::Farm const& farm, farm::Job const& job);
// Steps with tasks to give out, as far as other steps are concerned.
bool is_open(farm::Job const& job, std::size_t index);

}
