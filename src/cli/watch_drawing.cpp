#include <cli/watch_drawing.h>

#include <base/time.h>
#include <cli/fields.h>
#include <cli/job_tables.h>
#include <cli/output.h>
#include <cli/watch_view.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace sidereal::cli {

namespace {

constexpr std::size_t node_bar_width = 12;
constexpr std::size_t log_lines_shown = 5;

// The part of the work that is done, running tasks by their percent.
double done_fraction(Json const& job)
{
    auto const& counts = object_at(job, "counts");
    auto const tasks = number_at(counts, "tasks");
    if (tasks <= 0)
        return 0;
    auto done = number_at(counts, "succeeded") + number_at(counts, "failed")
        + number_at(counts, "canceled");
    for (auto const& attempt : list_at(job, "running"))
        done += std::clamp(number_at(attempt, "percent"), 0.0, 100.0) / 100;
    return std::min(1.0, done / tasks);
}

class Block {
public:
    explicit Block(Canvas const& canvas)
        : canvas_(canvas)
    {
    }

    // Colours last, so that they do not count for the width.
    void add(std::string_view line, Color color = Color::none)
    {
        if (room() == 0)
            return;
        auto const end = line.find_last_not_of(' ') + 1;
        auto const shown = shorten(printable(line.substr(0, end)), canvas_.width);
        text_ += (canvas_.color ? paint(shown, color) : shown) + "\n";
        ++lines_;
    }

    std::size_t room() const { return canvas_.height > lines_ ? canvas_.height - lines_ : 0; }
    std::string take() { return std::move(text_); }

private:
    Canvas canvas_;
    std::string text_;
    std::size_t lines_ { 0 };
};

void draw_head(Block& block, Json const& job, Canvas const& canvas)
{
    auto const& counts = object_at(job, "counts");
    auto const state = text_at(job, "state");
    block.add(fmt::format("job {}  {}  ({})", count_at(job, "id"), text_at(job, "name"), state),
        Color::bold);
    auto const fraction = done_fraction(job);
    auto const left = time_left(job);
    auto const failed = count_at(counts, "failed");
    auto const figures = fmt::format(" {:3.0f} %  {}/{}{}{}", std::floor(fraction * 100),
        count_at(counts, "succeeded"), count_at(counts, "tasks"),
        failed > 0 ? fmt::format("  {} failed", failed) : "",
        left.empty() ? "" : "  left: " + left);
    auto const taken = display_width(figures);
    auto const width = canvas.width > taken + 10 ? std::min<std::size_t>(canvas.width - taken, 40)
                                                 : 10;
    block.add(progress_bar(fraction, width, canvas.unicode) + figures,
        failed > 0 ? Color::red : Color::green);
}

void draw_steps(Block& block, Json const& job)
{
    auto const& steps = list_at(job, "steps");
    std::size_t name_width = 0;
    for (auto const& step : steps)
        name_width = std::max(name_width, display_width(text_at(step, "name")));
    std::size_t drawn = 0;
    for (auto const& step : steps) {
        if (drawn++ == 6) {
            block.add(fmt::format("  and {} more steps", steps.size() - 6), Color::dim);
            return;
        }
        auto const& counts = object_at(step, "counts");
        auto const state = text_at(step, "state");
        block.add(fmt::format("  {}  {}/{}  {}", padded(text_at(step, "name"), name_width),
                      count_at(counts, "succeeded"), count_at(counts, "tasks"), state),
            color_of_state(state));
    }
}

void draw_nodes(Block& block, Json const& job, Canvas const& canvas)
{
    std::map<std::string, std::vector<Json const*>> nodes;
    std::size_t name_width = 0;
    std::size_t rows = 0;
    for (auto const& attempt : list_at(job, "running")) {
        if (!truth_at(attempt, "started"))
            continue;
        auto const name = text_at(attempt, "node");
        name_width = std::max(name_width, display_width(name));
        nodes[name].push_back(&attempt);
        ++rows;
    }
    for (auto const& [name, attempts] : nodes) {
        auto shown_name = name;
        for (auto const* attempt : attempts) {
            if (block.room() <= 2 && rows > 1) {
                block.add(fmt::format("  and {} more tasks", rows), Color::dim);
                return;
            }
            --rows;
            auto const percent = number_at(*attempt, "percent");
            block.add(fmt::format("  {}  {} {:3.0f} %  {}  {}", padded(shown_name, name_width),
                progress_bar(percent / 100, node_bar_width, canvas.unicode), percent,
                task_label(*attempt), text_at(*attempt, "status")));
            shown_name.clear();
        }
    }
}

void draw_why(Block& block, Json const& job)
{
    if (count_at(object_at(job, "counts"), "running") > 0)
        return;
    for (auto const& row : list_at(job, "why")) {
        if (block.room() == 0 || text_at(row, "reason") == "next")
            return;
        block.add(fmt::format("  step {} waits: {}", text_at(row, "step"), text_at(row, "text")),
            Color::yellow);
    }
}

std::string last_lines(std::string_view text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.remove_suffix(1);
    auto begin = text.size();
    for (std::size_t lines = 0; begin > 0; --begin) {
        if (text[begin - 1] == '\n' && ++lines == log_lines_shown)
            break;
    }
    std::string shown;
    auto rest = text.substr(begin);
    while (!rest.empty()) {
        auto const end = rest.find('\n');
        shown += fmt::format("    | {}\n", printable(rest.substr(0, end)));
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    return shown;
}

}

double wall_seconds(Json const& job)
{
    auto const begin = time_at(job, "submitted_at");
    auto const end = time_at(job, "ended_at");
    return begin > 0 && end > begin ? end - begin : 0;
}

std::string draw_job(Json const& job, Canvas const& canvas)
{
    Block block(canvas);
    draw_head(block, job, canvas);
    draw_steps(block, job);
    draw_nodes(block, job, canvas);
    draw_why(block, job);
    return block.take();
}

std::string attempt_line(Json const& attempt)
{
    auto const state = text_at(attempt, "state");
    auto const run_s = number_at(attempt, "run_s");
    auto const took = to_human(from_seconds(run_s));
    auto line = fmt::format("{} {} on {}", task_label(attempt),
        state == "succeeded" ? "done" : state, text_at(attempt, "node"));
    if (state == "succeeded")
        return line + " in " + took;
    if (run_s > 0)
        line += " after " + took;
    auto const message = text_at(attempt, "message");
    return printable(message.empty() ? line : line + ": " + message);
}

std::string end_line(Json const& job)
{
    auto const& counts = object_at(job, "counts");
    auto line = fmt::format("job {} {}: {} of {} tasks done", count_at(job, "id"),
        text_at(job, "state"), count_at(counts, "succeeded"), count_at(counts, "tasks"));
    if (auto const failed = count_at(counts, "failed"); failed > 0)
        line += fmt::format(", {} failed", failed);
    if (auto const wall = wall_seconds(job); wall > 0)
        line += " in " + to_human(from_seconds(wall));
    return line;
}

std::string failure_report(Json const& job)
{
    auto const& failures = list_at(job, "failures");
    std::string text;
    for (auto const& failure : failures) {
        text += fmt::format("{} of step '{}' failed on {}: {}\n", task_label(failure),
            text_at(failure, "step"), text_at(failure, "node"), text_at(failure, "message"));
        text += last_lines(text_at(failure, "log_tail"));
    }
    if (auto const total = count_at(job, "failures_total"); total > failures.size())
        text += fmt::format("and {} more failed tasks\n", total - failures.size());
    return text;
}

}
