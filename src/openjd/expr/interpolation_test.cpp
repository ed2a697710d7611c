#include <openjd/expr/interpolation.h>
#include <openjd/expr/test_expression.h>

namespace sidereal::openjd::expr::test {

namespace {

constexpr Type argument = string_type.or_null() | string_type.list();

std::string resolved(std::string_view text, Type target = string_type)
{
    auto const parsed = Interpolation::parse(text);
    auto const value = parsed ? parsed->resolve(context(), target) : tl::unexpected(parsed.error());
    if (!value)
        return "fault: " + value.error().message;
    return value->is(Kind::unresolved) ? value->to_text()
                                       : to_string(value->type()) + " " + value->to_text();
}

}

TEST(Interpolation, text_around_an_expression_makes_it_text)
{
    EXPECT_EQ(resolved("f_{{ Param.Count + 1 }}.{{Param.Name}}"), "string f_6.hello");
    EXPECT_EQ(resolved("[{{ null }}] {{ [1, 2] }} {{ Param.Scale }}"), "string [] [1, 2] 3.500");
    EXPECT_EQ(resolved("a{{ '}}' + \"{{\" }}b"), "string a}}{{b");
    EXPECT_EQ(resolved("plain { } text"), "string plain { } text");
    EXPECT_EQ(resolved(""), "string ");
    EXPECT_EQ(resolved("{{ Task.Int }} of {{ Param.Count }}"), "unresolved[string]");
}

TEST(Interpolation, one_expression_alone_gives_what_its_place_takes)
{
    EXPECT_EQ(resolved("{{ ['-q', Param.Count] }}", argument), R"(list[string] ["-q", "5"])");
    EXPECT_EQ(resolved("{{ null }}", argument), "nulltype null");
    EXPECT_EQ(resolved("{{ Param.Count }}", argument), "string 5");
    EXPECT_EQ(resolved("{{ Param.Count * 2.0 }}", int_type), "int 10");
    EXPECT_EQ(resolved("10", int_type), "int 10");
    EXPECT_EQ(resolved("{{ Task.Numbers }}", argument), "unresolved[list[string]]");
    EXPECT_EQ(resolved(" {{ null }}", argument), "string  ");
    EXPECT_TRUE(resolved("{{ null }}").starts_with("fault: "));
    EXPECT_TRUE(resolved("{{ 1.5 }}", int_type).starts_with("fault: "));
}

TEST(Interpolation, faults_have_their_place_in_the_whole_text)
{
    auto const place_of = [](std::string_view text) {
        auto const parsed = Interpolation::parse(text);
        auto const value = parsed ? parsed->resolve(context(), string_type)
                                  : tl::unexpected(parsed.error());
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

TEST(Interpolation, knows_its_names)
{
    auto const parsed = Interpolation::parse("{{ Param.A.stem }}{{ [x for x in Param.B] }}{{ 1 }}");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->names(), (std::set<std::string> { "Param.A.stem", "Param.B" }));
    EXPECT_EQ(parsed->loop_variables(), std::set<std::string> { "x" });
    EXPECT_FALSE(parsed->is_literal() || parsed->is_one_expression());
    EXPECT_TRUE(Interpolation::parse("a } b")->is_literal());
    EXPECT_TRUE(Interpolation::parse("{{a}}")->is_one_expression());
}

TEST(Interpolation, sizes_are_bounded)
{
    std::string many;
    for (int i = 0; i < 600; ++i)
        many += "{{1}}-";
    EXPECT_NE(resolved(many).find("more than 500 expressions"), std::string::npos);
    std::string heavy;
    for (int i = 0; i < 400; ++i)
        heavy += "{{'a' * 1000000}}";
    EXPECT_NE(resolved(heavy).find("grows beyond"), std::string::npos);
}

}
