#include <app/commands.h>

#include <app/daemon.h>
#include <app/local_host.h>
#include <app/local_parts.h>
#include <app/run_printer.h>
#include <cli/openjd_input.h>
#include <cli/output.h>
#include <io/clock.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <unistd.h>

namespace sidereal::app {

namespace {

struct Flags {
    cli::OpenjdFlags common;
    LocalFlags parts;
    std::string path_rules;
    bool preserve { false };
    bool verbose { false };
    std::string timestamps { "relative" };
};

void add_options(std::vector<cli::Option>& options, Flags& flags)
{
    cli::add_openjd_options(options, flags.common, cli::OpenjdUse::make);
    options.push_back({ "--environment,--env", &flags.common.environments,
        "an environment template to enter first; may be repeated, outermost first", "FILE" });
    add_local_options(options, flags.parts);
    options.push_back({ "--path-mapping-rules", &flags.path_rules,
        "where paths lie on this machine: JSON, or file://FILE", "RULES" });
    options.push_back({ "--preserve", &flags.preserve, "keep the session's working folder" });
    options.push_back({ "--verbose", &flags.verbose, "say what is run and where" });
    options.push_back({ .name = "--timestamp-format",
        .target = &flags.timestamps,
        .help = "the time before each line",
        .value_name = "FORMAT",
        .choices = { "relative", "local", "utc" } });
}

std::vector<std::string> own_environment()
{
    std::vector<std::string> out;
    for (auto** entry = environ; *entry; ++entry)
        out.emplace_back(*entry);
    return out;
}

Result<agent::SessionPlace> make_place(openjd::PathRules rules)
{
    std::error_code failure;
    auto const base = std::filesystem::temp_directory_path(failure);
    agent::SessionPlace place;
    place.working_dir = fmt::format("{}/sidereal-openjd-{}-{}", failure ? "/tmp" : base.string(),
        ::getpid(), TRY(random_key()).substr(0, 8));
    place.base_environment = own_environment();
    place.path_rules = std::move(rules);
    return place;
}

struct Prepared {
    std::shared_ptr<agent::PreparedJob const> job;
    std::vector<agent::LocalPart> parts;
    agent::SessionPlace place;
};

cli::OpenjdResult<Prepared> prepare(Flags const& flags)
{
    auto made = openjd::make_job(TRY(cli::read_request(flags.common)));
    if (!made)
        return tl::unexpected(cli::openjd_fault(made.error()));
    Prepared out;
    out.parts = TRY(local_parts(*made, flags.parts));
    openjd::PathRules rules;
    if (!flags.path_rules.empty()) {
        auto const text = TRY(cli::read_argument(flags.path_rules));
        auto parsed = openjd::parse_path_rules(text.text, text.file_name);
        if (!parsed)
            return tl::unexpected(cli::openjd_fault(parsed.error()));
        rules = std::move(*parsed);
    }
    auto place = make_place(std::move(rules));
    if (!place)
        return tl::unexpected(cli::openjd_fault(place.error()));
    out.place = std::move(*place);
    out.job = agent::prepare(std::move(*made));
    return out;
}

Result<int> run(Flags const& flags)
{
    auto prepared = prepare(flags);
    if (!prepared)
        return cli::print_openjd_fault(flags.common.output, prepared.error());
    RunPrinter printer(flags.common.output, flags.timestamps);
    if (flags.verbose)
        printer.event("Session working folder: " + prepared->place.working_dir);
    RunSummary summary;
    summary.job = prepared->job->spec.name;
    summary.step = flags.parts.step.value_or("");
    if (flags.preserve)
        summary.preserved = prepared->place.working_dir;
    agent::LocalRun local(prepared->job, std::move(prepared->parts), std::move(prepared->place));
    io::Loop loop;
    auto const began = io::now().mono;
    LocalHost host(loop, local,
        { [&](std::string_view line) { printer.line(line); },
            [&](std::string_view event) { printer.event(event); } },
        flags.preserve ? LocalHost::Folder::preserved : LocalHost::Folder::removed);
    loop.on_signal({ SIGINT, SIGTERM }, [&](int) { host.stop(); });
    host.start();
    loop.run();
    summary.duration = io::now().mono - began;
    summary.tasks_run = local.tasks_run();
    summary.fault = local.fault();
    printer.finish(summary);
    return local.fault().empty() ? 0 : 1;
}

}

cli::Command openjd_run_command()
{
    return { "openjd run", "run a template's tasks on this machine, with no farm",
        "sidereal openjd run template.yaml --step Render -p Frames=1-4 --maximum-tasks 2",
        cli::Speaks::to_nobody,
        [](std::vector<cli::Option>& options) -> cli::Run {
            auto const flags = std::make_shared<Flags>();
            add_options(options, *flags);
            return [flags](cli::Context const&) -> Result<int> { return run(*flags); };
        },
        cli::Command::Output::own };
}

}
