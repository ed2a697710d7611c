#include <sim/farm_text.h>

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace sidereal::sim {

namespace {

using Out = std::back_insert_iterator<std::string>;

void write_job(Out out, farm::Job const& job)
{
    auto const& record = job.record;
    fmt::format_to(out, "job {} paused {} '{}' canceled {} ended {} live {}\n", record.id.value,
        record.paused, record.pause_reason, record.canceled,
        record.ended_at ? record.ended_at->time_since_epoch().count() : 0, job.live_attempts);
    for (std::size_t index = 0; index < job.steps.size(); ++index) {
        auto const& step = job.steps[index];
        fmt::format_to(out, "job {} step {} measured {} {} tasks ", record.id.value, index,
            step.run_times.count(), step.run_times.mean().value_or(Duration {}).count());
        for (std::uint64_t task = 0; task < step.tasks.size(); ++task)
            *out++ = static_cast<char>('0' + static_cast<int>(step.tasks.get(task)));
        for (auto const& [task, trouble] : step.troubles)
            fmt::format_to(
                out, " {}:{}+{}+{}", task, trouble.failures, trouble.losses, trouble.crashes);
        for (auto const& [node, blame] : step.blame)
            fmt::format_to(out, " blame {}:{}", node.value, blame.failures());
        *out++ = '\n';
    }
    for (auto const& [node, use] : job.use)
        fmt::format_to(out, "job {} use of node {}: {} {} {} {} {} {} {}\n", record.id.value,
            node.value, use.succeeded, use.other, use.run_time.count(), use.cpu_time.count(),
            use.max_rss_bytes, use.energy_wh, use.cost.micro_usd);
    // Their order is that in which they were first seen.
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> groups;
    for (auto const& group : job.failure_groups)
        groups[group.id] = { group.tasks, group.failures };
    for (auto const& [id, counts] : groups)
        fmt::format_to(out, "job {} failure group {}: {} tasks, {} failures\n", record.id.value, id,
            counts.first, counts.second);
    for (auto const& [place, failure] : job.failures)
        fmt::format_to(out, "job {} failure {}.{} attempt {} node {} cause {} {} {}\n",
            record.id.value, place.first, place.second, failure.attempt.value, failure.node.value,
            static_cast<int>(failure.cause), failure.message, failure.log_tail);
}

void write_node(Out out, farm::Node const& node)
{
    auto const& record = node.record;
    fmt::format_to(out, "node {} '{}' epoch {} instance {} draining {} used", record.id.value,
        record.key, record.epoch, record.agent_instance, record.draining);
    for (auto const& [name, amount] : node.used.list())
        fmt::format_to(out, " {}={:.6f}", name, amount);
    fmt::format_to(out, " blame {} occupying", node.blame.failures());
    for (auto const id : node.occupying)
        fmt::format_to(out, " {}", id.value);
    fmt::format_to(out, " queue");
    for (auto const id : node.queue)
        fmt::format_to(out, " {}", id.value);
    *out++ = '\n';
}

}

std::string farm_text(farm::Farm const& farm)
{
    std::string text;
    auto const out = std::back_inserter(text);
    fmt::format_to(
        out, "last job {} node {} attempt {}\n", farm.last_job, farm.last_node, farm.last_attempt);
    for (auto const& [id, job] : farm.jobs)
        write_job(out, job);
    for (auto const& [id, node] : farm.nodes)
        write_node(out, node);
    for (auto const& [id, attempt] : farm.attempts) {
        auto const& record = attempt.record;
        fmt::format_to(out, "attempt {} job {} step {} task {} node {} epoch {} occupies {}\n",
            id.value, record.job.value, record.step, record.task, record.node.value,
            record.node_epoch, attempt.occupies);
    }
    for (auto const id : farm.open_jobs)
        fmt::format_to(out, "open job {}\n", id.value);
    return text;
}

std::string first_difference(std::string_view a, std::string_view b)
{
    while (!a.empty() || !b.empty()) {
        auto const line_a = a.substr(0, a.find('\n'));
        auto const line_b = b.substr(0, b.find('\n'));
        if (line_a != line_b)
            return fmt::format("'{}' / '{}'", line_a, line_b);
        a.remove_prefix(std::min(a.size(), line_a.size() + 1));
        b.remove_prefix(std::min(b.size(), line_b.size() + 1));
    }
    return {};
}

}
