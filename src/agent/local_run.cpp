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
    for (; part_ < parts_.size(); ++part_, next_ = 0, begun_ = 0) {
        auto const& part = parts_[part_];
        auto const& space = job_->spec.steps[part.step].space;
        auto const listed = !part.tasks.empty();
        if (next_ >= (listed ? part.tasks.size() : space.size()) || begun_ >= part.most)
            continue;
        TaskRun run;
        run.step = part.step;
        run.task = next_;
        if (listed)
            run.values = part.tasks[next_];
        else
            run.tasks = chunk_from(part.step, next_);
        next_ += run.tasks;
        ++begun_;
        running_ = { part.step, run.tasks };
        return run;
    }
    return std::nullopt;
}

// How many tasks from this one on go as one.
std::uint64_t LocalRun::chunk_from(std::size_t index, std::uint64_t task)
{
    auto const& step = job_->spec.steps[index];
    if (!step.chunks)
        return 1;
    auto const& sizer = sizers_.try_emplace(index, *step.chunks).first->second;
    return std::min(sizer.size(), step.space.together(task));
}

void LocalRun::settle(wire::Ended const& ended)
{
    ++tasks_run_;
    auto const sizer = sizers_.find(running_.step);
    if (ended.outcome == wire::Outcome::succeeded && sizer != sizers_.end())
        sizer->second.add(running_.tasks, ended.usage.run_time);
    if (ended.outcome != wire::Outcome::succeeded && fault_.empty())
        fault_ = ended.message;
}

}
