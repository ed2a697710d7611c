#include <openjd/directive.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

using Kind = Directive::Kind;

bool is_malformed(std::string_view line)
{
    auto const directive = parse_directive(line);
    return directive && directive->kind == Kind::malformed;
}

}

TEST(Directive, progress_is_a_percentage)
{
    EXPECT_EQ(parse_directive("openjd_progress: 12.5"),
        (Directive { Kind::progress, 12.5, {}, {}, false }));
    EXPECT_EQ(parse_directive("openjd_progress: 100"),
        (Directive { Kind::progress, 100, {}, {}, false }));
    for (auto const line :
        { "openjd_progress: 101", "openjd_progress: -1", "openjd_progress: x", "openjd_progress:5",
            "openjd_progress: nan", "openjd_progress: ", "Openjd_progress: 5" })
        EXPECT_EQ(parse_directive(line), std::nullopt) << line;
}

TEST(Directive, status_and_fail_carry_text)
{
    EXPECT_EQ(parse_directive("openjd_status: a: b "),
        (Directive { Kind::status, 0, {}, "a: b ", false }));
    EXPECT_EQ(parse_directive("openjd_fail: no licence"),
        (Directive { Kind::fail, 0, {}, "no licence", false }));
}

TEST(Directive, ordinary_output_is_none)
{
    for (auto const line : { "", "hello", "openjd_", "openjd_status", "openjd_status:",
             "openjd_status: ", " openjd_status: x", "openjd_other: x", "xopenjd_env: A=b",
             " openjd_env: A=b", "openjd_environment: A=b", "set openjd_env: A=b" })
        EXPECT_EQ(parse_directive(line), std::nullopt) << line;
}

TEST(Directive, variables_are_set_and_unset)
{
    EXPECT_EQ(parse_directive("openjd_env: NAME=a=b "),
        (Directive { Kind::set_env, 0, "NAME", "a=b ", false }));
    EXPECT_EQ(
        parse_directive("openjd_env: NAME="), (Directive { Kind::set_env, 0, "NAME", "", false }));
    EXPECT_EQ(parse_directive("openjd_unset_env: NAME"),
        (Directive { Kind::unset_env, 0, "NAME", "", false }));
}

TEST(Directive, json_strings_carry_line_breaks)
{
    EXPECT_EQ(parse_directive(R"(openjd_env: "A=one\ntwo\u00e9")"),
        (Directive { Kind::set_env, 0, "A", "one\ntwoé", false }));
    EXPECT_TRUE(is_malformed(R"(openjd_env: "A=one)"));
    EXPECT_TRUE(is_malformed(R"(openjd_env: "A=one" x)"));
    EXPECT_TRUE(is_malformed(R"(openjd_env: "A")"));
    EXPECT_TRUE(is_malformed(R"(openjd_env: "A=\u0000")"));
}

TEST(Directive, redacted_variables_say_so)
{
    EXPECT_EQ(parse_directive("openjd_redacted_env: KEY=secret"),
        (Directive { Kind::set_env, 0, "KEY", "secret", true }));
    auto const bad = parse_directive("openjd_redacted_env: secret");
    EXPECT_EQ(bad->kind, Kind::malformed);
    EXPECT_EQ(bad->text.find("secret"), std::string::npos);
}

TEST(Directive, unreadable_environment_lines_are_malformed)
{
    for (auto const line :
        { "openjd_env:A=b", "OpenJD_env: A=b", "openjd_env: ", "openjd_env:", "openjd_env: A",
            "openjd_env: 1A=b", "openjd_env: =b", "openjd_env : A=b", "openjd_unset_env: A=b",
            "openjd_unset_env: ", "openjd_ENV: A=b", "openjd_redacted_env:A=b" })
        EXPECT_TRUE(is_malformed(line)) << line;
}

}
