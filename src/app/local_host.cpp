#include <app/local_host.h>

#include <base/verify.h>
#include <io/clock.h>
#include <io/file.h>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace sidereal::app {

LocalHost::LocalHost(io::Loop& loop, agent::LocalRun& run, LocalWatcher watcher, Folder folder)
    : loop_(loop)
    , run_(run)
    , watcher_(std::move(watcher))
    , folder_(folder)
    , processes_(loop)
{
}

void LocalHost::start()
{
    turn([&](Now now, agent::Effects& effects) { run_.on_start(now, effects); });
}

void LocalHost::stop()
{
    turn([&](Now now, agent::Effects& effects) { run_.on_stop(now, effects); });
}

template<typename Event>
void LocalHost::turn(Event event)
{
    auto const now = io::now();
    agent::Effects effects;
    event(now, effects);
    for (auto& effect : effects.list)
        std::visit([this](auto& one) { this->carry_out(one); }, effect);
    arm_timer(now);
    if (run_.over())
        loop_.stop();
}

void LocalHost::arm_timer(Now now)
{
    auto const wake = run_.next_wake();
    if (!wake || (timer_ && timer_at_ <= *wake))
        return;
    loop_.cancel(timer_);
    timer_at_ = std::max(*wake, now.mono);
    timer_ = loop_.call_at(timer_at_, [this] {
        timer_ = {};
        turn([this](Now at, agent::Effects& effects) { run_.on_tick(at, effects); });
    });
}

void LocalHost::carry_out(agent::MakeSessionDir& effect) const
{
    // If this fails, the first action there fails and says so.
    if (auto const made = io::make_directories(effect.path, 0700); !made)
        watcher_.event(made.error().message);
}

void LocalHost::carry_out(agent::RemoveSessionDir& effect)
{
    processes_.end_leftovers(effect.path);
    if (folder_ == Folder::preserved)
        return;
    if (auto const removed = io::remove_tree(effect.path); !removed)
        watcher_.event(removed.error().message);
}

void LocalHost::carry_out(agent::RunAction& effect)
{
    watcher_.event(run_.doing());
    auto const start = [&]() -> Result<io::ProcessHandle> {
        for (auto const& file : effect.files)
            TRY(io::write_file(file.path, file.data, file.runnable ? 0700 : 0600));
        io::SpawnOptions options;
        if (effect.enters)
            options.leaves_to = effect.working_dir;
        options.argv = std::move(effect.argv);
        options.environment = std::move(effect.environment);
        options.working_dir = std::move(effect.working_dir);
        options.on_line = [this](std::string_view line) {
            turn([&](Now now, agent::Effects& effects) { run_.on_line(line, now, effects); });
            watcher_.line(run_.shown(line));
        };
        options.on_end = [this](io::ProcessEnd const& end) {
            agent::ActionEnd action;
            action.exit_code = end.exit_code;
            action.signal = end.signal;
            action_ended(action);
        };
        return processes_.start(std::move(options));
    };
    auto const started = start();
    if (started) {
        running_ = *started;
        return;
    }
    loop_.post([this, reason = started.error().message] {
        agent::ActionEnd action;
        action.not_started = reason;
        action_ended(action);
    });
}

void LocalHost::action_ended(agent::ActionEnd const& end)
{
    running_.reset();
    watcher_.event(end.exit_code ? fmt::format("Process exited with code: {}", *end.exit_code)
                                 : "Process " + agent::fault_of(end));
    turn([&](Now now, agent::Effects& effects) { run_.on_action_ended(end, now, effects); });
}

void LocalHost::carry_out(agent::SignalAction& effect)
{
    if (effect.cancel_info) {
        if (auto const told = io::write_file(effect.cancel_info->path, effect.cancel_info->data);
            !told)
            watcher_.event(told.error().message);
    }
    auto const signal = effect.signal == agent::Signal::kill ? SIGKILL : SIGTERM;
    // A process that has just ended needs no signal.
    if (running_)
        (void)processes_.signal_group(*running_, signal);
}

template<typename Other>
void LocalHost::carry_out(Other&) const
{
    bool const asked_without_brain = false;
    VERIFY(asked_without_brain);
}

}
