#include <agent/local_run.h>

#include <base/verify.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

LocalRun::LocalRun(
    std::shared_ptr<PreparedJob const> job, std::vector<LocalPart> parts, SessionPlace place)
    : job_(std::move(job))
    , parts_(std::move(parts))
    , session_(job_, parts_.empty() ? 0 : parts_.front().step, std::move(place))
{
}

template<typename Event>
void LocalRun::event(Now now, Effects& effects, Event what)
{
    Turn turn { now, last_action_, effects };
    what(turn);
    if (turn.ended)
        settle(*std::exchange(turn.ended, std::nullopt));
    advance(turn);
}

void LocalRun::on_start(Now now, Effects& effects)
{
    event(now, effects, [](Turn&) {});
}

void LocalRun::on_line(std::string_view line, Now now, Effects& effects)
{
    event(now, effects, [&](Turn& turn) { session_.on_line(line, turn); });
}

void LocalRun::on_action_ended(ActionEnd const& end, Now now, Effects& effects)
{
    event(now, effects, [&](Turn& turn) { session_.on_action_ended(end, turn); });
}

void LocalRun::on_tick(Now now, Effects& effects)
{
    event(now, effects, [&](Turn& turn) { session_.on_tick(turn); });
}

void LocalRun::on_stop(Now now, Effects& effects)
{
    if (fault_.empty())
        fault_ = "interrupted";
    auto const how = stops_++ == 0 ? StopRequest::How::by_its_mode : StopRequest::How::kill;
    event(now, effects, [&](Turn& turn) {
        session_.stop({ how, wire::Outcome::canceled, wire::Cause::canceled, "interrupted" }, turn);
    });
}

void LocalRun::advance(Turn& turn)
{
    while (session_.takes_task() && fault_.empty()) {
        auto task = next_task();
        if (!task)
            break;
        session_.run(std::move(*task), turn);
        if (turn.ended)
            settle(*std::exchange(turn.ended, std::nullopt));
    }
    auto const busy = session_.action().has_value();
    if (!busy && !session_.closed())
        session_.close(turn);
    if (session_.closed() && session_.failed() && fault_.empty())
        fault_ = "an environment could not be left";
}

std::optional<TaskRun> LocalRun::next_task()
{
    for (; part_ < parts_.size(); ++part_, next_ = 0) {
        auto const& part = parts_[part_];
        auto const& space = job_->spec.steps[part.step].space;
        auto const count = part.tasks.empty() ? std::min(space.size(), part.most)
                                              : part.tasks.size();
        if (next_ >= count)
            continue;
        TaskRun run;
        run.step = part.step;
        if (!part.tasks.empty())
            run.values = part.tasks[next_];
        run.task = next_++;
        return run;
    }
    return std::nullopt;
}

void LocalRun::settle(wire::Ended const& ended)
{
    ++tasks_run_;
    if (ended.outcome != wire::Outcome::succeeded && fault_.empty())
        fault_ = ended.message;
}

}
