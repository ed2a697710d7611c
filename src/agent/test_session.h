#pragma once

#include <agent/session.h>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// A session that is driven by hand, and the small jobs that it runs.
namespace sidereal::agent {

using Lines = std::vector<std::string>;

inline openjd::FormatString text(std::string_view source)
{
    return openjd::FormatString::parse(source).value();
}

inline openjd::Action command(std::string_view first, std::vector<std::string> const& rest = {})
{
    openjd::Action action;
    action.command = text(first);
    for (auto const& argument : rest)
        action.args.push_back(text(argument));
    return action;
}

inline openjd::Action notified(openjd::Action action, Duration period)
{
    action.cancelation = openjd::Cancelation { openjd::Cancelation::Mode::notify_then_terminate,
        period };
    return action;
}

inline openjd::Environment environment(std::string const& name)
{
    openjd::Environment made;
    made.name = name;
    made.on_enter = command("enter", { name });
    made.on_exit = command("exit", { name });
    return made;
}

inline openjd::Job job_with(std::vector<openjd::Environment> environments)
{
    openjd::Job job;
    job.environments = std::move(environments);
    job.steps.resize(1);
    job.steps[0].name = "Render";
    job.steps[0].on_run = command("render");
    return job;
}

inline std::string told(Effect const& effect)
{
    if (auto const* run = std::get_if<RunAction>(&effect))
        return fmt::format("{}", fmt::join(run->argv, " "));
    if (auto const* signal = std::get_if<SignalAction>(&effect))
        return signal->signal == Signal::kill ? "kill" : "terminate";
    if (auto const* made = std::get_if<MakeSessionDir>(&effect))
        return "make " + made->path;
    if (auto const* removed = std::get_if<RemoveSessionDir>(&effect))
        return "remove " + removed->path;
    return "?";
}

// Drives one session; every method returns what the session asked for because of it.
struct Rig {
    explicit Rig(openjd::Job job)
        : session(prepare(std::move(job)), 0, { "/s", "/log/exit", { "HOME=/root", "PATH=/bin" } })
    {
    }

    template<typename Event>
    Lines event(Event what)
    {
        effects = {};
        Turn turn { now, last_action, effects };
        what(turn);
        if (turn.ended)
            ended = turn.ended;
        Lines lines;
        for (auto const& effect : effects.list)
            lines.push_back(told(effect));
        return lines;
    }

    Lines run(std::uint64_t task = 0)
    {
        ended.reset();
        return event([&](Turn& turn) {
            session.run(
                { { 7 }, task, { "SIDEREAL_TASK=" + std::to_string(task) }, "/log/7" }, turn);
        });
    }
    Lines run_step(std::size_t step)
    {
        ended.reset();
        return event([&](Turn& turn) {
            TaskRun task { { 7 }, 0, {}, "/log/7" };
            task.step = step;
            session.run(std::move(task), turn);
        });
    }
    Lines done(int exit_code = 0)
    {
        ActionEnd end;
        end.exit_code = exit_code;
        return over(end);
    }
    Lines over(ActionEnd const& end)
    {
        return event([&](Turn& turn) { session.on_action_ended(end, turn); });
    }
    Lines killed()
    {
        ActionEnd end;
        end.signal = 9;
        return over(end);
    }
    Lines line(std::string_view line)
    {
        return event([&](Turn& turn) { progress = session.on_line(line, turn); });
    }
    Lines close()
    {
        return event([&](Turn& turn) { session.close(turn); });
    }
    Lines stop(StopRequest const& request)
    {
        return event([&](Turn& turn) { session.stop(request, turn); });
    }
    Lines cancel()
    {
        return stop({ StopRequest::How::by_its_mode, wire::Outcome::canceled, wire::Cause::canceled,
            "not wanted" });
    }
    Lines after(Duration wait)
    {
        now.mono += wait;
        now.wall += wait;
        return event([&](Turn& turn) { session.on_tick(turn); });
    }
    RunAction const& action() const { return std::get<RunAction>(effects.list.back()); }
    std::string variable(std::string const& name) const
    {
        for (auto const& entry : action().environment) {
            if (entry.starts_with(name + '='))
                return entry.substr(name.size() + 1);
        }
        return "-";
    }

    Session session;
    std::uint64_t last_action { 0 };
    Now now {};
    Effects effects;
    std::optional<wire::Ended> ended;
    std::optional<ProgressLine> progress;
};

inline wire::Ended ended_with(wire::Outcome outcome, wire::Cause cause, std::string message)
{
    wire::Ended end;
    end.attempt = { 7 };
    end.outcome = outcome;
    end.cause = cause;
    end.message = std::move(message);
    return end;
}

}
