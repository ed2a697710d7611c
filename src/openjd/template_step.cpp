#include <openjd/capability.h>
#include <openjd/template_reader.h>

#include <cmath>
#include <set>

namespace sidereal::openjd {

namespace {

bool is_integer(ParameterType type)
{
    return type == ParameterType::integer || type == ParameterType::integer_chunk;
}

// Null leaves an item out, a list becomes several.
expr::Type item_target(ParameterType type)
{
    if (is_integer(type))
        return expr::int_type.or_null() | expr::int_type.list();
    if (type == ParameterType::floating)
        return expr::float_type.or_null() | expr::float_type.list() | expr::int_type.list();
    return items_of_text;
}

// An item of a range list: a string with references, or a number where the type is one.
std::optional<FormatString> read_range_item(
    Place const& place, ParameterType type, Scope const& job, Limits const& limits)
{
    auto const& node = place.node();
    bool const integer = is_integer(type);
    bool const number = integer || type == ParameterType::floating;
    if (node.kind == Node::Kind::string) {
        auto string = read_scoped(
            place, job, { 1, limits.task_value, TextRule::Controls::allowed }, item_target(type));
        if (!string || !number || !string->is_literal())
            return string;
    } else if (!number) {
        place.expected("a string (in quotes, if it looks like something else)");
        return std::nullopt;
    } else if (node.kind != Node::Kind::integer && node.kind != Node::Kind::floating) {
        place.expected("a number");
        return std::nullopt;
    }
    auto const text = node.kind == Node::Kind::string ? std::string(trim(node.text))
                                                      : node.as_text();
    auto const value = parse_float(text);
    bool const whole = integer && value && std::trunc(*value) == *value
        && node.kind == Node::Kind::floating && std::abs(*value) < 1e15;
    if (whole)
        return FormatString::literal(fmt::format("{:.0f}", *value));
    if (integer ? !parse_int(text).has_value() : !value.has_value()) {
        place.fault("'{}' is not {}", excerpt(text),
            integer ? "a whole number in the 64-bit range" : "a finite number");
        return std::nullopt;
    }
    return FormatString::literal(integer ? std::to_string(*parse_int(text)) : text);
}

void read_range(
    Place const& place, Scope const& job, Limits const& limits, TaskParameterDefinition& out)
{
    bool const integer = is_integer(out.type);
    if (place.node().kind != Node::Kind::list) {
        bool const may_be_text = integer || place.declares(Extension::expr);
        if (!may_be_text || place.node().kind != Node::Kind::string) {
            place.expected(integer ? "a list or a range expression such as 1-100" : "a list");
            return;
        }
        out.expression = read_format(place);
        if (!out.expression)
            return;
        check_references(place, *out.expression, job, range_target(out.type));
        if (!integer && !out.expression->is_one_reference())
            place.expected("a list, or one {{ expression }} that gives one");
        if (!out.expression->is_literal() || !integer)
            return;
        auto const range = IntRange::parse(out.expression->text());
        if (!range)
            place.complain(range.error().message);
        return;
    }
    for (auto const& item : read_list(place, { 1, limits.range_list })) {
        if (auto value = read_range_item(item, out.type, job, limits))
            out.list.push_back(std::move(*value));
    }
}

std::vector<std::string_view> task_types(Place const& place)
{
    std::vector<std::string_view> out { "INT", "FLOAT", "STRING", "PATH" };
    if (place.declares(Extension::task_chunking))
        out.push_back(to_string(ParameterType::integer_chunk));
    return out;
}

// A whole number that is given outright, in quotes or by reference; the last goes into `text`.
std::optional<std::uint64_t> read_count(Place const& place, Scope const& job, expr::Type target,
    std::int64_t least, std::optional<Reference>& text)
{
    auto const& node = place.node();
    auto count = node.as_int();
    if (node.kind == Node::Kind::string) {
        auto string = read_format(place);
        if (!string)
            return std::nullopt;
        check_references(place, *string, job, target);
        if (!string->is_literal()) {
            text = Reference { std::move(*string), node.line, node.column, place.path() };
            return std::nullopt;
        }
        count = parse_int(trim(node.text));
    }
    if (!count)
        place.expected("a whole number");
    else if (*count < least)
        place.fault("{} is less than {}", *count, least);
    else
        return static_cast<std::uint64_t>(*count);
    return std::nullopt;
}

void read_chunks(Fields const& parameter, Scope const& job, TaskParameterDefinition& out)
{
    bool const chunked = out.type == ParameterType::integer_chunk;
    auto const place = chunked ? parameter.need("chunks") : parameter.get("chunks");
    if (!place)
        return;
    if (!chunked) {
        place->fault("chunks belong to the type CHUNK[INT], not to {}", to_string(out.type));
        return;
    }
    Fields const fields(*place, { "defaultTaskCount", "targetRuntimeSeconds", "rangeConstraint" });
    auto& chunks = out.chunks.emplace();
    if (auto const count = fields.need("defaultTaskCount"))
        chunks.default_task_count = read_count(
            *count, job, expr::int_type, 1, chunks.default_task_count_text)
                                        .value_or(1);
    if (auto const target = fields.get("targetRuntimeSeconds"))
        chunks.target_runtime_s = read_count(
            *target, job, expr::int_type.or_null(), 0, chunks.target_runtime_text)
                                      .value_or(0);
    if (auto const constraint = fields.need("rangeConstraint"))
        chunks.constraint = read_word(*constraint, { "CONTIGUOUS", "NONCONTIGUOUS" })
                == std::size_t { 1 }
            ? ChunkConstraint::noncontiguous
            : ChunkConstraint::contiguous;
}

std::optional<ParameterType> read_task_type(Place const& place)
{
    auto const chunk = to_string(ParameterType::integer_chunk);
    auto const& text = place.node().text;
    bool const any_case = place.declares(Extension::expr);
    if (text == chunk || (any_case && to_upper(text) == chunk)) {
        bool const may = place.require(Extension::task_chunking, "the type CHUNK[INT]");
        return may ? std::optional(ParameterType::integer_chunk) : std::nullopt;
    }
    auto const known = task_types(place);
    auto const type = read_parameter_type(place, text);
    if (place.node().kind == Node::Kind::string && type && !needs_expressions(*type))
        return type;
    read_word(place, known);
    return std::nullopt;
}

TaskParameterDefinition read_task_parameter(
    Place const& place, Scope const& job, Limits const& limits)
{
    Fields const fields(place, { "name", "type", "range", "chunks" });
    TaskParameterDefinition out;
    out.line = place.node().line;
    out.column = place.node().column;
    if (auto const name = fields.need("name"))
        out.name = read_identifier(*name, limits).value_or("");
    bool type_known = false;
    if (auto const type = fields.need("type")) {
        auto const found = read_task_type(*type);
        type_known = found.has_value();
        out.type = found.value_or(out.type);
    }
    if (type_known)
        read_chunks(fields, job, out);
    auto const range = fields.need("range");
    if (range && type_known)
        read_range(*range, job, limits, out);
    return out;
}

// A bound, or in `text` what stands for it.
std::optional<double> read_bound(
    Place const& place, Scope const& job, std::optional<Reference>& text)
{
    auto const& node = place.node();
    auto value = node.as_float();
    if (node.kind == Node::Kind::string) {
        text = read_number_text(place, job, expr::float_type.or_null());
        if (!text || !text->text.is_literal())
            return std::nullopt;
        value = parse_float(trim(text->text.text()));
        text.reset();
    }
    if (!value)
        place.fault("expected a number, found {}",
            node.is_scalar() ? "'" + excerpt(node.text) + "'" : std::string(describe(node.kind)));
    return value;
}

void read_bounds(Fields const& fields, Scope const& job, AmountTemplate& out)
{
    auto const least = fields.get("min");
    auto const most = fields.get("max");
    if (fields.is_object() && !least && !most)
        fields.place().complain("needs min, max or both");
    if (least)
        out.min = read_bound(*least, job, out.min_text);
    if (most)
        out.max = read_bound(*most, job, out.max_text);
    if (out.min && *out.min < 0)
        least->fault("min must be 0 or more");
    if (out.max && *out.max <= 0)
        most->fault("max must be greater than 0");
    if (out.min && out.max && *out.min > *out.max)
        most->fault("max, {}, is less than min, {}", *out.max, *out.min);
}

// The name if it has no references and is good; those with references are checked with the job.
std::optional<std::string> read_capability_name(Fields const& fields, CapabilityKind kind,
    Scope const& job, Limits const& limits, FormatString& out)
{
    auto const place = fields.need("name");
    if (!place)
        return std::nullopt;
    auto string = read_scoped(
        *place, job, { 1, limits.capability_name, TextRule::Controls::refused });
    if (!string)
        return std::nullopt;
    out = std::move(*string);
    if (!out.is_literal())
        return std::nullopt;
    auto name = check_capability_name(kind, out.text(), limits);
    if (name)
        return std::move(*name);
    place->complain(name.error().message);
    return std::nullopt;
}

std::vector<FormatString> read_attribute_values(Place const& list,
    std::optional<std::string> const& name, Scope const& job, Limits const& limits)
{
    std::vector<FormatString> out;
    for (auto const& item : read_list(list, { 1, limits.attribute_values })) {
        auto string = read_format(item);
        if (!string)
            continue;
        check_references(item, *string, job, items_of_text);
        if (string->is_literal() && name) {
            auto const value = check_attribute_value(*name, string->text(), limits);
            if (!value)
                item.complain(value.error().message);
        }
        out.push_back(std::move(*string));
    }
    return out;
}

AttributeTemplate read_attribute(
    Place const& place, Scope const& job, Limits const& limits, std::optional<std::string>& name)
{
    Fields const fields(place, { "name", "anyOf", "allOf" });
    AttributeTemplate out;
    out.line = place.node().line;
    out.column = place.node().column;
    name = read_capability_name(fields, CapabilityKind::attribute, job, limits, out.name);
    auto const any = fields.get("anyOf");
    auto const all = fields.get("allOf");
    if (fields.is_object() && !any && !all)
        place.complain("needs anyOf, allOf or both");
    if (any)
        out.any_of = read_attribute_values(*any, name, job, limits);
    if (all)
        out.all_of = read_attribute_values(*all, name, job, limits);
    if (all && name && is_single_valued(*name) && out.all_of.size() > 1)
        all->fault("a host has one value of {}; no host can have all of several", *name);
    return out;
}

// At most one parameter is chunked, and none side by side with others.
void check_chunked(Place const& place, StepTemplate const& step)
{
    TaskParameterDefinition const* chunked = nullptr;
    for (auto const& parameter : step.parameters) {
        if (!parameter.chunks)
            continue;
        if (chunked)
            place.complain_at(parameter.line, parameter.column,
                fmt::format(
                    "'{}' is of type CHUNK[INT] already; a step has at most one", chunked->name));
        chunked = &parameter;
    }
    if (chunked && stands_side_by_side(step.combination, chunked->name))
        place.fault("'{}' is of type CHUNK[INT] and must not stand in (…, …)", chunked->name);
}

void refuse_duplicate(
    Place const& place, std::optional<std::string> const& name, std::set<std::string>& seen)
{
    if (name && !seen.insert(*name).second)
        place.fault("{} is required above already (case does not matter)", *name);
}

}

expr::Type range_target(ParameterType type)
{
    if (is_integer(type))
        return expr::int_type | expr::string_type | expr::range_type | expr::int_type.list();
    if (type == ParameterType::floating)
        return expr::float_type.list() | expr::int_type.list();
    return items_of_text - expr::string_type.or_null();
}

void read_parameter_space(
    Place const& place, Scope const& job, Limits const& limits, StepTemplate& step, Scope& task)
{
    Fields const fields(place, { "taskParameterDefinitions", "combination" });
    auto const list = fields.need("taskParameterDefinitions");
    if (!list)
        return;
    std::set<std::string, std::less<>> seen;
    std::vector<std::string_view> names;
    for (auto const& item : read_list(*list, { 1, limits.task_parameters })) {
        auto parameter = read_task_parameter(item, job, limits);
        task.add("Task.Param.", parameter.name, value_type(parameter.type));
        task.add("Task.RawParam.", parameter.name, raw_type(parameter.type));
        if (!parameter.name.empty() && !seen.insert(parameter.name).second)
            item.fault("a task parameter '{}' is defined above already", parameter.name);
        step.parameters.push_back(std::move(parameter));
    }
    for (auto const& parameter : step.parameters)
        names.push_back(parameter.name);
    step.combination = product_of(names);
    auto const combination = fields.get("combination");
    auto const text = combination
        ? read_text(*combination, { 1, limits.combination, TextRule::Controls::allowed })
        : std::nullopt;
    if (text) {
        auto parsed = parse_combination(*text, names);
        if (parsed)
            step.combination = std::move(*parsed);
        else
            combination->complain(parsed.error().message);
    }
    check_chunked(combination.value_or(*list), step);
}

void read_host_requirements(
    Place const& place, Scope const& job, Limits const& limits, StepTemplate& step)
{
    Fields const fields(place, { "amounts", "attributes" });
    auto const amounts = fields.get("amounts");
    auto const attributes = fields.get("attributes");
    if (fields.is_object() && !amounts && !attributes)
        place.complain("needs amounts, attributes or both");
    std::set<std::string> seen;
    if (amounts) {
        for (auto const& item : read_list(*amounts, { 1, limits.requirements })) {
            Fields const amount_fields(item, { "name", "min", "max" });
            AmountTemplate amount;
            amount.line = item.node().line;
            amount.column = item.node().column;
            refuse_duplicate(item,
                read_capability_name(
                    amount_fields, CapabilityKind::amount, job, limits, amount.name),
                seen);
            read_bounds(amount_fields, job, amount);
            step.amounts.push_back(std::move(amount));
        }
    }
    if (attributes) {
        for (auto const& item : read_list(*attributes, { 1, limits.requirements })) {
            std::optional<std::string> name;
            step.attributes.push_back(read_attribute(item, job, limits, name));
            refuse_duplicate(item, name, seen);
        }
    }
    if (step.amounts.size() + step.attributes.size() > limits.requirements)
        place.fault("amounts and attributes together are {}; at most {} are allowed",
            step.amounts.size() + step.attributes.size(), limits.requirements);
}

}
