#include <io/loop_impl.h>

#include <io/clock.h>

#include <boost/asio/post.hpp>

namespace sidereal::io {

Loop::Loop()
    : impl_(std::make_unique<Impl>())
{
}

Loop::~Loop() = default;

void Loop::run()
{
    impl_->context.run();
    impl_->context.restart();
}

void Loop::stop() { impl_->context.stop(); }

void Loop::post(Task task)
{
    boost::asio::post(impl_->context, [task = std::move(task)] { task(); });
}

TimerId Loop::call_at(Mono time, Task task)
{
    auto const id = ++impl_->last_timer;
    impl_->timers.emplace(std::pair(time, id), std::move(task));
    impl_->timer_times.emplace(id, time);
    impl_->arm();
    return TimerId { id };
}

TimerId Loop::call_after(Duration delay, Task task)
{
    return call_at(mono_now() + delay, std::move(task));
}

void Loop::cancel(TimerId timer)
{
    auto const found = impl_->timer_times.find(timer.value);
    if (found == impl_->timer_times.end())
        return;
    // The alarm stays armed: one wake-up too many is cheaper than arming anew at each cancel.
    impl_->timers.erase(std::pair(found->second, timer.value));
    impl_->timer_times.erase(found);
}

void Loop::on_signal(std::initializer_list<int> signals, Function<void(int)> handler)
{
    auto& watch = impl_->signal_watches.emplace_back(impl_->context, std::move(handler));
    for (auto const signal : signals)
        watch.set.add(signal);
    impl_->await_signal(watch);
}

void Loop::Impl::await_signal(SignalWatch& watch)
{
    watch.set.async_wait([this, &watch](boost::system::error_code failure, int signal) {
        if (failure)
            return;
        watch.handler(signal);
        await_signal(watch);
    });
}

void Loop::Impl::arm()
{
    if (in_timers || timers.empty())
        return;
    auto const earliest = timers.begin()->first.first;
    if (earliest >= alarm_time)
        return;
    alarm_time = earliest;
    using SteadyTime = std::chrono::steady_clock::time_point;
    // Mono counts from the origin of the steady clock, CLOCK_MONOTONIC.
    auto const since_origin = std::chrono::duration_cast<SteadyTime::duration>(
        std::min(earliest, Mono(std::chrono::hours(24 * 365 * 100))).time_since_epoch());
    alarm.expires_at(SteadyTime(since_origin));
    alarm.async_wait([this](boost::system::error_code failure) {
        if (!failure)
            run_timers();
    });
}

void Loop::Impl::run_timers()
{
    alarm_time = Mono::max();
    in_timers = true;
    auto const due = mono_now();
    // Timers set by these tasks wait for the next turn, so that one that sets itself anew without a
    // delay cannot keep sockets waiting.
    auto const newest = last_timer;
    auto next = timers.begin();
    while (next != timers.end() && next->first.first <= due && !context.stopped()) {
        if (next->first.second > newest) {
            ++next;
            continue;
        }
        auto const id = next->first.second;
        auto const task = std::move(next->second);
        timers.erase(next);
        timer_times.erase(id);
        task();
        next = timers.begin();
    }
    in_timers = false;
    arm();
}

}
