#include <cli/forecast.h>

#include <base/json_text.h>
#include <base/money.h>
#include <base/time.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>

#include <memory>

namespace sidereal::cli {

namespace {

std::string on_time_text(Json const& job)
{
    auto const part = maybe_number_at(job, "on_time");
    return part ? fmt::format("{:.0f} %", 100 * *part) : "-";
}

std::string jobs_table(Json const& forecast, bool color)
{
    Table table({ { "JOB", Align::right }, { "NAME" }, { "HALF OF CASES", Align::right },
        { "9 OF 10", Align::right }, { "DONE BY (9 OF 10)" }, { "DEADLINE" },
        { "ON TIME", Align::right } });
    for (auto const& job : list_at(forecast, "jobs")) {
        auto const deadline = local_time_at(job, "deadline");
        auto const done = local_time_at(job, "p90_at");
        table.add({ std::to_string(count_at(job, "id")), printable(text_at(job, "name")),
            finish_text(maybe_number_at(job, "p50_s")), finish_text(maybe_number_at(job, "p90_s")),
            done.empty() ? "-" : done, deadline.empty() ? "-" : deadline, on_time_text(job) });
    }
    return table.draw(color);
}

std::string steps_table(Json const& job, bool color)
{
    Table table({ { "STEP" }, { "HALF OF CASES", Align::right }, { "9 OF 10", Align::right },
        { "GOES BY" } });
    for (auto const& step : list_at(job, "steps"))
        table.add({ printable(text_at(step, "name")), finish_text(maybe_number_at(step, "p50_s")),
            finish_text(maybe_number_at(step, "p90_s")),
            truth_at(step, "measured") ? "its own tasks" : "other steps: none of its has ended" });
    return table.draw(color);
}

Result<int> show(std::optional<std::string> const& job, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const query = job ? "?job=" + io::percent_encode(*job) : std::string();
    auto const answer = TRY(client.get("/v1/forecast" + query));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(answer) + "\n");
        return 0;
    }
    auto const& jobs = list_at(answer, "jobs");
    if (jobs.empty()) {
        print(stdout,
            job ? fmt::format("job {}: it has ended or is held back\n", *job) : "no job is open\n");
        return 0;
    }
    if (!truth_at(answer, "measured")) {
        print(stdout, forecast_remarks(answer));
        return 0;
    }
    auto const color = colors_wanted(stdout);
    print(stdout, jobs_table(answer, color));
    if (job)
        print(stdout, "\n" + steps_table(jobs[0], color));
    print(stdout, forecast_remarks(answer));
    return 0;
}

}

std::string finish_text(std::optional<double> seconds)
{
    return seconds ? to_human(from_seconds(*seconds)) : "never";
}

std::string price_text(double energy_wh, double usd)
{
    return fmt::format("{:.2f} kWh and {}", energy_wh / 1000, to_string(Money::from_usd(usd)));
}

std::string forecast_remarks(Json const& forecast)
{
    if (!truth_at(forecast, "measured"))
        return "no task has ended on this farm yet: there is nothing to go by\n";
    auto text = fmt::format("\nall of it: {} (half of cases), {} (9 of 10); {} still to come\n",
        finish_text(maybe_number_at(forecast, "p50_s")),
        finish_text(maybe_number_at(forecast, "p90_s")),
        price_text(number_at(forecast, "energy_wh"), number_at(forecast, "cost_usd")));
    if (auto const part = number_at(forecast, "part"); part < 1)
        text += fmt::format("from {} runs of a sample, {:.2g} % of the farm: good to a few percent "
                            "for all of it, less so for small jobs\n",
            count_at(forecast, "runs"), 100 * part);
    for (auto const& job : list_at(forecast, "jobs"))
        if (!maybe_number_at(job, "p90_s"))
            text += fmt::format(
                "job {0} does not end as things stand: see 'sidereal job why {0}'\n",
                count_at(job, "id"));
    return text;
}

Command forecast()
{
    return { "forecast", "when the farm's jobs, or one job's steps, will be done",
        "sidereal forecast\n  sidereal forecast 12", Speaks::to_brain,
        [](std::vector<Option>& options) -> Run {
            auto const job = std::make_shared<std::optional<std::string>>();
            options.push_back({ "JOB", job.get(), "the job's number (default: all)", "JOB" });
            return [job](Context const& context) { return show(*job, context); };
        } };
}

}
