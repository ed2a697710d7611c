#include <app/commands.h>
#include <app/daemon.h>
#include <app/local_farm.h>
#include <cli/client.h>

#include <memory>

namespace sidereal::app {

namespace {

struct Flags {
    std::string data { cli::default_data_dir() };
    std::int64_t port { default_port };
    std::int64_t agents { 1 };
    std::optional<std::int64_t> vcpus;
    std::optional<std::int64_t> memory_mib;
    std::optional<std::string> config;
};

Result<int> run_up(Flags const& flags)
{
    LocalFarm farm({ .data = flags.data,
        .port = flags.port,
        .agents = flags.agents,
        .vcpus = flags.vcpus,
        .memory_mib = flags.memory_mib,
        .node_config = flags.config });
    auto const url = TRY(farm.start());
    fmt::print("The farm is up at {} with {} agent{} on this machine; Ctrl-C stops it.\n"
               "Records and logs: {}\n"
               "Next: sidereal job submit BUNDLE --watch\n",
        url, flags.agents, flags.agents == 1 ? "" : "s", flags.data);
    std::fflush(stdout);
    auto tended = farm.run();
    farm.stop();
    TRY(tended);
    fmt::print("The farm has stopped.\n");
    return 0;
}

}

cli::Command up_command()
{
    return { .name = "up",
        .help = "run a whole farm on this machine: a brain and local agents",
        .example = "sidereal up --agents 2 --data ~/farm",
        .speaks = cli::Speaks::to_nobody,
        .declare = [](std::vector<cli::Option>& options) -> cli::Run {
            auto flags = std::make_shared<Flags>();
            options.push_back({ "--data", &flags->data, "folder of the farm's records", "DIR" });
            options.push_back({ .name = "--port",
                .target = &flags->port,
                .help = "the brain's port; 0 lets the system pick one",
                .value_name = "N",
                .min = 0,
                .max = 65535 });
            options.push_back({ .name = "--agents",
                .target = &flags->agents,
                .help = "how many agents share this machine",
                .value_name = "N",
                .min = 0,
                .max = 64 });
            options.push_back({ .name = "--vcpus",
                .target = &flags->vcpus,
                .help = "CPUs of each agent (default: the machine's, shared out)",
                .value_name = "N",
                .min = 1,
                .max = 100000 });
            options.push_back({ .name = "--memory-mib",
                .target = &flags->memory_mib,
                .help = "memory of each agent in MiB (default: the machine's, shared out)",
                .value_name = "N",
                .min = 1,
                .max = 1 << 30 });
            options.push_back({ "--config", &flags->config, "TOML file for the agents", "FILE" });
            return [flags](cli::Context const&) { return run_up(*flags); };
        } };
}

}
