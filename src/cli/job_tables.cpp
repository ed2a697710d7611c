#include <cli/job_tables.h>

#include <base/money.h>
#include <base/time.h>
#include <cli/fields.h>
#include <cli/output.h>

#include <cmath>

namespace sidereal::cli {

namespace {

std::string seconds_text(std::optional<double> seconds)
{
    return seconds ? to_human(from_seconds(*seconds)) : "-";
}

// What a task is given, and of how many tasks that is enough.
std::string learned_text(Json const& step, std::string_view name)
{
    auto const& learned = object_at(step, name);
    auto const mib = maybe_number_at(learned, "mib");
    if (!mib)
        return "-";
    return fmt::format("{} ({:.0f} %)", human_bytes(*mib * 1024 * 1024),
        std::floor(number_at(learned, "confidence") * 100));
}

// What few steps have.
std::string step_notes(Json const& step)
{
    std::string text;
    // Less is nothing to think about.
    if (auto const enter_s = maybe_number_at(step, "enter_s"); enter_s && *enter_s >= 1)
        text += fmt::format("  a new session of '{}' takes {} to enter\n", text_at(step, "name"),
            seconds_text(enter_s));
    if (maybe_number_at(object_at(step, "vram"), "mib"))
        text += fmt::format("  a task of '{}' needs {} of a GPU's memory\n", text_at(step, "name"),
            learned_text(step, "vram"));
    return text;
}

Cell status_of(Json const& attempt)
{
    if (auto const signs = text_at(attempt, "stuck"); !signs.empty())
        return { "stuck? " + signs, Color::red };
    if (!truth_at(attempt, "started"))
        return { "waits on the node", Color::dim };
    return text_at(attempt, "status");
}

}

std::string steps_table(Json const& job, bool color)
{
    Table table({ { "STEP" }, { "STATE" }, { "DONE", Align::right }, { "RUNNING", Align::right },
        { "FAILED", Align::right }, { "MEAN TIME", Align::right }, { "MEMORY", Align::right },
        { "DEPENDS ON" } });
    std::string notes;
    for (auto const& step : list_at(job, "steps")) {
        auto const& counts = object_at(step, "counts");
        auto const state = text_at(step, "state");
        auto const failed = count_at(counts, "failed");
        auto const skipped = count_at(counts, "skipped");
        std::string upstream;
        for (auto const& name : list_at(step, "depends_on"))
            upstream += fmt::format("{}{}", upstream.empty() ? "" : ", ",
                name.is_string() ? std::string_view(name.get_string()) : "");
        table.add({ text_at(step, "name"),
            { state + (skipped > 0 ? fmt::format(", {} skipped", skipped) : ""),
                color_of_state(state) },
            fmt::format("{}/{}", count_at(counts, "succeeded"), count_at(counts, "tasks")),
            std::to_string(count_at(counts, "running")),
            { std::to_string(failed), failed > 0 ? Color::red : Color::none },
            seconds_text(maybe_number_at(step, "mean_run_s")), learned_text(step, "memory"),
            upstream });
        notes += step_notes(step);
    }
    return table.draw(color) + notes;
}

std::string running_table(Json const& job, bool color)
{
    Table table({ { "NODE" }, { "TASK" }, { "ATTEMPT", Align::right }, { "DONE", Align::right },
        { "STATUS" } });
    for (auto const& attempt : list_at(job, "running")) {
        auto const started = truth_at(attempt, "started");
        table.add({ text_at(attempt, "node"), task_label(attempt),
            std::to_string(count_at(attempt, "attempt")),
            started ? fmt::format("{:.0f} %", number_at(attempt, "percent")) : "-",
            status_of(attempt) });
    }
    return table.draw(color);
}

std::string use_table(Json const& job, bool color)
{
    Table table({ { "NODE" }, { "TASKS", Align::right }, { "OTHER", Align::right },
        { "RUN TIME", Align::right }, { "CPU TIME", Align::right }, { "MEMORY", Align::right },
        { "ENERGY", Align::right }, { "COST", Align::right } });
    for (auto const& node : list_at(job, "nodes")) {
        table.add({ text_at(node, "name"), std::to_string(count_at(node, "succeeded")),
            std::to_string(count_at(node, "other")), seconds_text(number_at(node, "run_s")),
            seconds_text(number_at(node, "cpu_s")), human_bytes(number_at(node, "max_rss_bytes")),
            fmt::format("{:.2f} Wh", number_at(node, "energy_wh")),
            to_string(Money::from_usd(number_at(node, "cost_usd"))) });
    }
    return table.draw(color);
}

std::string time_left(Json const& job)
{
    auto const seconds = maybe_number_at(job, "eta_s");
    if (!seconds)
        return {};
    auto text = to_human(from_seconds(*seconds));
    std::string rest;
    for (auto const& step : list_at(job, "eta_leaves_out")) {
        if (step.is_string())
            rest += fmt::format(
                "{}{}", rest.empty() ? "" : ", ", std::string_view(step.get_string()));
    }
    return rest.empty() ? text : fmt::format("{}, then {}", text, rest);
}

}
