#include <openjd/job_maker.h>

#include <base/control_characters.h>
#include <openjd/capability.h>
#include <openjd/job_symbols.h>
#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace sidereal::openjd {

namespace {

// Of all the expressions that are worked out for one job: a twentieth of a second or so.
constexpr expr::Budget making { 10'000'000, 24ULL << 20, 4'000'000 };

}

JobMaker::JobMaker(
    JobTemplate source, std::string_view file_name, ParameterValues const& parameters)
    : source_(std::move(source))
    , file_name_(file_name)
    , filler_([this](FormatString const& text,
                  expr::Type type) { return text.resolve(context_, type); },
          source_.limits, file_name)
{
    for (auto const& [name, value] : parameters) {
        if (!holds_paths(value.type))
            names_.values.emplace("Param." + name, value.value);
        names_.values.emplace("RawParam." + name, raw_value(value));
    }
    step_names_.outer = &names_;
    context_.names = &names_;
    context_.budget = making;
}

void JobMaker::fault(Site const& site, std::string message)
{
    if (faults_.size() < source_.limits.faults)
        faults_.push_back(
            { std::string(file_name_), site.line, site.column, site.path, std::move(message) });
}

Diagnostics JobMaker::take_faults()
{
    for (auto& fault : filler_.take_faults())
        faults_.push_back(std::move(fault));
    return std::move(faults_);
}

std::optional<expr::Value> JobMaker::value(
    Site const& site, FormatString const& string, expr::Type type)
{
    auto found = string.resolve(context_, type);
    if (found)
        return std::move(*found);
    fault(site, expr::render(found.error(), string.text()));
    return std::nullopt;
}

std::string JobMaker::text(Site const& site, FormatString const& string)
{
    auto const found = value(site, string, expr::string_type);
    return found ? found->text() : std::string();
}

std::optional<std::vector<std::string>> JobMaker::items(
    Site const& site, FormatString const& string)
{
    auto const found = value(site, string, items_of_text);
    return found ? std::optional(texts_of(*found)) : std::nullopt;
}

std::string JobMaker::job_name()
{
    Site const site { source_.name_line, source_.name_column, "name" };
    auto name = text(site, source_.name);
    auto const length = count_code_points(name);
    if (length < 1 || length > source_.limits.job_name)
        fault(site,
            fmt::format("the job's name has {} characters with these values; allowed are 1 to {}",
                length, source_.limits.job_name));
    if (has_control_characters(name, LineBreaks::refused))
        fault(site, "the job's name has control characters with these values");
    names_.values.insert_or_assign("Job.Name", expr::Value::of(name));
    return name;
}

std::vector<std::string> JobMaker::values(
    std::vector<FormatString> const& list, std::string const& capability, Site const& site)
{
    std::vector<std::string> out;
    for (auto const& string : list) {
        for (auto const& item : items(site, string).value_or(std::vector<std::string>())) {
            auto value = check_attribute_value(capability, item, source_.limits);
            if (value)
                out.push_back(std::move(*value));
            else
                fault(site, value.error().message);
        }
    }
    return out;
}

std::optional<double> JobMaker::bound(
    std::optional<double> given, std::optional<Reference> const& text)
{
    if (!text)
        return given;
    // Text is read here, which says better what is wrong with it.
    Site const site { text->line, text->column, text->path };
    auto const found = value(site, text->text, expr::float_type.or_null() | expr::string_type);
    if (!found || found->is_null())
        return std::nullopt;
    auto const number = parse_float(trim(found->to_text()));
    if (!number)
        fault(site, fmt::format("'{}' is no finite number", excerpt(found->to_text())));
    return number;
}

AmountRequirement JobMaker::amount(AmountTemplate const& source, std::string name)
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

HostRequirements JobMaker::requirements(StepTemplate const& step, std::string const& path)
{
    HostRequirements out;
    std::set<std::string, std::less<>> seen;
    auto const name_of = [&](CapabilityKind kind, FormatString const& string, Site const& site) {
        auto name = check_capability_name(kind, text(site, string), source_.limits);
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

void JobMaker::bind(std::vector<LetTemplate> const& lets, std::string const& path)
{
    for (std::size_t i = 0; i < lets.size(); ++i) {
        auto const& let = lets[i];
        auto made = let.binding.value.evaluate_within(context_);
        if (!made) {
            fault({ let.line, let.column, fmt::format("{}.let[{}]", path, i) },
                expr::render(made.error(), let.binding.value.text()));
            return;
        }
        auto& left = context_.budget.bytes;
        left -= std::min<std::uint64_t>(made->bytes(), left);
        step_names_.values.insert_or_assign(let.binding.name, std::move(*made));
    }
}

Step JobMaker::step(StepTemplate& source, std::string const& path)
{
    step_names_.values = { { "Step.Name", expr::Value::of(source.name) } };
    context_.names = &step_names_;
    bind(source.lets, path);
    Step out;
    out.requirements = requirements(source, path);
    chunks_.reset();
    out.space = space(source, path);
    out.chunks = chunks_;
    out.name = std::move(source.name);
    out.depends_on = std::move(source.depends_on);
    out.environments = environments(std::move(source.environments));
    out.lets = std::move(source.script_lets);
    out.on_run = std::move(source.on_run);
    filler_.fill(out.on_run);
    out.files = std::move(source.files);
    out.values = std::move(step_names_.values);
    context_.names = &names_;
    return out;
}

std::vector<Environment> JobMaker::environments(std::vector<Environment> source)
{
    auto const sets_redacted = source_.extensions.has(Extension::redacted_env_vars);
    for (auto& environment : source) {
        environment.sets_redacted = environment.sets_redacted || sets_redacted;
        filler_.fill(environment);
    }
    return source;
}

std::vector<Step> JobMaker::steps()
{
    std::vector<Step> out;
    for (std::size_t i = 0; i < source_.steps.size(); ++i)
        out.push_back(step(source_.steps[i], fmt::format("steps[{}]", i)));
    return out;
}

}
