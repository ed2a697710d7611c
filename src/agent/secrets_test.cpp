#include <agent/secrets.h>

#include <agent/agent.h>

#include <gtest/gtest.h>

namespace sidereal::agent {

namespace {

Secrets of(std::vector<std::string> const& values)
{
    Secrets secrets;
    for (auto const& value : values)
        secrets.add(value);
    return secrets;
}

}

TEST(Secrets, values_are_hidden_wherever_they_stand)
{
    auto const secrets = of({ "hunter2" });
    EXPECT_EQ(secrets.hide("hunter2"), "********");
    EXPECT_EQ(secrets.hide("key=hunter2, again: hunter2hunter2."),
        "key=********, again: ****************.");
}

TEST(Secrets, what_matches_in_part_stays)
{
    auto const secrets = of({ "hunter2" });
    EXPECT_EQ(secrets.hide("hunter"), "hunter");
    EXPECT_EQ(secrets.hide("hunter3 unter2 Hunter2"), "hunter3 unter2 Hunter2");
    EXPECT_EQ(secrets.hide(""), "");
}

TEST(Secrets, of_several_values_the_longest_counts)
{
    for (auto const& values : { std::vector<std::string> { "abc", "abcdef" }, { "abcdef", "abc" } })
        EXPECT_EQ(of(values).hide("abcdef abc abcd"), "******** ******** ********d");
}

TEST(Secrets, overlapping_values_are_hidden_as_one)
{
    EXPECT_EQ(of({ "abcd", "cdef" }).hide("xabcdefx"), "x********x");
    EXPECT_EQ(of({ "aba" }).hide("xababax"), "x********x");
}

TEST(Secrets, each_line_of_a_value_is_hidden_on_its_own)
{
    auto const secrets = of({ "-----BEGIN-----\nMIIE\r\n\n-----END-----\n" });
    EXPECT_EQ(secrets.hide("-----BEGIN-----"), "********");
    EXPECT_EQ(secrets.hide("> MIIE <"), "> ******** <");
    EXPECT_EQ(secrets.hide("-----END-----"), "********");
    EXPECT_EQ(secrets.hide("nothing of it"), "nothing of it");
}

TEST(Secrets, an_empty_value_and_one_of_asterisks_hide_nothing)
{
    auto const secrets = of({ "", "\n\n", "***" });
    EXPECT_TRUE(secrets.empty());
    EXPECT_EQ(secrets.hide("a *** b"), "a *** b");
}

TEST(Secrets, the_line_that_declares_one_shows_the_name_only)
{
    Secrets const none;
    EXPECT_EQ(
        none.hide_in_line("openjd_redacted_env: KEY=hunter2"), "openjd_redacted_env: KEY=********");
    EXPECT_EQ(none.hide_in_line(R"(openjd_redacted_env: "KEY=a\nb")"),
        "openjd_redacted_env: KEY=********");
    EXPECT_EQ(none.hide_in_line("openjd_env: KEY=open"), "openjd_env: KEY=open");
}

TEST(Secrets, one_declared_wrongly_is_hidden_all_the_same)
{
    Secrets const none;
    for (std::string_view const line : { "openjd_redacted_env: hunter2",
             "openjd_redacted_env:KEY=hunter2", "openjd_redacted_env hunter2",
             "OpenJD_Redacted_Env: KEY=hunter2", R"(openjd_redacted_env: "KEY=hunter2)" })
        EXPECT_EQ(none.hide_in_line(line).find("hunter2"), std::string::npos) << line;
}

TEST(Secrets, a_declaration_is_noticed_in_output_and_from_its_first_letter)
{
    EXPECT_TRUE(mentions_secret("a\nopenjd_redacted_env: A=b\n"));
    EXPECT_TRUE(mentions_secret("x_y OPENJD_REDACTED_ENV"));
    EXPECT_FALSE(mentions_secret("openjd_env: A=b\nredacted_env\n_openjd_redacted_en"));
    EXPECT_TRUE(may_declare_secret("o"));
    EXPECT_TRUE(may_declare_secret("openjd_redacted_env: A="));
    EXPECT_FALSE(may_declare_secret("openjd_s"));
    EXPECT_FALSE(may_declare_secret(" openjd"));
}

}
