#include <app/agent_host.h>
#include <app/commands.h>
#include <app/daemon.h>
#include <app/settings.h>

#include <cli/client.h>
#include <io/file.h>
#include <io/loop.h>
#include <io/process.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <unistd.h>

namespace sidereal::app {

namespace {

struct Flags {
    std::string farm_data { cli::default_data_dir() };
    std::optional<std::string> brain_url;
    std::optional<std::string> dir;
    std::optional<std::string> config;
    std::optional<std::string> name;
    std::optional<std::int64_t> vcpus;
    std::optional<std::int64_t> memory_mib;
    std::int64_t keep_logs_days { 30 };
    std::int64_t keep_logs_mib { 10240 };
    LogFlags log;
};

FindBrain find_brain(Flags const& flags)
{
    if (flags.brain_url)
        return [url = *flags.brain_url] { return cli::parse_url(url); };
    return [file = flags.farm_data + "/url"]() -> Result<cli::Address> {
        auto url = io::read_file(file, 4096);
        if (!url)
            return fail(ErrorCode::unavailable,
                "no brain has left its address in {}: start one, or give --brain http://HOST:PORT",
                file);
        url->erase(url->find_last_not_of('\n') + 1);
        return cli::parse_url(*url);
    };
}

// The node's lasting identity: made once, kept in its folder.
Result<std::string> node_key(std::string const& dir)
{
    auto const path = dir + "/node_key";
    auto const known = io::read_file(path, 4096);
    if (known && known->size() == 32)
        return *known;
    if (!known && known.error().code != ErrorCode::not_found)
        return tl::unexpected(known.error());
    auto key = TRY(random_key());
    TRY(io::write_file_atomic(path, key));
    return key;
}

std::vector<std::string> action_environment(std::string const& marker)
{
    std::vector<std::string> variables;
    for (auto** entry = environ; *entry; ++entry) {
        if (!std::string_view(*entry).starts_with("SIDEREAL_"))
            variables.emplace_back(*entry);
    }
    variables.push_back(marker);
    return variables;
}

Result<agent::Config> make_config(Flags const& flags, NodeSettings settings)
{
    if (flags.name)
        settings.name = *flags.name;
    if (flags.vcpus)
        settings.vcpus = static_cast<double>(*flags.vcpus);
    if (flags.memory_mib)
        settings.memory_mib = static_cast<double>(*flags.memory_mib);
    agent::Config config;
    config.facts = node_facts(settings);
    config.memory_limit = settings.memory_limit.value_or(config.memory_limit);
    config.instance = TRY(random_instance());
    return config;
}

// Kills what an earlier life has left there. Without cgroups processes are counted and killed by
// their process groups, as far as those reach.
std::optional<io::CgroupBranch> claim_cgroups(std::string const& dir, io::Log& log)
{
    auto claimed = io::CgroupBranch::claim(dir);
    if (!claimed) {
        log.info("without_cgroups", { { "reason", claimed.error().message } });
        return std::nullopt;
    }
    log.info("with_cgroups",
        { { "path", claimed->path() }, { "counts_memory", claimed->measures_memory() } });
    return *std::move(claimed);
}

Result<int> run_agent(Flags const& flags)
{
    if (flags.brain_url)
        TRY(cli::parse_url(*flags.brain_url));
    auto log = TRY(open_log(flags.log));
    auto const settings = flags.config ? TRY(read_node_settings(*flags.config)) : NodeSettings {};
    auto config = TRY(make_config(flags, settings));
    auto const dir = std::filesystem::absolute(
        flags.dir.value_or(flags.farm_data + "/nodes/" + config.facts.name))
                         .lexically_normal()
                         .string();
    TRY(io::make_directories(dir));
    auto const lock = TRY(io::FileLock::acquire(dir + "/agent.lock"));
    config.node_key = TRY(node_key(dir));
    config.sessions_dir = dir + "/sessions";
    config.logs_dir = dir + "/logs";
    config.facts.scratch_bytes = TRY(io::free_bytes(dir));

    auto cgroups = claim_cgroups(dir, log);
    // What an earlier life that was killed has left behind, where cgroups did not hold it.
    auto const marker = "SIDEREAL_AGENT=" + dir;
    if (auto const killed = io::kill_leftovers(marker); killed > 0)
        log.warning("leftovers_killed", { { "processes", killed } });
    TRY(io::remove_tree(config.sessions_dir));
    TRY(io::make_directories(config.sessions_dir));
    config.base_environment = action_environment(marker);

    io::Loop loop;
    log.info("agent_starts",
        { { "node", config.facts.name }, { "vcpus", config.facts.vcpus }, { "dir", dir } });
    AgentHost host(loop, log, std::move(config), find_brain(flags), std::move(cgroups),
        { std::chrono::days(flags.keep_logs_days),
            static_cast<std::uint64_t>(flags.keep_logs_mib) << 20 });
    loop.on_signal({ SIGINT, SIGTERM }, [&](int) { host.stop(); });
    host.start();
    loop.run();
    log.info("agent_stopped");
    return 0;
}

}

cli::Command agent_command()
{
    return { .name = "agent",
        .help = "run this machine's part of the farm's work",
        .example = "sidereal agent --brain http://127.0.0.1:4766 --name forge --vcpus 16",
        .speaks = cli::Speaks::to_nobody,
        .declare = [](std::vector<cli::Option>& options) -> cli::Run {
            auto flags = std::make_shared<Flags>();
            options.push_back({ "--brain", &flags->brain_url, "the brain's address", "URL" });
            options.push_back({ "--data", &flags->farm_data,
                "folder of a brain on this machine; its address is found there", "DIR" });
            options.push_back({ "--dir", &flags->dir,
                "this node's own folder: identity, logs, working folders (default: below --data)",
                "DIR" });
            options.push_back({ "--config", &flags->config,
                "TOML file that says what the node has and what an hour of it costs", "FILE" });
            options.push_back(
                { "--name", &flags->name, "the node's name (default: the host's)", "NAME" });
            options.push_back({ .name = "--vcpus",
                .target = &flags->vcpus,
                .help = "CPUs the farm may use (default: all)",
                .value_name = "N",
                .min = 1,
                .max = 100000 });
            options.push_back({ .name = "--memory-mib",
                .target = &flags->memory_mib,
                .help = "memory the farm may use, in MiB (default: all)",
                .value_name = "N",
                .min = 1,
                .max = 1 << 30 });
            options.push_back({ .name = "--keep-logs-days",
                .target = &flags->keep_logs_days,
                .help = "remove logs of ended attempts after so many days",
                .value_name = "N",
                .min = 1,
                .max = 36500 });
            options.push_back({ .name = "--keep-logs-mib",
                .target = &flags->keep_logs_mib,
                .help = "remove the oldest of them where all have more than that, in MiB",
                .value_name = "N",
                .min = 1,
                .max = 1 << 30 });
            add_log_options(options, flags->log);
            return [flags](cli::Context const&) { return run_agent(*flags); };
        } };
}

}
