#pragma once

#include <openjd/expr/expression.h>
#include <openjd/expr/quoting.h>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr::test {

// One of each type with a value, and one of each without.
inline Names const& names()
{
    static Names const out = [] {
        Names some;
        some.values = {
            { "Param.Count", Value::of(std::int64_t { 5 }) },
            { "Param.Scale", Value::of(3.5, "3.500") },
            { "Param.Name", Value::of("hello") },
            { "Param.File", Value::path("/shots/s01/render_0001.exr") },
            { "Param.Frames", Value::of(*IntRange::parse("1-5")) },
            { "Param.Flag", Value::of(true) },
            { "Param.Numbers", Value::integers({ 3, 1, 2 }) },
            { "Param.if", Value::of("keyword") },
            { "Task.Int", Value::unresolved(int_type) },
            { "Task.Float", Value::unresolved(float_type) },
            { "Task.Text", Value::unresolved(string_type) },
            { "Task.Path", Value::unresolved(path_type) },
            { "Task.Flag", Value::unresolved(bool_type) },
            { "Task.Numbers", Value::unresolved(int_type.list()) },
            { "Task.Range", Value::unresolved(range_type) },
            { "Task.Maybe", Value::unresolved(int_type.or_null()) },
        };
        return some;
    }();
    return out;
}

inline Context context()
{
    Context out { .names = &names() };
    out.host = Host::here;
    static PathRules const rules { { PathFormat::posix, "/mnt/a", "/local/b" } };
    out.path_rules = &rules;
    return out;
}

// "int 5", "unresolved[string]", or what is wrong, on one line.
inline std::string evaluated(
    std::string_view text, Context const& where, std::optional<Type> target = std::nullopt)
{
    auto const parsed = Expression::parse(text);
    auto const value = parsed ? parsed->evaluate(where, target) : tl::unexpected(parsed.error());
    if (!value)
        return "fault: " + value.error().message;
    if (value->is(Kind::unresolved))
        return value->to_text();
    return to_string(value->type()) + " " + value->to_text();
}
inline std::string evaluated(std::string_view text, std::optional<Type> target = std::nullopt)
{
    return evaluated(text, context(), target);
}

struct Row {
    std::string_view expression;
    std::string_view expected;
};

inline void expect_rows(std::vector<Row> const& rows)
{
    for (auto const& row : rows)
        EXPECT_EQ(evaluated(row.expression), row.expected) << row.expression;
}

// Each is wrong, and the message has the words.
inline void expect_faults(std::vector<Row> const& rows)
{
    for (auto const& row : rows) {
        auto const found = evaluated(row.expression);
        EXPECT_TRUE(found.starts_with("fault: ") && found.find(row.expected) != std::string::npos)
            << row.expression << "\n  gives " << found << "\n  and should say " << row.expected;
    }
}

}
