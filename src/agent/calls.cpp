#include <agent/calls.h>

#include <base/verify.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

namespace {

constexpr std::size_t max_open_calls = 2;
// Progress that comes alone waits this long after the call before it.
constexpr Duration progress_pause = std::chrono::milliseconds(500);
constexpr Duration farewell_limit = std::chrono::seconds(10);

// Trying again soon cannot help: a person must act.
bool is_refusal(Error const& error)
{
    return error.code == ErrorCode::conflict || error.code == ErrorCode::unauthorized
        || error.code == ErrorCode::invalid_input;
}

}

Accepted Calls::on_reply(
    std::uint64_t number, wire::SyncReply const& reply, Mono now, std::vector<Note>& notes)
{
    auto const found = open_.find(number);
    if (found == open_.end())
        return {};
    auto const call = found->second;
    open_.erase(found);
    last_heard_ = now;
    if (std::exchange(failures_, 0) > 0)
        notes.push_back({ Note::Level::info, "brain_reached", {} });
    retry_at_.reset();
    last_refusal_.clear();
    if (is_stray(call, number, reply))
        return {};
    auto const newest = number > last_answered_;
    last_answered_ = std::max(last_answered_, number);
    if (reply.lease > Duration {})
        lease_until_ = std::max(lease_until_.value_or(Mono::min()), call.sent_at + reply.lease);

    Accepted accepted;
    if (reply.epoch != epoch_) {
        accepted.epoch_changed = epoch_ != 0;
        if (accepted.epoch_changed)
            outbox_.clear();
    } else {
        outbox_.acknowledge(reply.reports_applied);
    }
    if (reply.epoch != epoch_ || reply.brain_instance != brain_instance_)
        orders_applied_ = reply.first_order - 1;
    epoch_ = reply.epoch;
    brain_instance_ = reply.brain_instance;
    if (epoch_ == 0)
        retry_at_ = now + config_.retry_max;
    left_ = left_ || (call.leaving && outbox_.empty());

    // A reply that was overtaken could bring back the text of a job that has been released.
    if (newest)
        accepted.jobs = reply.jobs;
    auto const next = orders_applied_ + 1;
    if (reply.first_order <= next && next - reply.first_order < reply.orders.size()) {
        accepted.orders = std::span(reply.orders).subspan(next - reply.first_order);
        orders_applied_ += accepted.orders.size();
    }
    return accepted;
}

// A reply that was overtaken: from an epoch or a life of the brain that is over.
bool Calls::is_stray(Open const& call, std::uint64_t number, wire::SyncReply const& reply) const
{
    if (reply.epoch < epoch_ && call.epoch != epoch_)
        return true;
    return reply.brain_instance != brain_instance_ && number < last_answered_;
}

void Calls::on_failed(std::uint64_t number, Error const& error, Mono now, std::vector<Note>& notes)
{
    if (open_.erase(number) == 0)
        return;
    // A newer call that is open carries all that this one did; it only arrived earlier.
    if (!is_refusal(error) && !open_.empty() && open_.rbegin()->first > number)
        return;
    note_failure(error, notes);
    if (retry_at_ && *retry_at_ > now)
        return;
    auto pause = config_.retry_max;
    if (!is_refusal(error)) {
        pause = config_.retry_min;
        for (unsigned i = 1; i < failures_ && pause < config_.retry_max; ++i)
            pause *= 2;
        pause = std::min(pause, config_.retry_max);
    }
    retry_at_ = now + pause;
}

void Calls::note_failure(Error const& error, std::vector<Note>& notes)
{
    ++failures_;
    if (is_refusal(error)) {
        if (std::exchange(last_refusal_, error.message) != error.message)
            notes.push_back(
                { Note::Level::error, "brain_refuses", { { "reason", error.message } } });
    } else if (failures_ == 1) {
        notes.push_back(
            { Note::Level::warning, "brain_unreachable", { { "reason", error.message } } });
    }
}

bool Calls::blocked() const { return left_ || open_.size() >= (epoch_ == 0 ? 1 : max_open_calls); }

bool Calls::says_farewell(Pace pace) const
{
    return leaving_ && pace.work_is_over
        && std::none_of(
            open_.begin(), open_.end(), [](auto const& it) { return it.second.leaving; });
}

bool Calls::has_news(Pace pace) const
{
    return open_.empty() || outbox_.has_unsent() || says_farewell(pace);
}

std::optional<Mono> Calls::progress_due() const
{
    auto const due = outbox_.progress_due();
    return due ? std::optional(std::max(*due, last_call_at_ + progress_pause)) : std::nullopt;
}

bool Calls::wants_call(Pace pace, Mono now)
{
    if (leaving_ && pace.work_is_over && !leaving_since_)
        leaving_since_ = now;
    if (blocked() || (retry_at_ && now < *retry_at_))
        return false;
    if (!has_news(pace)) {
        wanted_since_.reset();
        auto const due = progress_due();
        return due && *due <= now;
    }
    if (!wanted_since_)
        wanted_since_ = now;
    return !pace.may_wait || now >= *wanted_since_ + config_.report_delay;
}

wire::SyncRequest Calls::compose(Pace pace, Mono now)
{
    VERIFY(!blocked());
    wire::SyncRequest request;
    request.node_key = config_.node_key;
    request.agent_instance = config_.instance;
    request.epoch = epoch_;
    if (epoch_ == 0)
        request.facts = config_.facts;
    request.brain_instance = brain_instance_;
    request.number = ++last_number_;
    request.settled = (open_.empty() ? request.number : open_.begin()->first) - 1;
    request.orders_applied = orders_applied_;
    outbox_.fill(request, now);
    request.leaving = leaving_ && pace.work_is_over && !outbox_.has_unsent();
    open_.emplace(request.number, Open { epoch_, request.leaving, now });
    wanted_since_.reset();
    last_call_at_ = now;
    return request;
}

bool Calls::has_left(Pace pace, Mono now) const
{
    if (!leaving_ || !pace.work_is_over)
        return false;
    return left_ || epoch_ == 0 || (leaving_since_ && now >= *leaving_since_ + farewell_limit);
}

std::optional<Mono> Calls::next_wake(Pace pace) const
{
    std::optional<Mono> wake;
    if (leaving_since_ && !left_)
        wake = *leaving_since_ + farewell_limit;
    if (blocked())
        return wake;
    std::optional<Mono> at;
    if (has_news(pace))
        at = pace.may_wait && wanted_since_ ? *wanted_since_ + config_.report_delay : Mono::min();
    else
        at = progress_due();
    if (at && retry_at_)
        at = std::max(*at, *retry_at_);
    if (at)
        wake = wake ? std::min(*wake, *at) : *at;
    return wake;
}

}
