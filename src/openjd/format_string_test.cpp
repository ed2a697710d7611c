#include <openjd/format_string.h>

#include <openjd/expr/test_expression.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

using expr::NameValues;
using expr::Type;
using expr::Value;

std::string fault_of(std::string_view text)
{
    auto const parsed = FormatString::parse(text);
    return parsed ? "no fault" : expr::render(parsed.error(), text);
}

std::string resolved(FormatString const& string, NameValues values)
{
    expr::Names const names { std::move(values) };
    expr::Context context { .names = &names };
    auto const value = string.resolve(context);
    return value ? value->text() : "fault: " + value.error().message;
}

std::string resolved(std::string_view text, NameValues values = {})
{
    return resolved(FormatString::parse(text).value(), std::move(values));
}

constexpr Type argument = expr::string_type.or_null() | expr::string_type.list();

// With the names of the expression tests: its type and text.
std::string evaluated(std::string_view text, Type target = expr::string_type)
{
    auto const parsed = FormatString::parse(text, Dialect::expressions);
    auto context = expr::test::context();
    auto const value = parsed ? parsed->resolve(context, target) : tl::unexpected(parsed.error());
    if (!value)
        return "fault: " + value.error().message;
    return value->is(expr::Kind::unresolved) ? value->to_text()
                                             : to_string(value->type()) + " " + value->to_text();
}

}

TEST(FormatString, names_are_replaced)
{
    auto const string = FormatString::parse("a{{Param.X}}-{{ Task.Param.Y_1 }}{{Param.X}}");
    ASSERT_TRUE(string);
    NameValues const values { { "Param.X", Value::of("1") },
        { "Task.Param.Y_1", Value::of("{{Z}}") } };
    EXPECT_EQ(resolved(*string, values), "a1-{{Z}}1");
    EXPECT_EQ(string->names(), (std::set<std::string> { "Param.X", "Task.Param.Y_1" }));
    EXPECT_EQ(string->text(), "a{{Param.X}}-{{ Task.Param.Y_1 }}{{Param.X}}");
}

TEST(FormatString, an_unknown_name_is_an_error_with_its_place)
{
    expr::Context context;
    auto const value = FormatString::parse("a {{Param.X}}")->resolve(context);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().kind, expr::FaultKind::name);
    EXPECT_EQ(expr::render(value.error(), "a {{Param.X}}"),
        "'Param.X' has no value here\n  a {{Param.X}}\n    ^~~~~~~~~~~");
}

TEST(FormatString, single_braces_are_text)
{
    EXPECT_EQ(resolved("{a} } {"), "{a} } {");
    EXPECT_EQ(resolved(""), "");
    EXPECT_TRUE(FormatString::parse("${HOME}")->is_literal());
}

TEST(FormatString, malformed_references_are_refused)
{
    EXPECT_EQ(fault_of("é{{Param.X"), "'{{' without '}}'\n  é{{Param.X\n   ^~");
    EXPECT_EQ(fault_of("a }} b"), "'}}' without '{{'\n  a }} b\n    ^~");
    EXPECT_TRUE(fault_of("{{}}").starts_with("'' is no name such as Param.Frame; only a name may "
                                             "stand in {{ }} without the extension EXPR\n"));
    for (auto const text : { "{{ a b }}", "{{{{a}}}}", "{{{a}}}", "{{a.}}", "{{.a}}", "{{1a}}",
             "{{a-b}}", "{{a..b}}", "{{Param.X + 1}}", "{{a\xc3\xa9}}" })
        EXPECT_NE(fault_of(text), "no fault") << text;
}

TEST(FormatString, a_literal_keeps_its_braces)
{
    EXPECT_EQ(resolved(FormatString::literal("{{x}}"), {}), "{{x}}");
    EXPECT_EQ(FormatString::literal(""), FormatString());
}

TEST(FormatString, sizes_are_limited)
{
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += "{{a}}";
    EXPECT_EQ(fault_of(text), "more than 500 references in one string");
    EXPECT_NE(fault_of(std::string(10'000'000, '{') + "x"), "no fault");
    EXPECT_EQ(FormatString::parse(std::string(10'000'000, 'x'))->text().size(), 10'000'000U);
    std::string heavy;
    for (int i = 0; i < 400; ++i)
        heavy += "{{'a' * 1000000}}";
    auto const fault = evaluated(heavy);
    EXPECT_TRUE(fault.starts_with("fault: ")) << fault.substr(0, 100);
}

TEST(FormatString, text_around_an_expression_makes_it_text)
{
    EXPECT_EQ(evaluated("f_{{ Param.Count + 1 }}.{{Param.Name}}"), "string f_6.hello");
    EXPECT_EQ(evaluated("[{{ null }}] {{ [1, 2] }} {{ Param.Scale }}"), "string [] [1, 2] 3.500");
    EXPECT_EQ(evaluated("a{{ '}}' + \"{{\" }}b"), "string a}}{{b");
    EXPECT_EQ(evaluated("plain { } text"), "string plain { } text");
    EXPECT_EQ(evaluated("{{ Task.Int }} of {{ Param.Count }}"), "unresolved[string]");
}

TEST(FormatString, one_expression_alone_gives_what_its_place_takes)
{
    EXPECT_EQ(evaluated("{{ ['-q', Param.Count] }}", argument), R"(list[string] ["-q", "5"])");
    EXPECT_EQ(evaluated("{{ null }}", argument), "nulltype null");
    EXPECT_EQ(evaluated("{{ Param.Count }}", argument), "string 5");
    EXPECT_EQ(evaluated("{{ Param.Count * 2.0 }}", expr::int_type), "int 10");
    EXPECT_EQ(evaluated("10", expr::int_type), "int 10");
    EXPECT_EQ(evaluated("{{ Task.Numbers }}", argument), "unresolved[list[string]]");
    EXPECT_EQ(evaluated(" {{ null }}", argument), "string  ");
    EXPECT_TRUE(evaluated("{{ null }}").starts_with("fault: "));
    EXPECT_TRUE(evaluated("{{ 1.5 }}", expr::int_type).starts_with("fault: "));
}

TEST(FormatString, faults_of_expressions_have_their_place_in_the_whole_text)
{
    auto const place_of = [](std::string_view text) {
        auto const parsed = FormatString::parse(text, Dialect::expressions);
        auto context = expr::test::context();
        auto const value = parsed ? parsed->resolve(context) : tl::unexpected(parsed.error());
        EXPECT_FALSE(value.has_value()) << text;
        return value ? 0 : value.error().caret;
    };
    EXPECT_EQ(place_of("ab {{ 1 + }}"), 10U);
    EXPECT_EQ(place_of("ab {{ 1 + null }}"), 8U);
    EXPECT_EQ(place_of("{{ 1 }} x }} y"), 10U);
    EXPECT_EQ(place_of("x {{ 1 "), 2U);
    EXPECT_EQ(place_of("x {{ 'a }}' "), 2U);
    EXPECT_EQ(place_of("{{}}"), 2U);
}

TEST(FormatString, several_share_one_budget)
{
    auto const parsed = FormatString::parse("{{ len(range(1000)) }}", Dialect::expressions);
    ASSERT_TRUE(parsed);
    expr::Context context;
    context.budget.operations = 2500;
    EXPECT_TRUE(parsed->resolve(context));
    EXPECT_TRUE(parsed->resolve(context));
    auto const third = parsed->resolve(context);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, expr::FaultKind::budget);
}

}
