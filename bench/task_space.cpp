// How long a job of a million tasks takes to make, how many tasks a second can be enumerated, and
// how many simple expressions evaluated. Built by bench/openjd_bench.py.
#include <openjd/expr/expression.h>
#include <openjd/job.h>

#include <chrono>
#include <cstdio>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

sidereal::openjd::JobSource million_tasks()
{
    return { "specificationVersion: jobtemplate-2023-09\n"
             "name: Million\n"
             "steps:\n"
             "- name: S\n"
             "  parameterSpace:\n"
             "    taskParameterDefinitions:\n"
             "    - {name: Frame, type: INT, range: 1-500000}\n"
             "    - {name: Eye, type: STRING, range: [left, right]}\n"
             "  script: {actions: {onRun: {command: 'true'}}}\n",
        "t.yaml", {} };
}

double evaluations_per_s()
{
    namespace expr = sidereal::openjd::expr;
    constexpr int rounds = 2'000'000;
    expr::Names names;
    names.values["Param.Frame"] = expr::Value::of(std::int64_t { 41 });
    auto const parsed = expr::Expression::parse("Param.Frame + 1");
    if (!parsed)
        return 0;
    expr::Context const context { .names = &names };
    auto const start = Clock::now();
    for (int i = 0; i < rounds; ++i) {
        auto const value = parsed->evaluate(context);
        if (!value || value->integer() != 42)
            return 0;
    }
    return rounds / seconds_since(start);
}

}

int main()
{
    constexpr int makes = 100;
    constexpr int rounds = 10;
    auto const source = million_tasks();
    auto start = Clock::now();
    for (int i = 1; i < makes; ++i) {
        if (!sidereal::openjd::create_job(source))
            return 1;
    }
    auto const job = sidereal::openjd::create_job(source);
    if (!job)
        return 1;
    std::printf("{\"create_us\": %.1f, ", seconds_since(start) / makes * 1e6);
    auto const& space = job->steps[0].space;
    sidereal::openjd::TaskParameters task;
    unsigned long check = 0;
    start = Clock::now();
    for (int round = 0; round < rounds; ++round) {
        for (std::uint64_t i = 0; i < space.size(); ++i) {
            space.at(i, task);
            check += task[0].value.size();
        }
    }
    auto const taken = seconds_since(start);
    std::printf("\"tasks_per_s\": %.0f, \"check\": %lu, \"evaluations_per_s\": %.0f}\n",
        static_cast<double>(space.size()) * rounds / taken, check, evaluations_per_s());
    return 0;
}
