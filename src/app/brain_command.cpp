#include <app/brain_host.h>
#include <app/commands.h>
#include <app/daemon.h>
#include <app/seat_poller.h>

#include <api/api.h>
#include <cli/client.h>
#include <cli/version.h>
#include <io/file.h>
#include <io/file_limit.h>
#include <io/http_server.h>
#include <io/loop.h>
#include <store/log_store.h>

#include <algorithm>
#include <csignal>
#include <memory>

namespace sidereal::app {

namespace {

struct Flags {
    std::string data { cli::default_data_dir() };
    std::string host { "127.0.0.1" };
    std::int64_t port { default_port };
    double lease_s { 30 };
    LogFlags log;
};

// Beside connections the store and the log need some.
constexpr std::size_t files_kept_back = 200;

Result<std::unique_ptr<io::HttpServer>> listen(io::Loop& loop, api::Api& api, Flags const& flags)
{
    // An agent has up to two connections.
    io::HttpServerLimits limits;
    limits.connections = std::max(io::raise_file_limit(), 2 * files_kept_back) - files_kept_back;
    return io::HttpServer::listen(
        loop, flags.host, static_cast<std::uint16_t>(flags.port),
        [&api](io::HttpRequest request, io::Responder const& responder) {
            api.handle(std::move(request), responder);
        },
        limits);
}

Result<int> run_brain(Flags const& flags)
{
    auto log = TRY(open_log(flags.log));
    TRY(io::make_directories(flags.data));
    auto const lock = TRY(io::FileLock::acquire(flags.data + "/brain.lock"));
    auto store = TRY(store::open_store({ .path = flags.data + "/farm.db" }));

    io::Loop loop;
    brain::Config config;
    config.instance = TRY(random_instance());
    config.lease = from_seconds(flags.lease_s);
    config.hold = std::min(config.hold, config.lease * 2 / 5);
    BrainHost host(loop, log, *store, config);
    TRY(host.restore());
    api::Api api(host, loop, std::string(cli::version));
    SeatPoller seats(loop, log, host);
    seats.look_at_rules();
    host.on_change([&api, &seats] {
        api.changed();
        seats.look_at_rules();
    });
    auto server = TRY(listen(loop, api, flags));

    auto const url = fmt::format("http://{}:{}", flags.host, server->port());
    auto const url_file = flags.data + "/url";
    TRY(io::write_file_atomic(url_file, url + "\n"));
    log.info("brain_ready", { { "url", url }, { "data", flags.data } });
    loop.on_signal({ SIGINT, SIGTERM }, [&](int) {
        server->close();
        host.when_idle([&] { loop.stop(); });
    });
    loop.run();
    log.info("brain_stopped");
    return 0;
}

}

cli::Command brain_command()
{
    return { .name = "brain",
        .help = "run the farm's server: queue, scheduler, API",
        .example = "sidereal brain --data /srv/farm --port 4766",
        .speaks = cli::Speaks::to_nobody,
        .declare = [](std::vector<cli::Option>& options) -> cli::Run {
            auto flags = std::make_shared<Flags>();
            options.push_back({ "--data", &flags->data, "folder of the farm's records", "DIR" });
            options.push_back(
                { "--host", &flags->host, "loopback address to listen on", "ADDRESS" });
            options.push_back({ .name = "--port",
                .target = &flags->port,
                .help = "0 lets the system pick one",
                .value_name = "N",
                .min = 0,
                .max = 65535 });
            options.push_back({ .name = "--lease",
                .target = &flags->lease_s,
                .help = "seconds without a word after which a node is given up",
                .value_name = "S",
                .min = 1,
                .max = 3600 });
            add_log_options(options, flags->log);
            return [flags](cli::Context const&) { return run_brain(*flags); };
        } };
}

}
