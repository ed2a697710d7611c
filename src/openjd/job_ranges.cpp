// The tasks of a step: what the texts of its parameter space are with a job's values.
#include <openjd/job_maker.h>

#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::uint64_t longest_chunk_s = 365UL * 24 * 3600;

bool is_integer(ParameterType type)
{
    return type == ParameterType::integer || type == ParameterType::integer_chunk;
}

Result<IntRange> range_of_texts(std::vector<std::string> const& texts)
{
    std::vector<std::int64_t> values;
    for (auto const& text : texts)
        values.push_back(parse_int(text).value_or(0));
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return IntRange::of(values);
}

}

std::optional<std::string> JobMaker::range_item(
    TaskParameterDefinition const& definition, std::string const& text, Site const& site)
{
    if (is_integer(definition.type)) {
        auto const number = parse_int(trim(text));
        if (number)
            return std::to_string(*number);
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

std::uint64_t JobMaker::count(
    std::uint64_t given, std::optional<Reference> const& text, std::int64_t least)
{
    if (!text)
        return given;
    Site const site { text->line, text->column, text->path };
    auto const found = value(site, text->text, expr::int_type.or_null() | expr::string_type);
    if (!found || found->is_null())
        return given;
    auto const number = parse_int(trim(found->to_text()));
    if (number && *number >= least)
        return static_cast<std::uint64_t>(*number);
    fault(site,
        fmt::format("'{}' is no whole number from {} upwards", excerpt(found->to_text()), least));
    return given;
}

ChunkedRange JobMaker::chunked(ChunksTemplate const& chunks, IntRange range)
{
    auto const most = count(chunks.default_task_count, chunks.default_task_count_text, 1);
    auto const target_s = count(chunks.target_runtime_s, chunks.target_runtime_text, 0);
    if (target_s == 0)
        return { std::move(range), most, chunks.constraint };
    chunks_ = { most, std::chrono::seconds(std::min(target_s, longest_chunk_s)) };
    return { std::move(range), 1, chunks.constraint };
}

std::optional<TaskParameterRange> JobMaker::range_of(
    TaskParameterDefinition const& definition, Result<IntRange> made, Site const& site)
{
    if (!made) {
        fault(site, made.error().message);
        return std::nullopt;
    }
    if (definition.chunks)
        return TaskParameterRange { definition.name, definition.type,
            chunked(*definition.chunks, std::move(*made)) };
    return TaskParameterRange { definition.name, definition.type, std::move(*made) };
}

std::optional<TaskParameterRange> JobMaker::range_of(TaskParameterDefinition const& definition,
    std::vector<std::string> const& texts, Site const& site)
{
    auto const most = source_.limits.range_list;
    if (texts.empty() || texts.size() > most) {
        fault(site,
            fmt::format("the list has {} items with these values; allowed are 1 to {}",
                texts.size(), most));
        return std::nullopt;
    }
    std::vector<std::string> values;
    for (auto const& text : texts) {
        auto item = range_item(definition, text, site);
        if (!item)
            return std::nullopt;
        values.push_back(std::move(*item));
    }
    if (definition.chunks)
        return range_of(definition, range_of_texts(values), site);
    return TaskParameterRange { definition.name, definition.type, std::move(values) };
}

std::optional<TaskParameterRange> JobMaker::range(
    TaskParameterDefinition const& definition, Site const& site)
{
    if (definition.expression) {
        auto const found = value(site, *definition.expression, range_target(definition.type));
        if (!found)
            return std::nullopt;
        if (found->is(expr::Kind::list))
            return range_of(definition, texts_of(*found), site);
        auto made = found->is(expr::Kind::range) ? found->range()
                                                 : IntRange::parse(found->to_text());
        return range_of(definition, std::move(made), site);
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < definition.list.size(); ++i) {
        Site const item { site.line, site.column, fmt::format("{}[{}]", site.path, i) };
        auto const some = items(item, definition.list[i]);
        if (!some)
            return std::nullopt;
        texts.insert(texts.end(), some->begin(), some->end());
    }
    return range_of(definition, texts, site);
}

ParameterSpace JobMaker::space(StepTemplate const& step, std::string const& path)
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
    auto const chunked = std::find_if(step.parameters.begin(), step.parameters.end(),
        [](TaskParameterDefinition const& definition) { return definition.chunks.has_value(); });
    auto made = ParameterSpace::make(std::move(ranges),
        chunks_ ? with_innermost(step.combination, chunked->name) : step.combination);
    if (made)
        return std::move(*made);
    auto const& first = step.parameters.front();
    fault({ first.line, first.column, path + ".parameterSpace" }, made.error().message);
    return {};
}

}
