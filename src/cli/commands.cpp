#include <cli/commands.h>

#include <cli/output.h>
#include <cli/version.h>

namespace sidereal::cli {

std::vector<Command> own_commands()
{
    std::vector<Command> commands;
    for (auto const make : { job_check, job_submit, job_list, job_show, job_watch, job_why,
             job_logs, job_pause, job_resume, job_cancel, job_retry, job_skip, job_failures,
             node_list, node_show, node_why, node_drain, node_undrain, node_forgive, forecast,
             what_if, rules_show, rules_apply, openjd_check, openjd_summary, openjd_schema,
             plan_model, plan_finetune, plan_rent_or_buy, plan_job, plan_facility, plan_loan,
             plan_claim, plan_seed, plan_calibrate, plan_catalog, show_version })
        commands.push_back(make());
    return commands;
}

std::string_view group_help(std::string_view group)
{
    if (group == "job")
        return "check, submit, watch and steer jobs";
    if (group == "node")
        return "the machines of the farm";
    if (group == "rules")
        return "who is entitled to what, and what must not be exceeded";
    if (group == "openjd")
        return "templates on this machine, with no farm; takes the flags of the public openjd";
    if (group == "plan")
        return "before a farm and during it: does it fit, how fast, buy or rent, will the breaker "
               "hold";
    return "";
}

std::vector<Option> common_options(
    Command const& command, std::string& format, std::optional<std::string>& url)
{
    std::vector<Option> options;
    if (command.output == Command::Output::common)
        options.push_back({ "--output", &format, "how results and errors are printed", "table|json",
            false, {}, {}, { "table", "json" } });
    if (command.speaks == Speaks::to_brain)
        options.push_back({ "--url", &url,
            "the brain, http://127.0.0.1:PORT (default: $SIDEREAL_URL, else the file 'url' in "
            "$SIDEREAL_DATA or ~/.local/share/sidereal)",
            "URL" });
    return options;
}

Command show_version()
{
    return { "version", "the version of this program", "sidereal version", Speaks::to_nobody,
        [](std::vector<Option>&) -> Run {
            return [](Context const& context) -> Result<int> {
                if (context.format == OutputFormat::json)
                    print(stdout, fmt::format("{{\"version\":\"{}\"}}\n", version));
                else
                    print(stdout, fmt::format("sidereal {}\n", version));
                return 0;
            };
        } };
}

}
