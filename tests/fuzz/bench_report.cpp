#include <fuzz/fuzz.h>

#include <plan/bench_match.h>
#include <plan/bench_report.h>

void sidereal::fuzz::take(std::string_view input)
{
    auto const runs = plan::read_bench_report(input, "bench.json");
    if (!runs)
        return;
    for (auto const& run : *runs) {
        VERIFY(run.tokens_per_s > 0);
        (void)plan::measure(run, { {}, {}, {}, "bench.json" }, plan::shipped_catalog());
    }
}
