#include <cli/watch_view.h>

#include <base/json_text.h>
#include <base/verify.h>
#include <cli/client.h>
#include <cli/fields.h>
#include <cli/job_tables.h>
#include <cli/output.h>
#include <cli/watch_drawing.h>
#include <cli/watch_events.h>
#include <io/clock.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace sidereal::cli {

namespace {

constexpr Duration between_tries = std::chrono::milliseconds(500);
constexpr Duration answer_timeout = std::chrono::seconds(10);

// Shows what happens in one of the styles.
class View {
public:
    View(JobId job, WatchOptions const& options)
        : options_(options)
        , ended_(job)
    {
    }

    Status show(Client const& client, Json const& job)
    {
        if (options_.style == WatchStyle::block) {
            redraw(job);
            return {};
        }
        std::vector<Json> ended;
        auto const looked = ended_.look(client, job, ended);
        for (auto const& attempt : ended)
            show_attempt(attempt);
        if (!looked)
            return looked;
        if (options_.style == WatchStyle::lines)
            show_wait(job);
        return {};
    }

    void say(std::string const& text)
    {
        if (options_.style == WatchStyle::json)
            return;
        erase();
        print(options_.out, text + "\n");
    }

    void show_end(Json const& job)
    {
        if (options_.style == WatchStyle::json) {
            print(options_.out,
                fmt::format("{{\"event\":\"job_ended\",\"job\":{}}}\n", json_text(job)));
            return;
        }
        auto const state = text_at(job, "state");
        auto const line = end_line(job);
        say(options_.color ? paint(line, color_of_state(state)) : line);
        if (!list_at(job, "nodes").empty())
            print(options_.out, "\n" + use_table(job, options_.color));
    }

private:
    void show_attempt(Json const& attempt) const
    {
        if (options_.style == WatchStyle::json) {
            print(options_.out,
                fmt::format(
                    "{{\"event\":\"attempt_ended\",\"attempt\":{}}}\n", json_text(attempt)));
            return;
        }
        auto const failed = text_at(attempt, "state") == "failed";
        auto const line = attempt_line(attempt);
        print(options_.out, (options_.color && failed ? paint(line, Color::red) : line) + "\n");
    }

    // Once for each new reason, and only while nothing runs.
    void show_wait(Json const& job)
    {
        if (count_at(object_at(job, "counts"), "running") > 0 || has_ended(job))
            return;
        for (auto const& row : list_at(job, "why")) {
            auto const reason = text_at(row, "reason");
            if (reason == "next" || reason == "dependency")
                continue;
            auto text = fmt::format(
                "step {} waits: {}", text_at(row, "step"), text_at(row, "text"));
            if (said_.insert(text).second)
                print(options_.out, text + "\n");
        }
    }

    void redraw(Json const& job)
    {
        std::string above;
        for (auto const& failure : list_at(job, "failures")) {
            auto const attempt = std::to_string(count_at(failure, "attempt"));
            if (!said_.insert(attempt).second)
                continue;
            auto const line = fmt::format("{} failed on {}: {}", task_label(failure),
                text_at(failure, "node"), text_at(failure, "message"));
            above += (options_.color ? paint(line, Color::red) : line) + "\n";
        }
        Canvas canvas;
        auto const size = terminal_size(options_.out);
        canvas.width = size.columns;
        // The cursor cannot go back to lines that have left the screen.
        canvas.height = std::max<std::size_t>(size.lines, 4) - 1;
        canvas.color = options_.color;
        canvas.unicode = unicode_wanted();
        auto const block = draw_job(job, canvas);
        erase();
        print(options_.out, above + block);
        drawn_lines_ = std::count(block.begin(), block.end(), '\n');
    }

    void erase()
    {
        if (drawn_lines_ > 0)
            print(options_.out, fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
        drawn_lines_ = 0;
    }

    WatchOptions const& options_;
    EndedAttempts ended_;
    std::set<std::string> said_;
    std::ptrdiff_t drawn_lines_ { 0 };
};

// Keeps asking one brain for one job, across its restarts.
class Watch {
public:
    Watch(std::string url, JobId id, WatchOptions const& options)
        : url_(std::move(url))
        , id_(id)
        , options_(options)
        , view_(id, options)
    {
    }

    Result<JobEnd> run()
    {
        for (;;) {
            if (options_.keep_going && !options_.keep_going())
                return JobEnd { "canceled", std::move(job_) };
            auto const ended = step();
            if (!ended)
                TRY(wait_for_brain(ended.error()));
            else if (*ended)
                return JobEnd { text_at(job_, "state"), std::move(job_) };
        }
    }

private:
    // One answer; true if the job has ended.
    Result<bool> step()
    {
        auto const client = TRY(Client::of(url_));
        auto job = job_.is_null()
            ? TRY(client.get(fmt::format("/v1/jobs/{}", id_.value), answer_timeout))
            : TRY(client.get(fmt::format("/v1/jobs/{}/watch?after={}&wait_s=1", id_.value,
                                 count_at(job_, "revision")),
                answer_timeout));
        if (silent_since_) {
            view_.say("the brain is back");
            silent_since_.reset();
        }
        job_ = std::move(job);
        TRY(view_.show(client, job_));
        if (!has_ended(job_))
            return false;
        view_.show_end(job_);
        return true;
    }

    // Passes on all errors but those that a restart of the brain explains.
    Status wait_for_brain(Error const& error)
    {
        if (!error_row(error.code).retry_helps || job_.is_null())
            return tl::unexpected(error);
        if (!silent_since_) {
            silent_since_ = io::mono_now();
            view_.say("the brain does not answer: waiting for it, the job goes on meanwhile");
        }
        if (options_.patience && io::mono_now() - *silent_since_ > *options_.patience)
            return tl::unexpected(error);
        pause_for(between_tries);
        if (auto const found = options_.find_url ? options_.find_url() : std::nullopt)
            url_ = *found;
        return {};
    }

    std::string url_;
    JobId id_;
    WatchOptions const& options_;
    View view_;
    Json job_;
    std::optional<Mono> silent_since_;
};

}

WatchStyle watch_style_for(std::FILE* out)
{
    return is_terminal(out) ? WatchStyle::block : WatchStyle::lines;
}

Result<JobEnd> watch_job(std::string const& url, JobId id, WatchOptions const& options)
{
    return Watch(url, id, options).run();
}

}
