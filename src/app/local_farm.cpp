#include <app/local_farm.h>

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

LocalFarm::LocalFarm(Options options)
    : options_(std::move(options))
{
    options_.data = std::filesystem::absolute(options_.data).lexically_normal().string();
}

Result<std::string> LocalFarm::start()
{
    TRY(io::make_directories(options_.data));
    auto const log_of = [&](std::string const& name) {
        return options_.data + "/" + name + ".log";
    };
    // An address that an earlier brain has left is not this one's.
    TRY(io::remove_tree(options_.data + "/url"));
    TRY(supervisor_.start("brain",
        { "brain", "--data", options_.data, "--port", std::to_string(options_.port) },
        log_of("brain")));
    auto url = TRY(wait_for_brain());

    auto const cpus = static_cast<std::int64_t>(io::read_host_facts().cpu_count);
    auto const share = std::max<std::int64_t>(1, cpus / std::max<std::int64_t>(1, options_.agents));
    for (std::int64_t i = 0; i < options_.agents; ++i) {
        auto const name = fmt::format("node-{}", static_cast<char>('a' + i % 26))
            + (i < 26 ? "" : std::to_string(i / 26));
        std::vector<std::string> arguments { "agent", "--data", options_.data, "--name", name,
            "--vcpus", std::to_string(options_.vcpus.value_or(share)) };
        if (options_.node_config)
            arguments.insert(arguments.end(), { "--config", *options_.node_config });
        TRY(supervisor_.start(name, std::move(arguments), log_of(name)));
    }
    return url;
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
        auto const log = options_.data + "/brain.log";
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

std::string LocalFarm::wait()
{
    supervisor_.wait();
    return take_ended();
}

std::string LocalFarm::take_ended()
{
    auto const ended = supervisor_.take_ended();
    return ended.empty() ? std::string() : ended.front();
}

void LocalFarm::stop() { supervisor_.stop_all(stop_grace); }

}
