#include <fuzz/document.h>

#include <openjd/bundle.h>
#include <openjd/job_symbols.h>
#include <openjd/template.h>

namespace sidereal::fuzz {

static void verify_step(openjd::Step const& step)
{
    auto const size = step.space.size();
    VERIFY(size >= 1 && size < openjd::ParameterSpace::max_size);
    for (auto const task : { std::uint64_t { 0 }, size / 2, size - 1 }) {
        auto const values = step.space.at(task);
        openjd::expr::NameValues symbols;
        openjd::add_task_symbols(symbols, values);
        // Doubles in a list of values are allowed, so the first task of that name may be another.
        auto const found = step.space.index_of(values);
        VERIFY(found && *found <= task && step.space.at(*found) == values);
    }
}

static openjd::ParameterTexts values_for(std::string_view text)
{
    openjd::ParameterTexts values;
    auto const decoded = openjd::decode_job_template(text, "fuzz.yaml");
    if (!decoded) {
        verify_faults(decoded.error());
        return values;
    }
    for (auto const& definition : decoded->parameters) {
        if (!definition.default_text)
            values[definition.name] = definition.rules[0].allowed_values.empty()
                ? "1"
                : definition.rules[0].allowed_values.front();
    }
    return values;
}

void take(std::string_view input)
{
    openjd::JobSource source { std::string(input), "fuzz.yaml", values_for(input) };
    if (auto resolved = openjd::with_absolute_paths(source, "/template", "/here"))
        source = *std::move(resolved);
    auto const job = openjd::create_job(source);
    if (!job)
        return verify_faults(job.error());
    VERIFY(!job->steps.empty());
    for (auto const& step : job->steps)
        verify_step(step);
}

}
