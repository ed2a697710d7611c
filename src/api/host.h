#pragma once

#include <brain/brain.h>
#include <io/function.h>
#include <store/store.h>

#include <optional>

namespace sidereal::api {

// What the routes need of the process that runs the brain; app implements it. Loop thread only.
class Host {
public:
    using Event = io::Function<void(brain::Brain&, Now, brain::Effects&)>;

    virtual ~Host() = default;

    // The state as of the last event, which may be a commit ahead of what is durable.
    virtual brain::Brain const& brain() const = 0;
    // A ticket whose answer will come to `take`, once, after the records it rests on are durable.
    virtual brain::Ticket open_ticket(io::Function<void(brain::Answer)> take) = 0;
    // The waiting side has gone away: its answer is dropped.
    virtual void drop_ticket(brain::Ticket ticket) = 0;
    // Runs one event of the brain's mind now and carries out its effects.
    virtual void run(Event event) = 0;
    // Calls `ready` once everything that has happened so far is durable.
    virtual void when_durable(io::Function<void()> ready) = 0;
    // Why nothing can be made durable at the moment, in words for whoever asks for something;
    // nothing while all is well.
    virtual std::optional<Error> store_trouble() const = 0;
    // The longest that one event or plan has kept the others waiting.
    virtual Duration longest_turn() const = 0;
    virtual store::Store& history() = 0;
};

}
