#include <app/seat_poller.h>

#include <io/clock.h>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <unistd.h>

namespace sidereal::app {

namespace {

constexpr std::size_t most_output = std::size_t { 1 } << 20;
constexpr Duration most_time = std::chrono::seconds(30);

std::vector<std::string> own_environment()
{
    std::vector<std::string> all;
    for (auto* const* entry = environ; entry && *entry; ++entry)
        all.emplace_back(*entry);
    return all;
}

}

SeatPoller::SeatPoller(io::Loop& loop, io::Log& log, BrainHost& host)
    : loop_(loop)
    , log_(log)
    , host_(host)
    , processes_(loop)
{
}

SeatPoller::~SeatPoller()
{
    for (auto const& [name, poll] : polls_) {
        loop_.cancel(poll.timer);
        loop_.cancel(poll.limit);
    }
}

void SeatPoller::look_at_rules()
{
    auto const& farm = host_.brain().farm;
    if (farm.rules_record.number == rules_seen_)
        return;
    rules_seen_ = farm.rules_record.number;
    std::map<std::string, Poll> wanted;
    for (auto const& rule : farm.rules.limits) {
        if (!rule.poll || rule.mode == farm::LimitMode::disabled)
            continue;
        auto known = polls_.extract(rule.name);
        auto& poll = wanted[rule.name];
        if (!known.empty())
            poll = std::move(known.mapped());
        poll.rule = *rule.poll;
        loop_.cancel(poll.timer);
        poll.timer = loop_.call_after({}, [this, name = rule.name] { ask(name); });
    }
    for (auto const& [name, dropped] : polls_) {
        loop_.cancel(dropped.timer);
        loop_.cancel(dropped.limit);
        if (dropped.process)
            (void)processes_.signal_group(dropped.process, SIGKILL);
    }
    polls_ = std::move(wanted);
}

void SeatPoller::ask(std::string const& limit)
{
    auto& poll = polls_.at(limit);
    poll.timer = loop_.call_after(poll.rule.every, [this, limit] { ask(limit); });
    if (poll.process)
        return;
    poll.output.clear();
    poll.asked_at = io::now().wall;
    io::SpawnOptions options;
    options.argv = poll.rule.command;
    options.environment = own_environment();
    options.on_line = [this, limit](std::string_view line) {
        auto const known = polls_.find(limit);
        if (known != polls_.end() && known->second.output.size() + line.size() < most_output)
            known->second.output.append(line).append("\n");
    };
    options.on_end = [this, limit](io::ProcessEnd const& end) { answered(limit, end); };
    auto const process = processes_.start(std::move(options));
    if (!process)
        return failed(limit, process.error().message);
    poll.process = *process;
    poll.limit = loop_.call_after(std::min(poll.rule.every, most_time),
        [this, process = *process] { (void)processes_.signal_group(process, SIGKILL); });
}

void SeatPoller::answered(std::string const& limit, io::ProcessEnd const& end)
{
    auto const known = polls_.find(limit);
    if (known == polls_.end())
        return;
    auto& poll = known->second;
    poll.process = {};
    loop_.cancel(poll.limit);
    if (end.signal)
        return failed(limit, fmt::format("the command was ended by signal {}", *end.signal));
    if (end.exit_code.value_or(0) != 0)
        return failed(limit, fmt::format("the command failed with exit code {}", *end.exit_code));
    auto const report = farm::read_report(poll.rule, poll.output, poll.asked_at);
    if (!report)
        return failed(limit, report.error().message);
    if (std::exchange(poll.failing, false))
        log_.info("seat_poll_works_again", { { "limit", limit } });
    host_.run([limit, report = *report](brain::Brain& brain, Now now, brain::Effects& effects) {
        brain::on_seat_report(brain, limit, report, now, effects);
    });
}

void SeatPoller::failed(std::string const& limit, std::string const& reason)
{
    auto& poll = polls_.at(limit);
    if (std::exchange(poll.failing, true))
        return;
    log_.warning("seat_poll_failed",
        { { "limit", limit }, { "reason", reason },
            { "effect",
                fmt::format("the last report counts for {} more, then the limit holds nothing back",
                    to_human(poll.rule.stale_after())) } });
}

}
