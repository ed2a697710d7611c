#include <app/commands.h>
#include <app/film_report.h>
#include <app/local_farm.h>

#include <cli/client.h>
#include <cli/submission.h>
#include <cli/watch_view.h>
#include <io/file.h>

#include <filesystem>
#include <memory>

namespace sidereal::app {

namespace {

struct Flags {
    std::string bundle;
    std::string out { "demo-out" };
    std::vector<std::string> parameters;
    std::int64_t agents { 2 };
    std::optional<std::string> config;
};

Result<cli::JobEnd> render(LocalFarm& farm, Flags const& flags, std::string const& film_dir)
{
    auto const url = TRY(farm.start());
    fmt::print("A brain is at {}, with {} agents, each a process of its own.\n", url, flags.agents);
    std::fflush(stdout);

    cli::SubmitFlags submit;
    submit.target = flags.bundle;
    submit.parameters = flags.parameters;
    submit.parameters.push_back("OutputDir=" + film_dir);
    auto const job = TRY(cli::submit_job(url, submit));
    fmt::print("Job {} is in: {}\n", job.value, flags.bundle);
    std::fflush(stdout);

    cli::WatchOptions watch;
    watch.style = cli::watch_style_for(stdout);
    Status tended;
    watch.keep_going = [&] {
        tended = farm.tend();
        return tended && !farm.interrupted();
    };
    auto end = cli::watch_job(url, job, watch);
    TRY(tended);
    return end;
}

Result<int> run_demo(Flags const& flags)
{
    namespace fs = std::filesystem;
    auto const out = fs::absolute(flags.out).lexically_normal().string();
    auto const film_dir = out + "/film";
    auto const data = out + "/farm";
    TRY(io::make_directories(film_dir, 0755));

    LocalFarm farm({ .data = data,
        .port = 0,
        .agents = flags.agents,
        .vcpus = {},
        .memory_mib = {},
        .node_config = flags.config });
    auto const end = render(farm, flags, film_dir);
    farm.stop();
    if (farm.interrupted()) {
        fmt::print(
            "Stopped by hand. Nothing is lost: 'sidereal up --data {}' goes on with the job.\n",
            data);
        return 130;
    }
    if (!end)
        return tl::unexpected(end.error());
    if (!end->succeeded())
        fmt::print("{}", cli::failure_report(end->job));
    auto const report = TRY(film_report(end->job, film_dir, data));
    TRY(io::write_file(out + "/report.txt", report, 0644));
    fmt::print("\n{}The report is kept in {}/report.txt\n", report, out);
    return end->succeeded() ? 0 : error_row(ErrorCode::job_failed).exit_code;
}

}

cli::Command demo_command()
{
    return { .name = "demo",
        .help = "render a film on a small farm on this machine and report what it took",
        .example = "sidereal demo --bundle examples/film-povray --out demo-out",
        .speaks = cli::Speaks::to_nobody,
        .declare = [](std::vector<cli::Option>& options) -> cli::Run {
            auto flags = std::make_shared<Flags>();
            options.push_back({ .name = "--bundle",
                .target = &flags->bundle,
                .help = "OpenJD bundle with a parameter OutputDir",
                .value_name = "DIR",
                .required = true });
            options.push_back({ "--out", &flags->out, "where film, report and records go", "DIR" });
            options.push_back({ "-p,--parameter", &flags->parameters,
                "a job parameter; may be given again", "NAME=VALUE" });
            options.push_back({ .name = "--agents",
                .target = &flags->agents,
                .help = "how many agents",
                .value_name = "N",
                .min = 1,
                .max = 64 });
            options.push_back(
                { "--config", &flags->config, "TOML file with the nodes' rate", "FILE" });
            return [flags](cli::Context const&) { return run_demo(*flags); };
        } };
}

}
