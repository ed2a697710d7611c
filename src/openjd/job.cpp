#include <openjd/job.h>

#include <openjd/job_maker.h>
#include <openjd/job_request.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::openjd {

namespace {

using EnvironmentTemplates = std::vector<EnvironmentTemplate>;

Checked<EnvironmentTemplates> decode_environments(JobRequest const& request)
{
    EnvironmentTemplates out;
    Diagnostics faults;
    for (auto const& source : request.source.environments) {
        auto decoded = decode_environment_template(source.text, source.file_name, request.allowed);
        if (decoded)
            out.push_back(std::move(*decoded));
        else
            faults.insert(faults.end(), decoded.error().begin(), decoded.error().end());
    }
    if (!faults.empty())
        return tl::unexpected(std::move(faults));
    return out;
}

// Of the environments around a step, its own among them, one at most wraps actions.
Checked<void> check_layers(
    EnvironmentTemplates const& outside, JobTemplate const& inside, std::string_view file_name)
{
    auto const wraps = [](Environment const& environment) { return environment.hooks.has_value(); };
    auto const outer = std::count_if(outside.begin(), outside.end(),
        [&](EnvironmentTemplate const& one) { return wraps(one.environment); });
    auto const own = std::count_if(inside.environments.begin(), inside.environments.end(), wraps);
    auto const fault = [&](int line, int column, std::string path, std::ptrdiff_t count) {
        return tl::unexpected(Diagnostics { { std::string(file_name), line, column, std::move(path),
            fmt::format("with the environments around the job {} environments wrap the actions of "
                        "one session; at most one may",
                count) } });
    };
    if (outer > 0 && outer + own > 1)
        return fault(inside.name_line, inside.name_column, "jobEnvironments", outer + own);
    for (std::size_t i = 0; outer > 0 && i < inside.steps.size(); ++i) {
        auto const& step = inside.steps[i];
        auto const inner = std::count_if(step.environments.begin(), step.environments.end(), wraps);
        if (inner > 0)
            return fault(step.line, step.column, fmt::format("steps[{}].stepEnvironments", i),
                outer + inner);
    }
    return {};
}

Checked<ParameterValues> values_of(JobRequest const& request,
    std::vector<ParameterDefinition> const& definitions, JobTemplate const& decoded)
{
    auto texts = request.source.parameters;
    auto const& file_name = request.source.file_name;
    if (auto bases = request.path_bases) {
        bases->keeps_uris = decoded.extensions.has(Extension::expr);
        texts = TRY(absolute_paths(definitions, std::move(texts), *bases, file_name));
    }
    return check_parameters(definitions, texts, file_name, decoded.limits);
}

}

Checked<Job> make_job(JobRequest const& request)
{
    auto const& source = request.source;
    auto environments = TRY(decode_environments(request));
    auto decoded = TRY(
        decode_job_template(source.template_text, source.file_name, request.allowed));
    std::vector<std::vector<ParameterDefinition>> lists;
    for (auto& environment : environments)
        lists.push_back(std::move(environment.parameters));
    lists.push_back(std::move(decoded.parameters));
    auto const definitions = TRY(merge_parameters(std::move(lists), source.file_name));
    auto parameters = TRY(values_of(request, definitions, decoded));
    TRY(check_layers(environments, decoded, source.file_name));
    JobMaker maker(std::move(decoded), source.file_name, parameters);
    Job job;
    job.name = maker.job_name();
    for (auto& outer : environments) {
        outer.environment.sets_redacted = outer.extensions.has(Extension::redacted_env_vars);
        job.environments.push_back(std::move(outer.environment));
    }
    for (auto& own : maker.source().environments)
        job.environments.push_back(std::move(own));
    job.environments = maker.environments(std::move(job.environments));
    job.steps = maker.steps();
    job.sets_redacted = maker.source().extensions.has(Extension::redacted_env_vars);
    job.description = std::move(maker.source().description);
    job.parameters = std::move(parameters);
    auto faults = maker.take_faults();
    if (!faults.empty())
        return tl::unexpected(std::move(faults));
    return job;
}

Checked<Job> create_job(JobSource const& source)
{
    JobRequest request;
    request.source = source;
    return make_job(request);
}

std::string_view to_string(Cancelation::Mode mode)
{
    return mode == Cancelation::Mode::terminate ? "TERMINATE" : "NOTIFY_THEN_TERMINATE";
}

}
