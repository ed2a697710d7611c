#pragma once

#include <farm/farm.h>
#include <sched/room.h>
#include <sched/seats.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sidereal::sched {

// What many nodes share, and of which no more may be used than so much.
struct SharedCap {
    enum class Kind : std::uint8_t { seats, vcpus_of_project, watts };
    Kind kind { Kind::seats };
    // The limit's or project's.
    std::string_view name;
    // Of the circuit or room, in Rules::power.
    std::size_t place { 0 };
    // The project's part of this one, not of the farm.
    std::optional<std::size_t> pool;

    auto operator<=>(SharedCap const&) const = default;
};

// All of these, with what a draft adds to their use: seats of limits, watts of circuits and
// rooms, the vcpus that a project may have.
class SharedCaps {
public:
    SharedCaps(farm::Farm const& farm, Now now);

    // A project that has no such vcpus left: on the farm, or in that pool, where nobody may have
    // more of it for this project or one around it.
    std::optional<std::string_view> full_project(
        StepRef ref, std::optional<std::size_t> pool, double vcpus) const;
    // Null: before a node is known.
    std::optional<std::string_view> full_limit(StepRef ref, Room const* room) const;
    // As Rules::power.
    std::optional<std::size_t> full_power(StepRef ref, Room const& room) const;
    // The first that the step lacks there; `vcpus` it would take.
    std::optional<SharedCap> lacks(StepRef ref, Room const& room, double vcpus) const;
    // Whether there would be more of it without the attempt. Seats that are counted by node or
    // user, or that the server refused, are not had that way.
    bool frees_some_of(SharedCap const& cap, farm::AttemptRecord const& record) const;

    // What a task takes besides room, or with -1 gives back.
    void count(StepRef ref, farm::Node const& node, double vcpus, int sign);
    // Seats that the licence server will know of with its next report.
    void count_on_seats_given_back();
    bool has_power_to_wake(farm::Node const& node) const;
    void wake(farm::Node const& node);

private:
    // What a project may have at most, and has.
    struct Ceiling {
        double max_vcpus { 0 };
        double vcpus { 0 };
    };

    void add_up_power();
    void count_seats(Wall now);
    template<typename Map, typename Key>
    bool is_kept_from(Map const& kept, Key const& what, StepRef ref) const;

    farm::Farm const& farm_;
    std::vector<double> watts_; // as Rules::power
    std::map<std::string_view, Ceiling> ceilings_;
    std::map<std::pair<std::string_view, std::size_t>, Ceiling> pool_ceilings_;
    std::map<std::string_view, Seats> seats_;
};

}
