// The planner alone: how close it comes to measured results, and how fast it is.
//
//   build/release/planner-bench [ROUNDS]      medians of ROUNDS (default 7)

#include <plan/accuracy.h>
#include <plan/gguf.h>
#include <plan/published_points.h>
#include <plan/test_gguf.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace sidereal::plan;
using Rows = std::vector<AccuracyRow>;

// Of this process: the machine may be shared.
double cpu_ms()
{
    std::timespec now {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Times {
    double wall_ms { 0 };
    double cpu_ms { 0 };
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Times median_of(int rounds, std::function<void()> const& work)
{
    std::vector<double> wall;
    std::vector<double> cpu;
    for (int i = 0; i < rounds; ++i) {
        auto const start = std::chrono::steady_clock::now();
        auto const cpu_start = cpu_ms();
        work();
        cpu.push_back(cpu_ms() - cpu_start);
        wall.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count());
    }
    return { median(wall), median(cpu) };
}

void print_summary(std::string const& name, Rows const& rows)
{
    auto const summary = summarize(rows);
    if (summary.points == 0)
        return;
    fmt::print("| {:38} | {:4} | {:5.1f} | {:5.1f} | {:5.1f} | {:+5.1f} | {:4.0f} |\n", name,
        summary.points, 100 * summary.mean, 100 * summary.median, 100 * summary.p90,
        100 * summary.bias, 100 * summary.inside);
}

Rows only(Rows const& rows, std::function<bool(AccuracyRow const&)> const& wanted)
{
    Rows found;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(found), wanted);
    return found;
}

void print_head(std::string const& title)
{
    fmt::print("\n{}\n\n| set | points | mean % | median % | p90 % | bias % | in 80 % |\n"
               "|---|--:|--:|--:|--:|--:|--:|\n",
        title);
}

// How near other people's measurements of the very same come to one, and how near the planner. Rows
// with one and the same prediction ask the same; each source counts with its middle.
void print_other_sources(Rows const& rows, std::string const& phase)
{
    std::map<std::pair<std::string, double>, std::map<std::string, std::vector<double>>> same;
    for (auto const& row : rows) {
        if (row.phase == phase)
            same[{ row.device + row.engine, row.predicted.value }][row.source.substr(0, 40)]
                .push_back(row.measured);
    }
    std::vector<double> by_others;
    std::vector<double> by_planner;
    for (auto const& [question, sources] : same) {
        if (sources.size() < 2)
            continue;
        for (auto const& [source, measured] : sources) {
            auto const own = median(measured);
            std::vector<double> others;
            for (auto const& [other, values] : sources) {
                if (other != source)
                    others.push_back(median(values));
            }
            by_others.push_back(std::abs(median(others) / own - 1));
            by_planner.push_back(std::abs(question.second / own - 1));
        }
    }
    auto const print = [&](std::string const& who, std::vector<double> const& errors) {
        auto const sum = std::accumulate(errors.begin(), errors.end(), 0.0);
        fmt::print("| {:38} | {:4} | {:5.1f} | {:5.1f} |\n", phase + ", told by " + who,
            errors.size(), 100 * sum / static_cast<double>(errors.size()), 100 * median(errors));
    };
    print("the others", by_others);
    print("the planner", by_planner);
}

void print_by_class(Rows const& rows, std::string const& phase)
{
    std::map<std::string, Rows> classes;
    for (auto const& row : rows) {
        if (row.phase == phase)
            classes[row.engine + " " + row.family].push_back(row);
    }
    for (auto const& [name, some] : classes)
        print_summary(phase + ", " + name, some);
}

void print_accuracy()
{
    auto const shipped = check_accuracy(shipped_catalog());
    auto const published = check_points(published_points, "published.json", shipped_catalog());
    auto const left_out = leave_one_out(shipped_catalog());
    VERIFY(shipped && published && left_out);
    print_head("Fitted to");
    for (auto const* set : { "seed", "public" }) {
        for (auto const* phase : { "decode", "batched", "tensor", "prefill" })
            print_summary(fmt::format("{}, {}", set, phase),
                only(*shipped,
                    [&](AccuracyRow const& row) { return row.set == set && row.phase == phase; }));
    }
    print_summary("seed, decode, each left out of its fit", *left_out);
    print_head("Never fitted to (tests/planner/published.json)");
    for (auto const* phase : { "decode", "batched", "tensor", "prefill" }) {
        for (auto const* set : { "", "blind", "left" })
            print_summary(fmt::format("{}{}{}", phase, *set ? ", " : "", set),
                only(*published,
                    [&](AccuracyRow const& row) { return row.phase == phase && row.set == set; }));
        print_summary(fmt::format("{}, all", phase),
            only(*published, [&](AccuracyRow const& row) { return row.phase == phase; }));
    }
    fmt::print("\nWhere several sources measured the same\n\n"
               "| what | results | mean % | median % |\n|---|--:|--:|--:|\n");
    auto all = *shipped;
    all.insert(all.end(), published->begin(), published->end());
    print_other_sources(all, "decode");
    print_other_sources(all, "prefill");
    print_head("The same by engine and family of devices");
    for (auto const* phase : { "decode", "prefill" })
        print_by_class(*published, phase);
    print_head("The same by source");
    std::map<std::string, Rows> sources;
    for (auto const& row : *published)
        sources[row.phase + ", " + row.source.substr(0, 60)].push_back(row);
    for (auto const& [name, some] : sources)
        print_summary(name, some);
}

void print_time(std::string const& name, Times const& times, double most_ms)
{
    fmt::print(
        "| {:52} | {:9.3f} | {:9.3f} | {:6} |\n", name, times.wall_ms, times.cpu_ms, most_ms);
}

// A model of 500 GB: 94 layers of 512 experts each in its own tensor, with a vocabulary.
TestGguf large_file()
{
    auto model = **find_model(shipped_catalog(), "qwen3-235b-a22b");
    model.experts = 512;
    QuantType const* type = entry_of(shipped_catalog().quants, "Q4_K");
    QuantType const* small = entry_of(shipped_catalog().quants, "F32");
    VERIFY(type && small);
    return test_gguf_of(model, *type, *small);
}

void print_header_time(int rounds)
{
    auto const file = large_file();
    auto const header = file.header();
    std::uint64_t bytes = 0;
    ByteSource source { "large.gguf", file.file_size(),
        [&](std::uint64_t offset, std::size_t size) -> sidereal::Result<std::string> {
            bytes += size;
            auto text = offset < header.size() ? header.substr(offset, size) : std::string();
            text.resize(size, '\0');
            return text;
        } };
    auto const times = median_of(rounds, [&] {
        bytes = 0;
        auto const read = read_gguf(source, shipped_catalog());
        VERIFY(read.has_value());
        VERIFY(model_of(*read, source, shipped_catalog()).has_value());
    });
    print_time(fmt::format("header of a GGUF of {:.0f} GB, {:.1f} MB read",
                   static_cast<double>(file.file_size()) / 1e9, static_cast<double>(bytes) / 1e6),
        times, 50);
}

// A terabyte that begins like a model and goes on with one byte.
void print_hostile_times(int rounds)
{
    auto const number = [](std::uint64_t value, int size) {
        std::string text;
        for (int i = 0; i < size; ++i)
            text += static_cast<char>(value >> (8 * i) & 0xff);
        return text;
    };
    auto const tokens = std::string("tokenizer.ggml.tokens");
    std::map<std::string, std::string> const heads {
        { "65,000 keys and tensors",
            "GGUF" + number(3, 4) + number(65'000, 8) + number(65'000, 8) },
        { "2,000,000 texts",
            "GGUF" + number(3, 4) + number(0, 8) + number(1, 8) + number(tokens.size(), 8) + tokens
                + number(9, 4) + number(8, 4) + number(1'999'999, 8) },
    };
    for (auto const& [name, head] : heads) {
        ByteSource const source { "hostile.gguf", 1ull << 40,
            [&head = head](
                std::uint64_t offset, std::size_t size) -> sidereal::Result<std::string> {
                std::string text(size, '\0');
                for (std::size_t i = 0; i < size && offset + i < head.size(); ++i)
                    text[i] = head[offset + i];
                return text;
            } };
        // Headers without end, or of a model that is none.
        auto const times = median_of(rounds, [&] {
            auto const read = read_gguf(source, shipped_catalog());
            VERIFY(!read || !model_of(*read, source, shipped_catalog()));
        });
        print_time("hostile GGUF of 1 TB refused: " + name, times, 50);
    }
}

void print_plan_times(int rounds)
{
    auto const& catalog = shipped_catalog();
    auto const model = model_of(**find_model(catalog, "gpt-oss-120b"));
    auto const machine = *read_machine("3xrtx-3090", {}, catalog);
    constexpr int repeats = 200;
    auto plan = median_of(rounds, [&] {
        for (int i = 0; i < repeats; ++i)
            VERIFY(plan_model(model, machine, {}, catalog).has_value());
    });
    print_time("one plan (gpt-oss-120b on 3x RTX 3090)",
        { plan.wall_ms / repeats, plan.cpu_ms / repeats }, 1);
    auto explained = median_of(rounds, [&] {
        for (int i = 0; i < repeats; ++i)
            VERIFY(plan_model(model, machine, {}, catalog, {}, Explain::yes).has_value());
    });
    print_time(
        "one plan, explained", { explained.wall_ms / repeats, explained.cpu_ms / repeats }, 1);
}

void print_many_times(int rounds)
{
    auto const& catalog = shipped_catalog();
    std::vector<Model> models;
    for (auto const& entry : catalog.models)
        models.push_back(model_of(entry));
    std::vector<Machine> machines;
    for (int count = 1; count <= 8; count *= 2) {
        for (auto const& device : catalog.devices) {
            if (auto machine = read_machine(fmt::format("{}x{}", count, device.id), {}, catalog))
                machines.push_back(std::move(*machine));
        }
    }
    int combinations = 0;
    auto const times = median_of(rounds, [&] {
        combinations = 0;
        for (std::size_t i = 0; combinations < 10'000; ++i) {
            Workload workload;
            workload.quant = "Q4_K_M";
            auto const plan = plan_model(models[i % models.size()],
                machines[i / models.size() % machines.size()], workload, catalog);
            VERIFY(plan.has_value());
            ++combinations;
        }
    });
    print_time(fmt::format("{} combinations of {} machines and {} models", combinations,
                   machines.size(), models.size()),
        times, 1000);
}

}

int main(int argc, char** argv)
{
    auto const rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
    fmt::print(
        "Planner, catalogue of {}: {} devices, {} models, {} profiles. Medians of {} rounds.\n",
        shipped_catalog().as_of, shipped_catalog().devices.size(), shipped_catalog().models.size(),
        shipped_catalog().engines.size(), rounds);
    print_accuracy();
    fmt::print("\nTime\n\n| what | wall ms | CPU ms | at most |\n|---|--:|--:|--:|\n");
    print_plan_times(rounds);
    print_header_time(rounds);
    print_hostile_times(rounds);
    print_many_times(rounds);
    return 0;
}
