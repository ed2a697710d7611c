#pragma once

#include <base/result.h>
#include <base/time.h>
#include <store/log.h>
#include <store/view.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

namespace sidereal::store {

// Brings what the log has into the view, on a thread of its own that gives way to the others. The
// destructor brings in all that is there, unless it cannot.
class Follower {
public:
    struct Options {
        std::uint64_t max_behind_bytes;
        Duration gather;
    };
    // Brings in what an earlier life left before it returns.
    static Status catch_up(Log& log, View& view);
    Follower(Log& log, View& view, Options options);
    ~Follower();
    Follower(Follower const&) = delete;
    Follower& operator=(Follower const&) = delete;

    // The log has grown.
    void wake();
    // Waits while the view is too far behind; the view's own trouble if it cannot follow.
    Status wait_for_room();
    // Waits, not for ever, until the view has all that comes before.
    Status wait_for(std::uint64_t next);
    // Batches that the view does not have yet.
    std::uint64_t behind() const;

private:
    void run();
    bool is_behind() const;

    Log& log_;
    View& view_;
    Options const options_;
    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable progress_;
    LogPosition position_; // guarded by mutex_
    std::optional<Error> trouble_; // guarded by mutex_
    std::uint64_t asked_for_ { 0 }; // guarded by mutex_
    bool ending_ { false }; // guarded by mutex_
    std::thread thread_; // last: it uses all of the above
};

}
