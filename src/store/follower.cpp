#include <store/follower.h>

#include <store/record_bytes.h>

#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace sidereal::store {

namespace {

// What one transaction takes in.
constexpr std::size_t most_records = 20'000;
constexpr auto pause_after_trouble = std::chrono::milliseconds(500);
constexpr auto patience = std::chrono::seconds(10);
// Commits and answers go first where the processors are few.
constexpr int niceness = 10;

// One transaction's worth; false: there was nothing.
Result<bool> take_in(Log& log, View& view)
{
    auto at = view.position();
    farm::Records records;
    records.reserve(most_records);
    while (records.size() < most_records) {
        auto const batch = TRY(log.read(at));
        if (!batch)
            break;
        TRY(read_records(*batch, records));
    }
    if (at == view.position())
        return false;
    TRY(view.apply(records, at));
    log.release(at);
    return true;
}

}

Status Follower::catch_up(Log& log, View& view)
{
    while (TRY(take_in(log, view))) { }
    return {};
}

Follower::Follower(Log& log, View& view, Options options)
    : log_(log)
    , view_(view)
    , options_(options)
    , position_(view.position())
    , thread_([this] { run(); })
{
}

Follower::~Follower()
{
    {
        std::lock_guard const lock(mutex_);
        ending_ = true;
    }
    work_.notify_one();
    thread_.join();
}

void Follower::wake()
{
    // Not between its look at the log and its falling asleep.
    {
        std::lock_guard const lock(mutex_);
    }
    work_.notify_one();
}

bool Follower::is_behind() const { return log_.end().next > position_.next; }

std::uint64_t Follower::behind() const
{
    std::lock_guard const lock(mutex_);
    return log_.end().next - position_.next;
}

Status Follower::wait_for_room()
{
    std::unique_lock lock(mutex_);
    progress_.wait(
        lock, [this] { return trouble_ || log_.distance(position_) <= options_.max_behind_bytes; });
    if (trouble_)
        return tl::unexpected(*trouble_);
    return {};
}

Status Follower::wait_for(std::uint64_t next)
{
    std::unique_lock lock(mutex_);
    asked_for_ = std::max(asked_for_, next);
    work_.notify_one();
    auto const there = progress_.wait_for(
        lock, patience, [&] { return trouble_ || position_.next >= next; });
    if (position_.next >= next)
        return {};
    if (there)
        return tl::unexpected(*trouble_);
    return fail(ErrorCode::unavailable,
        "the history is {} commits behind what has happened: ask again later",
        log_.end().next - position_.next);
}

void Follower::run()
{
    // This thread's alone; without effect where it is not allowed.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return ending_ || is_behind(); });
        if (!is_behind())
            return;
        work_.wait_for(
            lock, options_.gather, [this] { return ending_ || asked_for_ > position_.next; });
        lock.unlock();
        auto const done = take_in(log_, view_);
        lock.lock();
        position_ = view_.position();
        trouble_ = done ? std::nullopt : std::optional(done.error());
        progress_.notify_all();
        if (done)
            continue;
        if (ending_)
            return;
        work_.wait_for(lock, pause_after_trouble, [this] { return ending_; });
    }
}

}
