// How fast expressions are parsed and evaluated, on one core; see README.md.
#include <openjd/expr/expression.h>

#include <benchmark/benchmark.h>

#include <array>
#include <string>

namespace sidereal::openjd::expr {

namespace {

Names const& names()
{
    static Names const out = [] {
        Names some;
        some.values["Param.Frame"] = Value::of(std::int64_t { 41 });
        some.values["Param.Name"] = Value::of("shot010");
        some.values["Param.OutputDir"] = Value::path("/renders/shot010");
        some.values["Param.Pattern"] = Value::path("/renders/shot010/beauty.####.exr");
        some.values["Task.Param.Frame"] = Value::of(std::int64_t { 1001 });
        some.values["Session.WorkingDirectory"] = Value::path("/tmp/session");
        return some;
    }();
    return out;
}

constexpr std::array<char const*, 8> expressions {
    "Param.Frame",
    "Param.Frame + 1",
    "Param.Frame * 2 + 1 if Param.Frame > 10 else 0",
    "Param.Name.upper() + '_v001'",
    "Param.OutputDir / Param.Name / 'frame.exr'",
    "Param.Pattern.with_number(Task.Param.Frame)",
    "[x * 2 for x in range(100) if x % 3 == 0]",
    "re_search(Param.Name, r'(\\d+)')[1]",
};

void evaluate(benchmark::State& state)
{
    auto const* const text = expressions.at(static_cast<std::size_t>(state.range(0)));
    auto const parsed = Expression::parse(text);
    Context const context { .names = &names() };
    for (auto _ : state) {
        auto value = parsed->evaluate(context);
        benchmark::DoNotOptimize(value);
    }
    state.SetItemsProcessed(state.iterations());
    state.SetLabel(text);
}
BENCHMARK(evaluate)->DenseRange(0, expressions.size() - 1);

void parse(benchmark::State& state)
{
    auto const* const text = expressions.at(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        auto parsed = Expression::parse(text);
        benchmark::DoNotOptimize(parsed);
    }
    state.SetItemsProcessed(state.iterations());
    state.SetLabel(text);
}
BENCHMARK(parse)->DenseRange(0, expressions.size() - 1);

// Expressions that mean to take all there is: how long until they are stopped.
constexpr std::array<char const*, 12> hostile {
    "[x + 1 for x in range(4000000)]",
    "len([1 for x in range(8000000)])",
    "sum([sum(range(3000)) for x in range(3000)])",
    "len('a' * 60000000) + len('b' * 60000000) + len('a' * 67000000 + 'b')",
    "[[x, x, x, x, x, x, x, x] for x in range(1000000)]",
    "sorted([string(x) for x in range(400000)])",
    "[re_search('a' * 5000, '(a|aa)*$') for x in range(1000000)]",
    "[path('/a/b/c/d').parent for x in range(1000000)]",
    "[repr_json('\\u00e9' * 200) for x in range(1000000)]",
    "['\\u00e9\\u00df'.upper() for x in range(10000000)]",
    "[x for x in range(7000000) if string(x).startswith('9')]",
    "len(range_expr('1-1000000000')[::2]) + sum([x for x in range_expr('1-1000000000')])",
};

void stop_hostile(benchmark::State& state)
{
    auto const* const text = hostile.at(static_cast<std::size_t>(state.range(0)));
    auto const parsed = Expression::parse(text);
    Usage usage;
    bool stopped = false;
    for (auto _ : state) {
        auto value = parsed->evaluate({}, std::nullopt, &usage);
        stopped = !value.has_value();
    }
    state.counters["operations"] = static_cast<double>(usage.operations);
    state.counters["bytes"] = static_cast<double>(usage.peak_bytes);
    state.SetLabel((stopped ? "stopped: " : "done: ") + std::string(text));
}
BENCHMARK(stop_hostile)->DenseRange(0, hostile.size() - 1)->Unit(benchmark::kMillisecond);

}

}

BENCHMARK_MAIN();
