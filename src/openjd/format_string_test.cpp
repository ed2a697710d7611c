#include <openjd/format_string.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

std::string fault_of(std::string_view text)
{
    auto const parsed = FormatString::parse(text);
    return parsed ? "no fault" : parsed.error().message;
}

}

TEST(FormatString, names_are_replaced)
{
    auto const string = FormatString::parse("a{{Param.X}}-{{ Task.Param.Y_1 }}{{Param.X}}");
    ASSERT_TRUE(string);
    Symbols const symbols { { "Param.X", "1" }, { "Task.Param.Y_1", "{{Z}}" } };
    EXPECT_EQ(string->resolve(symbols), "a1-{{Z}}1");
    EXPECT_EQ(string->names(), (std::set<std::string> { "Param.X", "Task.Param.Y_1" }));
    EXPECT_EQ(string->text(), "a{{Param.X}}-{{Task.Param.Y_1}}{{Param.X}}");
}

TEST(FormatString, an_unknown_name_is_an_error)
{
    auto const string = FormatString::parse("{{Param.X}}");
    EXPECT_EQ(string->resolve({}).error().message, "'Param.X' has no value here");
}

TEST(FormatString, known_names_can_be_replaced_first)
{
    auto const string = FormatString::parse("a{{P}}b{{Q}}{{E}}c");
    auto const partly = string->resolve_known({ { "P", "1" }, { "E", "" } });
    EXPECT_EQ(partly.text(), "a1b{{Q}}c");
    EXPECT_EQ(partly, *FormatString::parse("a1b{{Q}}c"));
    EXPECT_EQ(partly.resolve({ { "Q", "2" } }), "a1b2c");
}

TEST(FormatString, single_braces_are_text)
{
    EXPECT_EQ(FormatString::parse("{a} } {")->resolve({}), "{a} } {");
    EXPECT_TRUE(FormatString::parse("${HOME}")->is_literal());
}

TEST(FormatString, malformed_references_are_refused)
{
    EXPECT_EQ(fault_of("é{{Param.X"), "'{{' without '}}' at character 2");
    EXPECT_EQ(fault_of("a }} b"), "'}}' without '{{' at character 3");
    EXPECT_EQ(fault_of("{{}}"),
        "'' at character 1 is no name such as Param.Frame; only a name may stand in {{ }}");
    for (auto const text : { "{{ a b }}", "{{{{a}}}}", "{{{a}}}", "{{a.}}", "{{.a}}", "{{1a}}",
             "{{a-b}}", "{{a..b}}", "{{Param.X + 1}}", "{{a\xc3\xa9}}" })
        EXPECT_NE(fault_of(text), "no fault") << text;
}

TEST(FormatString, a_literal_keeps_its_braces)
{
    EXPECT_EQ(FormatString::literal("{{x}}").resolve({}), "{{x}}");
    EXPECT_EQ(FormatString::literal(""), FormatString());
}

TEST(FormatString, references_are_limited)
{
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += "{{a}}";
    EXPECT_EQ(fault_of(text), "more than 500 references in one string");
}

TEST(FormatString, ten_megabytes_of_text_are_one_literal)
{
    auto const text = std::string(10'000'000, '{') + "x";
    EXPECT_NE(fault_of(text), "no fault");
    EXPECT_EQ(FormatString::parse(std::string(10'000'000, 'x'))->text().size(), 10'000'000u);
}

}
