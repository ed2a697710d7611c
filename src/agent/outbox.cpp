#include <agent/outbox.h>

#include <agent/excerpt.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace sidereal::agent {

void Outbox::add(wire::Report report) { reports_.push_back(std::move(report)); }

void Outbox::add_progress(AttemptId attempt, ProgressLine const& line)
{
    auto& latest = progress_[attempt];
    if (latest.directive_seen && !line.directive)
        return;
    auto next = latest.report;
    next.attempt = attempt;
    next.percent = line.percent.value_or(next.percent);
    if (line.message)
        next.message = first_bytes(*line.message, 1024);
    latest.directive_seen = latest.directive_seen || line.directive;
    latest.changed = latest.changed || next != latest.report;
    latest.report = std::move(next);
}

void Outbox::add_silence(AttemptId attempt, Duration silent)
{
    auto& latest = progress_[attempt];
    latest.report.attempt = attempt;
    latest.changed = latest.changed || latest.report.silent != silent;
    latest.report.silent = silent;
}

void Outbox::fill(wire::SyncRequest& request, Mono now)
{
    for (auto& [attempt, latest] : progress_) {
        if (!latest.changed || latest.due() > now)
            continue;
        reports_.emplace_back(latest.report);
        latest.changed = false;
        latest.sent_at = now;
    }
    auto const count = std::min(reports_.size(), max_reports);
    request.first_report = first_;
    request.reports.assign(reports_.begin(), reports_.begin() + static_cast<std::ptrdiff_t>(count));
    first_unsent_ = std::max(first_unsent_, first_ + count);
}

void Outbox::acknowledge(std::uint64_t applied)
{
    while (!reports_.empty() && first_ <= applied && first_ < first_unsent_) {
        reports_.pop_front();
        ++first_;
    }
}

void Outbox::clear()
{
    first_ += reports_.size();
    first_unsent_ = first_;
    reports_.clear();
    progress_.clear();
}

std::optional<Mono> Outbox::progress_due() const
{
    std::optional<Mono> due;
    for (auto const& [attempt, latest] : progress_) {
        if (latest.changed && (!due || latest.due() < *due))
            due = latest.due();
    }
    return due;
}

void Outbox::list_ended(std::vector<AttemptId>& attempts) const
{
    for (auto const& report : reports_) {
        if (auto const* ended = std::get_if<wire::Ended>(&report))
            attempts.push_back(ended->attempt);
    }
}

}
