#include <cli/plan_job_template.h>

#include <base/verify.h>
#include <cli/bundle.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>

namespace sidereal::cli {

namespace {

constexpr double mib_per_gib = 1024;

void raise(std::optional<double>& largest, double value)
{
    largest = std::max(largest.value_or(value), value);
}

void add_needs(plan::NodeAmounts& needs, openjd::AmountRequirement const& amount)
{
    if (!amount.min)
        return;
    if (amount.name == "amount.worker.vcpu")
        raise(needs.vcpus, *amount.min);
    else if (amount.name == "amount.worker.memory")
        raise(needs.memory_gib, *amount.min / mib_per_gib);
    else if (amount.name == "amount.worker.gpu")
        raise(needs.gpus, *amount.min);
    else if (amount.name == "amount.worker.gpu.memory")
        raise(needs.gpu_memory_gib, *amount.min / mib_per_gib);
}

}

TemplateWork work_of(openjd::Job const& job)
{
    TemplateWork work;
    work.name = job.name;
    std::uint64_t tasks = 0;
    for (auto const& step : job.steps) {
        tasks += step.space.size();
        for (auto const& amount : step.requirements.amounts)
            add_needs(work.needs, amount);
    }
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    work.tasks = static_cast<std::int64_t>(std::min(tasks, most));
    return work;
}

Result<TemplateWork> read_template_work(
    std::string const& target, std::vector<std::string> const& parameters, OutputFormat errors)
{
    auto const bundle = load_bundle(target, parameters, std::filesystem::current_path().string());
    if (!bundle)
        return tl::unexpected(shown(bundle.error(), errors));
    auto const job = openjd::create_job(bundle->source);
    VERIFY(job);
    return work_of(*job);
}

}
