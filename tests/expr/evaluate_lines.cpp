// Reads one JSON object a line, {"expression": ..., "target": ..., "format": "windows"}, and writes
// one for its value: {"type": ..., "text": ..., "python": ...} or {"fault": ...}. Names are those
// of the lines {"name": ..., "type": ..., "text": ...} before; without text they are unresolved.
#include <base/json.h>
#include <openjd/expr/coerce.h>
#include <openjd/expr/expression.h>
#include <openjd/expr/quoting.h>

#include <iostream>
#include <string>

namespace sidereal::openjd::expr {

namespace {

Result<Value> read_value(JsonObject const& line)
{
    auto const type = Type::parse(TRY(get_string(line, "type")));
    if (!type)
        return fail(ErrorCode::invalid_input, "no such type");
    if (find(line, "text") == nullptr)
        return Value::unresolved(*type);
    auto const text = TRY(get_string(line, "text"));
    if (!type->is_list()) {
        Meter meter { Budget {} };
        auto value = coerce(Value::of(text), *type, HostFormat::posix, meter);
        if (!value)
            return tl::unexpected(to_error(value.error(), text));
        return *value;
    }
    auto const literal = Expression::parse(text);
    auto value = literal ? literal->evaluate({}, *type) : tl::unexpected(literal.error());
    if (!value)
        return tl::unexpected(to_error(value.error(), text));
    return *value;
}

std::string answer(Outcome<Value> const& value, Usage const& usage, std::string_view text)
{
    JsonWriter out;
    out.begin_object();
    if (value) {
        out.field(
            "type", value->is(Kind::unresolved) ? value->to_text() : to_string(value->type()));
        out.field("text", value->to_text());
        out.field("python", quote_python(*value));
    } else {
        out.field("fault", render(value.error(), text));
        out.field("budget", value.error().kind == FaultKind::budget);
    }
    out.field("operations", usage.operations).field("bytes", usage.peak_bytes);
    out.end_object();
    return out.take();
}

Result<std::string> run(JsonObject const& line, Names& names)
{
    if (find(line, "name") != nullptr) {
        names.values[TRY(get_string(line, "name"))] = TRY(read_value(line));
        return std::string("{}");
    }
    auto const text = TRY(get_string(line, "expression"));
    Context context { .names = &names, .host = Host::here };
    PathRules const rules { { PathFormat::posix, "/mnt/a", "/local/b" } };
    context.path_rules = &rules;
    if (find(line, "format") != nullptr)
        context.path_format = HostFormat::windows;
    std::optional<Type> target;
    if (find(line, "target") != nullptr)
        target = Type::parse(TRY(get_string(line, "target")));
    Usage usage;
    auto const parsed = Expression::parse(text);
    auto const value = parsed ? parsed->evaluate(context, target, &usage)
                              : tl::unexpected(parsed.error());
    return answer(value, usage, text);
}

}

}

int main()
{
    using namespace sidereal;
    openjd::expr::Names names;
    for (std::string line; std::getline(std::cin, line);) {
        auto const json = parse_json(line);
        auto const out = json && json->is_object()
            ? openjd::expr::run(json->get_object(), names)
            : fail(ErrorCode::invalid_input, "not a JSON object");
        std::cout << (out ? *out : "{\"error\":\"" + out.error().message + "\"}") << '\n';
    }
    return 0;
}
