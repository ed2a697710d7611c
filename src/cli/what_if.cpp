#include <base/json_text.h>
#include <base/money.h>
#include <base/time.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/forecast.h>
#include <cli/output.h>

#include <cmath>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::int64_t add_nodes { 0 };
    std::optional<std::string> like;
    std::vector<std::string> without;
    std::optional<std::string> job;
    std::optional<std::int64_t> priority;
    std::optional<std::string> tier;
    std::optional<std::string> deadline;
};

std::string body_of(Flags const& flags)
{
    JsonWriter json;
    json.begin_object().field("add_nodes", flags.add_nodes);
    for (auto const& [name, value] : { std::pair("like", &flags.like), std::pair("job", &flags.job),
             std::pair("tier", &flags.tier), std::pair("deadline", &flags.deadline) })
        if (*value)
            json.field(name, **value);
    if (flags.priority)
        json.field("priority", *flags.priority);
    json.key("without").begin_array();
    for (auto const& name : flags.without)
        json.value(name);
    json.end_array().end_object();
    return json.take();
}

// "12 m 00 s sooner".
std::string difference(std::optional<double> now, std::optional<double> then)
{
    if (!now || !then)
        return now ? "never instead" : then ? "at all" : "-";
    auto const seconds = std::abs(*now - *then);
    if (seconds < 1)
        return "the same";
    return fmt::format("{} {}", to_human(from_seconds(seconds)), *then < *now ? "sooner" : "later");
}

Json const* same_job(Json const& forecast, std::uint64_t id)
{
    for (auto const& job : list_at(forecast, "jobs"))
        if (count_at(job, "id") == id)
            return &job;
    return nullptr;
}

std::string table_of(Json const& answer, bool color)
{
    Table table({ { "JOB", Align::right }, { "NAME" }, { "NOW (9 OF 10)", Align::right },
        { "THEN", Align::right }, { "DIFFERENCE" } });
    auto const& then = object_at(answer, "then");
    for (auto const& job : list_at(object_at(answer, "now"), "jobs")) {
        auto const* other = same_job(then, count_at(job, "id"));
        auto const before = maybe_number_at(job, "p90_s");
        auto const after = other ? maybe_number_at(*other, "p90_s") : std::nullopt;
        table.add({ std::to_string(count_at(job, "id")), printable(text_at(job, "name")),
            finish_text(before), finish_text(after), difference(before, after) });
    }
    return table.draw(color);
}

std::string deadline_text(Json const& answer, Flags const& flags)
{
    if (!flags.job)
        return "";
    auto const& jobs = list_at(object_at(answer, "then"), "jobs");
    for (auto const& job : jobs) {
        auto const on_time = maybe_number_at(job, "on_time");
        if (std::to_string(count_at(job, "id")) != *flags.job || !on_time)
            continue;
        auto text = fmt::format("job {}: done by {} in {:.0f} % of cases", *flags.job,
            local_time_at(job, "deadline"), 100 * *on_time);
        auto const nodes = maybe_number_at(answer, "nodes_for_deadline");
        if (!nodes)
            return text + "; up to 256 added nodes would not bring that to 90 %\n";
        if (*nodes == 0)
            return text + "; no node needs to be added for 90 %\n";
        return text + fmt::format("; {:.0f} added nodes make it 90 %\n", *nodes);
    }
    return "";
}

// "in all: 12 m 00 s sooner, 1.20 kWh more, $0.40 less".
std::string change_line(Json const& now, Json const& then)
{
    auto const more = [&](char const* name) {
        return number_at(then, name) - number_at(now, name);
    };
    auto const word = [](double by) { return by < 0 ? "less" : "more"; };
    auto const usd = Money::from_usd(std::abs(more("cost_usd")));
    return fmt::format("in all: {}, {:.2f} kWh {}, {} {}\n",
        difference(maybe_number_at(now, "p90_s"), maybe_number_at(then, "p90_s")),
        std::abs(more("energy_wh")) / 1000, word(more("energy_wh")), to_string(usd),
        word(more("cost_usd")));
}

std::string price_lines(Json const& answer)
{
    auto const& now = object_at(answer, "now");
    auto const& then = object_at(answer, "then");
    auto const line = [](std::string_view when, Json const& forecast) {
        return fmt::format("{} all of it: {} (9 of 10); {} still to come\n", when,
            finish_text(maybe_number_at(forecast, "p90_s")),
            price_text(number_at(forecast, "energy_wh"), number_at(forecast, "cost_usd")));
    };
    return "\n" + line("now ", now) + line("then", then) + change_line(now, then);
}

Result<int> ask(Flags const& flags, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(client.post("/v1/whatif", body_of(flags)));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(answer) + "\n");
        return 0;
    }
    auto const& now = object_at(answer, "now");
    if (list_at(now, "jobs").empty()) {
        print(stdout, "no job is open\n");
        return 0;
    }
    if (!truth_at(now, "measured")) {
        print(stdout, forecast_remarks(now));
        return 0;
    }
    print(stdout, table_of(answer, colors_wanted(stdout)));
    print(stdout, price_lines(answer) + deadline_text(answer, flags));
    return 0;
}

void declare_flags(Flags& flags, std::vector<Option>& options)
{
    options.push_back(
        { "--add-nodes", &flags.add_nodes, "so many more machines", "N", false, 0, 10'000 });
    options.push_back({ "--like", &flags.like,
        "what the added machines are like (default: the one with the most CPUs)", "NODE" });
    options.push_back(
        { "--without", &flags.without, "drain this machine; may be repeated", "NODE" });
    options.push_back({ "--job", &flags.job, "the job that the next three are for", "JOB" });
    options.push_back({ "--priority", &flags.priority, "its priority", "N", false, -100, 100 });
    options.push_back({ "--tier", &flags.tier, "its tier", "TIER", false, {}, {},
        { "idle", "low", "normal", "high", "urgent" } });
    options.push_back({ "--deadline", &flags.deadline,
        "its deadline; says how many added machines that takes", "TIME" });
}

}

Command what_if()
{
    return { "whatif", "what a change would do to times, energy and money, without making it",
        "sidereal whatif --add-nodes 4\n"
        "  sidereal whatif --without node-b\n"
        "  sidereal whatif --job 12 --tier urgent --deadline 2026-11-23T08:00:00Z",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            declare_flags(*flags, options);
            return [flags](Context const& context) { return ask(*flags, context); };
        } };
}

}
