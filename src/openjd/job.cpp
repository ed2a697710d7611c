#include <openjd/job.h>

#include <openjd/action.h>
#include <openjd/capability.h>
#include <openjd/job_request.h>
#include <openjd/template.h>
#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace sidereal::openjd {

namespace {

// Where in the template something stands that turned out wrong with these values.
struct Site {
    int line { 0 };
    int column { 0 };
    std::string path;
};

class Maker {
public:
    Maker(Maker const&) = delete;
    Maker& operator=(Maker const&) = delete;
    Maker(JobTemplate source, std::string_view file_name, ParameterValues const& parameters)
        : source_(std::move(source))
        , file_name_(file_name)
        , filler_(
              [this](FormatString const& text) -> Result<std::optional<std::string>> {
                  return TRY(text.resolve(symbols_));
              },
              source_.limits, file_name)
    {
        for (auto const& [name, value] : parameters) {
            if (value.type != ParameterType::path)
                symbols_.emplace("Param." + name, value.text);
            symbols_.emplace("RawParam." + name, value.text);
        }
    }

    std::string job_name();
    std::vector<Step> steps();
    std::vector<Environment> environments(std::vector<Environment> source);
    Diagnostics take_faults();
    JobTemplate& source() { return source_; }

private:
    void fault(Site const& site, std::string message)
    {
        if (faults_.size() < source_.limits.faults)
            faults_.push_back(
                { std::string(file_name_), site.line, site.column, site.path, std::move(message) });
    }
    std::string resolve(Site const& site, FormatString const& string);
    Step step(StepTemplate& source, std::string const& path);
    ParameterSpace space(StepTemplate const& step, std::string const& path);
    std::uint64_t count(
        std::uint64_t given, std::optional<Reference> const& text, std::int64_t least);
    ChunkedRange chunked(ChunksTemplate const& chunks, IntRange range);
    std::optional<TaskParameterRange> range(
        TaskParameterDefinition const& definition, Site const& site);
    std::optional<std::string> range_item(
        TaskParameterDefinition const& definition, std::string text, Site const& site);
    AmountRequirement amount(AmountTemplate const& source, std::string name);
    std::optional<double> bound(std::optional<double> value, std::optional<Reference> const& text);
    HostRequirements requirements(StepTemplate const& step, std::string const& path);
    std::vector<std::string> values(
        std::vector<FormatString> const& list, std::string const& capability, Site const& site);

    JobTemplate source_;
    std::string_view file_name_;
    Symbols symbols_;
    ActionFiller filler_;
    Diagnostics faults_;
};

Diagnostics Maker::take_faults()
{
    for (auto& fault : filler_.take_faults())
        faults_.push_back(std::move(fault));
    return std::move(faults_);
}

std::string Maker::resolve(Site const& site, FormatString const& string)
{
    auto text = string.resolve(symbols_);
    if (text)
        return std::move(*text);
    fault(site, text.error().message);
    return {};
}

std::string Maker::job_name()
{
    Site const site { source_.name_line, source_.name_column, "name" };
    auto name = resolve(site, source_.name);
    auto const length = count_code_points(name);
    if (length < 1 || length > source_.limits.job_name)
        fault(site,
            fmt::format("the job's name has {} characters with these values; allowed are 1 to {}",
                length, source_.limits.job_name));
    if (has_control_characters(name, LineBreaks::refused))
        fault(site, "the job's name has control characters with these values");
    return name;
}

std::optional<std::string> Maker::range_item(
    TaskParameterDefinition const& definition, std::string text, Site const& site)
{
    if (definition.type == ParameterType::integer
        || definition.type == ParameterType::integer_chunk) {
        auto const value = parse_int(trim(text));
        if (value)
            return std::to_string(*value);
        fault(site, fmt::format("'{}' is no whole number in the 64-bit range", excerpt(text)));
        return std::nullopt;
    }
    if (definition.type == ParameterType::floating) {
        if (parse_float(trim(text)))
            return std::string(trim(text));
        fault(site, fmt::format("'{}' is no finite number", excerpt(text)));
        return std::nullopt;
    }
    auto const length = count_code_points(text);
    if (length >= 1 && length <= source_.limits.task_value)
        return text;
    fault(site,
        fmt::format("the value has {} characters with these values; allowed are 1 to {}", length,
            source_.limits.task_value));
    return std::nullopt;
}

std::uint64_t Maker::count(
    std::uint64_t given, std::optional<Reference> const& text, std::int64_t least)
{
    if (!text)
        return given;
    Site const site { text->line, text->column, text->path };
    auto const resolved = resolve(site, text->text);
    auto const number = parse_int(trim(resolved));
    if (number && *number >= least)
        return static_cast<std::uint64_t>(*number);
    fault(site, fmt::format("'{}' is no whole number from {} upwards", excerpt(resolved), least));
    return static_cast<std::uint64_t>(std::max<std::int64_t>(least, 1));
}

ChunkedRange Maker::chunked(ChunksTemplate const& chunks, IntRange range)
{
    auto const most = count(chunks.default_task_count, chunks.default_task_count_text, 1);
    // How long a chunk should take is a wish that a scheduler may leave unheard; here it is
    // checked.
    count(chunks.target_runtime_s, chunks.target_runtime_text, 0);
    return { std::move(range), most, chunks.constraint };
}

Result<IntRange> range_of(std::vector<std::string> const& texts)
{
    std::vector<std::int64_t> values;
    for (auto const& text : texts)
        values.push_back(parse_int(text).value_or(0));
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return IntRange::of(values);
}

std::optional<TaskParameterRange> Maker::range(
    TaskParameterDefinition const& definition, Site const& site)
{
    auto const finish = [&](Result<IntRange> made) -> std::optional<TaskParameterRange> {
        if (!made) {
            fault(site, made.error().message);
            return std::nullopt;
        }
        if (definition.chunks)
            return TaskParameterRange { definition.name, definition.type,
                chunked(*definition.chunks, std::move(*made)) };
        return TaskParameterRange { definition.name, definition.type, std::move(*made) };
    };
    if (definition.expression)
        return finish(IntRange::parse(resolve(site, *definition.expression)));
    std::vector<std::string> values;
    for (std::size_t i = 0; i < definition.list.size(); ++i) {
        Site const item { site.line, site.column, fmt::format("{}[{}]", site.path, i) };
        auto value = range_item(definition, resolve(item, definition.list[i]), item);
        if (!value)
            return std::nullopt;
        values.push_back(std::move(*value));
    }
    if (definition.chunks)
        return finish(range_of(values));
    return TaskParameterRange { definition.name, definition.type, std::move(values) };
}

ParameterSpace Maker::space(StepTemplate const& step, std::string const& path)
{
    if (step.parameters.empty())
        return {};
    std::vector<TaskParameterRange> ranges;
    for (std::size_t i = 0; i < step.parameters.size(); ++i) {
        auto const& definition = step.parameters[i];
        auto made = range(definition,
            { definition.line, definition.column,
                fmt::format("{}.parameterSpace.taskParameterDefinitions[{}].range", path, i) });
        if (!made)
            return {};
        ranges.push_back(std::move(*made));
    }
    auto made = ParameterSpace::make(std::move(ranges), step.combination);
    if (made)
        return std::move(*made);
    auto const& first = step.parameters.front();
    fault({ first.line, first.column, path + ".parameterSpace" }, made.error().message);
    return {};
}

std::vector<std::string> Maker::values(
    std::vector<FormatString> const& list, std::string const& capability, Site const& site)
{
    std::vector<std::string> out;
    for (auto const& string : list) {
        auto value = check_attribute_value(capability, resolve(site, string), source_.limits);
        if (value)
            out.push_back(std::move(*value));
        else
            fault(site, value.error().message);
    }
    return out;
}

std::optional<double> Maker::bound(
    std::optional<double> value, std::optional<Reference> const& text)
{
    if (!text)
        return value;
    Site const site { text->line, text->column, text->path };
    auto const resolved = resolve(site, text->text);
    auto const number = parse_float(trim(resolved));
    if (!number)
        fault(site, fmt::format("'{}' is no finite number", excerpt(resolved)));
    return number;
}

AmountRequirement Maker::amount(AmountTemplate const& source, std::string name)
{
    AmountRequirement out { std::move(name), bound(source.min, source.min_text),
        bound(source.max, source.max_text) };
    auto const complain = [&](std::optional<Reference> const& text, std::string message) {
        auto const& from = text ? text : source.min_text ? source.min_text : source.max_text;
        if (from)
            fault({ from->line, from->column, from->path }, std::move(message));
    };
    if (out.min && *out.min < 0)
        complain(source.min_text, "min must be 0 or more");
    if (out.max && *out.max <= 0)
        complain(source.max_text, "max must be greater than 0");
    if (out.min && out.max && *out.min > *out.max)
        complain(source.max_text, fmt::format("max, {}, is less than min, {}", *out.max, *out.min));
    return out;
}

HostRequirements Maker::requirements(StepTemplate const& step, std::string const& path)
{
    HostRequirements out;
    std::set<std::string, std::less<>> seen;
    auto const name_of = [&](CapabilityKind kind, FormatString const& string, Site const& site) {
        auto name = check_capability_name(kind, resolve(site, string), source_.limits);
        if (!name)
            fault(site, name.error().message);
        else if (!seen.insert(*name).second)
            fault(site, fmt::format("{} is required above already (case does not matter)", *name));
        return name ? std::move(*name) : std::string();
    };
    for (std::size_t i = 0; i < step.amounts.size(); ++i) {
        auto const& source = step.amounts[i];
        Site const site { source.line, source.column,
            fmt::format("{}.hostRequirements.amounts[{}]", path, i) };
        out.amounts.push_back(amount(source, name_of(CapabilityKind::amount, source.name, site)));
    }
    for (std::size_t i = 0; i < step.attributes.size(); ++i) {
        auto const& attribute = step.attributes[i];
        Site const site { attribute.line, attribute.column,
            fmt::format("{}.hostRequirements.attributes[{}]", path, i) };
        auto const name = name_of(CapabilityKind::attribute, attribute.name, site);
        out.attributes.push_back(
            { name, values(attribute.any_of, name, site), values(attribute.all_of, name, site) });
    }
    return out;
}

Step Maker::step(StepTemplate& source, std::string const& path)
{
    Step out;
    out.requirements = requirements(source, path);
    out.space = space(source, path);
    out.name = std::move(source.name);
    out.depends_on = std::move(source.depends_on);
    out.environments = environments(std::move(source.environments));
    out.on_run = std::move(source.on_run);
    filler_.fill(out.on_run);
    out.files = std::move(source.files);
    return out;
}

std::vector<Environment> Maker::environments(std::vector<Environment> source)
{
    for (auto& environment : source)
        filler_.fill(environment);
    return source;
}

std::vector<Step> Maker::steps()
{
    std::vector<Step> out;
    for (std::size_t i = 0; i < source_.steps.size(); ++i)
        out.push_back(step(source_.steps[i], fmt::format("steps[{}]", i)));
    return out;
}

}

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

Checked<ParameterValues> values_of(JobRequest const& request,
    std::vector<ParameterDefinition> const& definitions, Limits const& limits)
{
    auto texts = request.source.parameters;
    auto const& file_name = request.source.file_name;
    if (request.path_bases)
        texts = TRY(absolute_paths(definitions, std::move(texts), *request.path_bases, file_name));
    return check_parameters(definitions, texts, file_name, limits);
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
    auto parameters = TRY(values_of(request, definitions, decoded.limits));
    Maker maker(std::move(decoded), source.file_name, parameters);
    Job job;
    job.name = maker.job_name();
    for (auto& outer : environments)
        job.environments.push_back(std::move(outer.environment));
    for (auto& own : maker.source().environments)
        job.environments.push_back(std::move(own));
    job.environments = maker.environments(std::move(job.environments));
    job.steps = maker.steps();
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

namespace {

void add_symbols(Symbols& symbols, std::string_view scope, std::string_view name,
    ParameterType type, std::string const& text, PathRules const& rules)
{
    bool const mapped = type == ParameterType::path && !rules.empty();
    symbols.insert_or_assign(
        fmt::format("{}Param.{}", scope, name), mapped ? map_path(rules, text) : text);
    symbols.insert_or_assign(fmt::format("{}RawParam.{}", scope, name), text);
}

}

Symbols job_symbols(ParameterValues const& parameters, PathRules const& rules)
{
    Symbols out;
    for (auto const& [name, value] : parameters)
        add_symbols(out, "", name, value.type, value.text, rules);
    return out;
}

void add_task_symbols(Symbols& symbols, TaskParameters const& task, PathRules const& rules)
{
    for (auto const& parameter : task)
        add_symbols(symbols, "Task.", parameter.name, parameter.type, parameter.value, rules);
}

}
