#pragma once

#include <base/time.h>
#include <io/function.h>

#include <cstdint>
#include <initializer_list>
#include <memory>

namespace sidereal::io {

// Names one timer of one loop; the default names none.
struct TimerId {
    std::uint64_t value { 0 };

    bool operator==(TimerId const&) const = default;
    explicit operator bool() const { return value != 0; }
};

// The event loop: sockets, processes, timers and signals call back on the one thread that is in
// run(). Owned by main (or by a test) and outlives everything that was given a reference to it.
// Only post() and stop() may be called from other threads.
class Loop {
public:
    using Task = Function<void()>;

    Loop();
    ~Loop();
    Loop(Loop const&) = delete;
    Loop& operator=(Loop const&) = delete;

    // Returns after stop(), at once if that came before; may be called again.
    void run();
    void stop();

    // Runs the task in a later turn of the loop, in the order of posting.
    void post(Task task);

    // Runs the task once, not before `time`; timers due at the same time run in the order of
    // asking.
    TimerId call_at(Mono time, Task task);
    TimerId call_after(Duration delay, Task task);
    // A timer that has run, or names nothing, is fine.
    void cancel(TimerId timer);

    // From now on these signals no longer end the process but call `handler` on the loop thread.
    void on_signal(std::initializer_list<int> signals, Function<void(int)> handler);

    // For the other files of io: the Asio context stands behind it (io/loop_impl.h).
    struct Impl;
    Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

}
