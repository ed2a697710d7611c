#include <app/local_farm.h>

#include <base/verify.h>
#include <cli/client.h>
#include <io/clock.h>
#include <io/file.h>
#include <io/host.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace sidereal::app {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t bytes_per_mib = 1024UL * 1024;
constexpr int max_restarts = 5;
constexpr auto brain_patience = 30s;
// Agents give their tasks up to 4 s to end, then leave their environments.
constexpr auto stop_grace = 15s;

std::string last_line(std::string const& path)
{
    auto text = io::read_file(path).value_or("");
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

}

MachineShare machine_share(MachineShare const& machine, std::int64_t agents, std::int64_t index)
{
    auto const part = [&](std::int64_t whole) {
        return std::max<std::int64_t>(1, whole / agents + (index < whole % agents ? 1 : 0));
    };
    return { part(machine.vcpus), part(machine.memory_mib) };
}

LocalFarm::LocalFarm(Options options)
    : options_(std::move(options))
{
    options_.data = std::filesystem::absolute(options_.data).lexically_normal().string();
}

Result<std::string> LocalFarm::start()
{
    auto const settings = options_.node_config ? TRY(read_node_settings(*options_.node_config))
                                               : NodeSettings {};
    TRY(io::make_directories(options_.data));
    {
        // What an earlier brain has left is no address of this one; that of one that runs stays.
        auto const nobody_else = TRY(io::FileLock::acquire(options_.data + "/brain.lock"));
        TRY(io::remove_tree(options_.data + "/url"));
    }
    TRY(start_part(
        "brain", { "brain", "--data", options_.data, "--port", std::to_string(options_.port) }));
    auto url = TRY(wait_for_brain());
    // Started again it must be where it was.
    parts_.front().arguments.back() = std::to_string(TRY(cli::parse_url(url)).port);

    TRY(start_agents(settings));
    return url;
}

Status LocalFarm::start_agents(NodeSettings const& settings)
{
    auto const host = io::read_host_facts();
    MachineShare const machine { host.cpu_count,
        static_cast<std::int64_t>(host.memory_total_bytes / bytes_per_mib) };
    for (std::int64_t i = 0; i < options_.agents; ++i) {
        auto const name = fmt::format("node-{}", static_cast<char>('a' + i % 26))
            + (i < 26 ? "" : std::to_string(i / 26));
        auto const share = machine_share(machine, options_.agents, i);
        std::vector<std::string> arguments { "agent", "--data", options_.data, "--name", name };
        auto const give = [&](char const* flag, std::optional<std::int64_t> asked,
                              std::optional<double> configured, std::int64_t shared) {
            if (asked || !configured)
                arguments.insert(arguments.end(), { flag, std::to_string(asked.value_or(shared)) });
        };
        give("--vcpus", options_.vcpus, settings.vcpus, share.vcpus);
        give("--memory-mib", options_.memory_mib, settings.memory_mib, share.memory_mib);
        if (options_.node_config)
            arguments.insert(arguments.end(), { "--config", *options_.node_config });
        TRY(start_part(name, std::move(arguments)));
    }
    return {};
}

Status LocalFarm::start_part(std::string name, std::vector<std::string> arguments)
{
    TRY(supervisor_.start(name, arguments, log_of(name)));
    parts_.push_back({ std::move(name), std::move(arguments) });
    return {};
}

Result<std::string> LocalFarm::wait_for_brain()
{
    auto const give_up_at = io::now().mono + brain_patience;
    for (;;) {
        if (auto url = io::read_file(options_.data + "/url", 4096)) {
            while (!url->empty() && url->back() == '\n')
                url->pop_back();
            return *url;
        }
        auto const log = log_of("brain");
        if (!supervisor_.take_ended().empty())
            return fail(ErrorCode::unavailable, "the brain did not start: {} (more in {})",
                last_line(log), log);
        if (supervisor_.interrupted())
            return fail(ErrorCode::unavailable, "interrupted");
        if (io::now().mono >= give_up_at)
            return fail(ErrorCode::timed_out, "the brain is not ready after {}: see {}",
                to_human(brain_patience), log);
        std::this_thread::sleep_for(10ms);
    }
}

Status LocalFarm::run()
{
    while (!interrupted()) {
        supervisor_.wait();
        TRY(tend());
    }
    return {};
}

Status LocalFarm::tend()
{
    for (auto const& name : supervisor_.take_ended()) {
        auto const part = std::find_if(
            parts_.begin(), parts_.end(), [&](Part const& known) { return known.name == name; });
        VERIFY(part != parts_.end());
        if (++part->restarts > max_restarts)
            return fail(ErrorCode::unavailable, "{} has ended by itself {} times: {} (more in {})",
                name, part->restarts, last_line(log_of(name)), log_of(name));
        TRY(supervisor_.start(name, part->arguments, log_of(name)));
    }
    return {};
}

void LocalFarm::stop() { supervisor_.stop_all(stop_grace); }

}
