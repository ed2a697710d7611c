#include <app/film_report.h>

#include <base/money.h>
#include <base/time.h>
#include <io/file.h>

#include <fmt/format.h>

namespace sidereal::app {

namespace {

struct Use {
    std::uint64_t succeeded { 0 };
    std::uint64_t other { 0 };
    double run_s { 0 };
    double cpu_s { 0 };
    double max_rss_bytes { 0 };
    double energy_wh { 0 };
    double cost_usd { 0 };
};

Result<Use> read_use(JsonObject const& node)
{
    Use use;
    use.succeeded = TRY(get_uint(node, "succeeded"));
    use.other = TRY(get_uint(node, "other"));
    use.run_s = TRY(get_double(node, "run_s"));
    use.cpu_s = TRY(get_double(node, "cpu_s"));
    use.max_rss_bytes = TRY(get_double(node, "max_rss_bytes"));
    use.energy_wh = TRY(get_double(node, "energy_wh"));
    use.cost_usd = TRY(get_double(node, "cost_usd"));
    return use;
}

std::string row(std::string const& name, Use const& use)
{
    return fmt::format("  {:<12} {:>6} {:>6} {:>12} {:>12} {:>9.0f} {:>10.3f} {:>10}\n", name,
        use.succeeded, use.other, to_human(from_seconds(use.run_s)),
        to_human(from_seconds(use.cpu_s)), use.max_rss_bytes / 1e6, use.energy_wh,
        to_string(Money::from_usd(use.cost_usd)));
}

void add(Use& total, Use const& use)
{
    total.succeeded += use.succeeded;
    total.other += use.other;
    total.run_s += use.run_s;
    total.cpu_s += use.cpu_s;
    total.max_rss_bytes = std::max(total.max_rss_bytes, use.max_rss_bytes);
    total.energy_wh += use.energy_wh;
    total.cost_usd += use.cost_usd;
}

std::string place(std::string_view what, std::string const& path)
{
    return fmt::format("  {:<14} {}{}\n", what, path, io::path_exists(path) ? "" : "  (not made)");
}

}

Result<std::string> film_report(
    Json const& document, std::string const& film_dir, std::string const& data_dir)
{
    auto const& job = *TRY(as_object(document, "job"));
    auto text = fmt::format("Job {} '{}': {}\n\n", TRY(get_uint(job, "id")),
        TRY(get_string(job, "name")), TRY(get_string(job, "state")));
    text += place("film", film_dir + "/film.mp4");
    text += place("contact sheet", film_dir + "/contact-sheet.png");
    text += place("frames", film_dir + "/frames");
    text += place("logs", data_dir + "/nodes");
    text += place("records", data_dir + "/farm.db");

    text += fmt::format("\n  {:<12} {:>6} {:>6} {:>12} {:>12} {:>9} {:>10} {:>10}\n", "node",
        "tasks", "other", "run time", "CPU time", "peak MB", "energy Wh", "cost");
    Use total;
    for (auto const& entry : *TRY(get_array(job, "nodes"))) {
        auto const& node = *TRY(as_object(entry, "nodes"));
        auto const use = TRY(read_use(node));
        text += row(TRY(get_string(node, "name")), use);
        add(total, use);
    }
    text += row("all", total);
    text += "\n  Energy and cost follow the nodes' configured rate (default: 250 W busy, $0.15 a "
            "kWh,\n"
            "  nothing for the machine itself), each task with its share of the node's CPUs.\n"
            "  The records can be opened again: sidereal up --data "
        + data_dir + "\n";
    return text;
}

}
