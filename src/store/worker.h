#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace sidereal::store {

// One thread that handles items in the order in which they are put in. The destructor waits until
// all are handled.
template<typename Item>
class Worker {
public:
    explicit Worker(std::function<void(Item&)> handle)
        : handle_(std::move(handle))
        , thread_([this] { run(); })
    {
    }

    ~Worker()
    {
        {
            std::lock_guard const lock(mutex_);
            ending_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    void put(Item item)
    {
        {
            std::lock_guard const lock(mutex_);
            items_.push_back(std::move(item));
        }
        wake_.notify_one();
    }

    std::size_t waiting() const
    {
        std::lock_guard const lock(mutex_);
        return items_.size();
    }

private:
    void run()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return ending_ || !items_.empty(); });
            if (items_.empty())
                return;
            auto item = std::move(items_.front());
            items_.pop_front();
            lock.unlock();
            handle_(item);
            lock.lock();
        }
    }

    std::function<void(Item&)> handle_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item> items_; // guarded by mutex_
    bool ending_ { false }; // guarded by mutex_
    std::thread thread_; // last: it uses all of the above
};

}
