#include <app/run_printer.h>

#include <cli/openjd_input.h>
#include <cli/output.h>
#include <io/clock.h>

#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace sidereal::app {

namespace {

// H:MM:SS.ffffff
std::string clock_text(Duration elapsed)
{
    auto const us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
    return fmt::format("{}:{:02}:{:02}.{:06}", us / 3'600'000'000, us / 60'000'000 % 60,
        us / 1'000'000 % 60, us % 1'000'000);
}

std::string local_text(Wall time)
{
    auto const us = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
    auto const seconds = static_cast<std::time_t>(us.count() / 1'000'000);
    std::tm parts {};
    ::localtime_r(&seconds, &parts);
    char text[32];
    char zone[8];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::strftime(zone, sizeof zone, "%z", &parts);
    return fmt::format("{}.{:06}{}", text, us.count() % 1'000'000, zone);
}

}

RunPrinter::RunPrinter(std::string output, std::string timestamps)
    : output_(std::move(output))
    , timestamps_(std::move(timestamps))
    , began_(io::now().mono)
{
}

std::string RunPrinter::time() const
{
    auto const now = io::now();
    if (timestamps_ == "utc")
        return to_rfc3339(now.wall);
    if (timestamps_ == "local")
        return local_text(now.wall);
    return clock_text(now.mono - began_);
}

void RunPrinter::line(std::string_view text)
{
    auto* const out = output_ == "human-readable" ? stdout : stderr;
    cli::print(out, fmt::format("{}\t{}\n", time(), text));
}

void RunPrinter::event(std::string_view text) { line(text); }

void RunPrinter::finish(RunSummary const& summary)
{
    bool const good = summary.fault.empty();
    auto const message = good ? std::string("Session ended successfully")
                              : "Session ended with errors: " + summary.fault;
    auto const seconds = std::chrono::duration<double>(summary.duration).count();
    JsonWriter json;
    json.begin_object().field("status", good ? "success" : "error").field("message", message);
    json.field("job_name", summary.job);
    if (!summary.step.empty())
        json.field("step_name", summary.step);
    json.field("duration", seconds).field("tasks_run", summary.tasks_run);
    if (!summary.preserved.empty())
        json.field("working_directory", summary.preserved);
    json.end_object();
    auto human = fmt::format("\n--- Results of local session ---\n\n{}\n", message);
    if (!summary.preserved.empty())
        human += fmt::format("Working directory preserved at: {}\n", summary.preserved);
    human += fmt::format("\nJob: {}\n", summary.job);
    if (!summary.step.empty())
        human += fmt::format("Step: {}\n", summary.step);
    human += fmt::format("Duration: {:.3f} seconds\nTasks run: {}\n", seconds, summary.tasks_run);
    cli::print_openjd(output_, json.take(), human);
}

}
