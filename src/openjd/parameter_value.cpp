#include <openjd/parameter_value.h>

#include <openjd/expr/coerce.h>
#include <openjd/text_rules.h>

#include <utility>

namespace sidereal::openjd {

namespace {

using expr::Value;

tl::unexpected<Error> refuse(std::string_view text, std::string_view wanted)
{
    return fail(ErrorCode::invalid_input, "'{}' is no {}", excerpt(text), wanted);
}

Result<Value> truth_of(std::string_view text)
{
    if (text == "1.0" || text == "0.0")
        return Value::of(text == "1.0");
    if (auto const truth = expr::parse_truth(text))
        return Value::of(*truth);
    return refuse(text, "truth value: expected true or false, yes or no, on or off, 1 or 0");
}

Result<Value> list_of(Node const& node, ParameterType type)
{
    if (node.kind != Node::Kind::list)
        return fail(ErrorCode::invalid_input, "expected a list for {}, found {}", to_string(type),
            describe(node.kind));
    std::vector<Value> values;
    values.reserve(node.children.size());
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        auto value = value_of(node.children[i], *item_type(type));
        if (!value)
            return fail(ErrorCode::invalid_input, "item [{}]: {}", i, value.error().message);
        values.push_back(std::move(*value));
    }
    return Value::list(value_type(*item_type(type)), std::move(values));
}

// Whether a value of the document that is not in quotes may be one of the type.
bool fits_unquoted(Node::Kind kind, ParameterType type)
{
    switch (type) {
    case ParameterType::integer: return kind == Node::Kind::integer;
    case ParameterType::floating:
        return kind == Node::Kind::integer || kind == Node::Kind::floating;
    case ParameterType::boolean:
        return kind == Node::Kind::boolean || kind == Node::Kind::integer
            || kind == Node::Kind::floating;
    default: return false;
    }
}

void write_json(JsonWriter& json, Node const& node)
{
    switch (node.kind) {
    case Node::Kind::list:
        json.begin_array();
        for (auto const& item : node.children)
            write_json(json, item);
        json.end_array();
        break;
    case Node::Kind::string: json.value(node.text); break;
    case Node::Kind::boolean: json.value(node.is_true()); break;
    default: {
        // YAML knows numbers that JSON does not: .5, +1.
        auto const text = node.as_text();
        if (parse_json(text))
            json.raw(text);
        else
            json.value(text);
    }
    }
}

Status write_json(JsonWriter& json, Json const& value)
{
    if (value.is_string()) {
        json.value(std::string_view(value.get_string()));
    } else if (value.is_bool()) {
        json.value(value.get_bool());
    } else if (value.is_int64()) {
        json.value(value.get_int64());
    } else if (value.is_double()) {
        json.value(value.get_double());
    } else if (value.is_array()) {
        json.begin_array();
        for (auto const& item : value.get_array())
            TRY(write_json(json, item));
        json.end_array();
    } else {
        return fail(
            ErrorCode::invalid_input, "expected a string, a number, a truth or a list of them");
    }
    return {};
}

bool is_writable(Node const& node)
{
    if (node.kind == Node::Kind::map || node.kind == Node::Kind::null)
        return false;
    if (node.kind == Node::Kind::floating)
        return parse_float(node.as_text()).has_value();
    for (auto const& item : node.children) {
        if (!is_writable(item))
            return false;
    }
    return true;
}

}

Result<Value> value_of(Node const& node, ParameterType type)
{
    if (item_type(type))
        return list_of(node, type);
    if (node.kind == Node::Kind::string)
        return value_of(node.text, type);
    if (fits_unquoted(node.kind, type))
        return value_of(node.as_text(), type);
    if (is_number(type))
        return fail(ErrorCode::invalid_input, "expected {}, found {}",
            type == ParameterType::integer ? "a whole number in the 64-bit range"
                                           : "a finite number",
            describe(node.kind));
    if (type == ParameterType::boolean)
        return fail(
            ErrorCode::invalid_input, "expected true or false, found {}", describe(node.kind));
    return fail(ErrorCode::invalid_input,
        "expected a string (in quotes, if it looks like something else), found {}",
        describe(node.kind));
}

Result<Value> value_of(std::string_view text, ParameterType type)
{
    switch (type) {
    case ParameterType::string: return Value::of(std::string(text));
    case ParameterType::path: return Value::path(std::string(text));
    case ParameterType::boolean: return truth_of(trim(text));
    case ParameterType::integer: {
        if (auto const number = parse_int(trim(text)))
            return Value::of(*number);
        return refuse(text, "whole number of base 10 in the 64-bit range");
    }
    case ParameterType::floating: {
        if (auto const number = parse_float(trim(text)))
            return Value::of(*number, trim(text));
        return refuse(text, "finite decimal number");
    }
    case ParameterType::range: return Value::of(TRY(IntRange::parse(text)));
    case ParameterType::integer_chunk: return Value::of(TRY(IntRange::parse(text)), text);
    default: break;
    }
    auto const document = detail::parse_json(text, {}, {});
    if (!document) {
        auto const& fault = document.error().front();
        return fail(ErrorCode::invalid_input, "a {} is given as JSON, such as [...]: {}:{}: {}",
            to_string(type), fault.line, fault.column, fault.message);
    }
    return value_of(*document, type);
}

Result<std::string> parameter_text(Node const& node)
{
    if (!is_writable(node))
        return fail(
            ErrorCode::invalid_input, "expected a string, a number, a truth or a list of them");
    if (node.is_scalar())
        return node.as_text();
    JsonWriter json;
    write_json(json, node);
    return json.take();
}

Result<std::string> parameter_text(Json const& value)
{
    if (value.is_string())
        return std::string(value.get_string());
    JsonWriter json;
    TRY(write_json(json, value));
    return json.take();
}

}
