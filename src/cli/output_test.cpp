#include <cli/output.h>

#include <gtest/gtest.h>

namespace sidereal::cli {

TEST(Table, columns_line_up_whatever_the_alphabet)
{
    Table table({ { "NAME" }, { "DONE", Align::right }, { "NOTE" } });
    table.add({ "é", "1/24", "first" });
    table.add({ "node-b", "12/24", "" });
    EXPECT_EQ(table.draw(false),
        "NAME     DONE  NOTE\n"
        "é        1/24  first\n"
        "node-b  12/24\n");
}

TEST(Table, colours_do_not_move_columns)
{
    Table table({ { "STATE" }, { "ID" } });
    table.add({ { "failed", Color::red }, "7" });
    EXPECT_EQ(table.draw(true),
        "\x1b[2mSTATE\x1b[0m   \x1b[2mID\x1b[0m\n"
        "\x1b[31mfailed\x1b[0m  7\n");
}

TEST(Text, is_cut_between_characters)
{
    EXPECT_EQ(display_width("été"), 3u);
    EXPECT_EQ(shorten("été", 3), "été");
    EXPECT_EQ(display_width(shorten("étés", 3)), 3u);
    EXPECT_TRUE(shorten("étés", 3).starts_with("ét"));
    EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Text, of_a_program_cannot_steer_the_terminal)
{
    EXPECT_EQ(printable("a\x1b[2Jb\tc\n"), "a [2Jb c ");
}

TEST(ProgressBar, is_full_only_at_the_end)
{
    EXPECT_EQ(progress_bar(0, 4, false), "....");
    EXPECT_EQ(progress_bar(0.99, 4, false), "###.");
    EXPECT_EQ(progress_bar(1, 4, false), "####");
    EXPECT_EQ(progress_bar(7, 4, false), "####");
    EXPECT_EQ(progress_bar(0.5, 4, true), "██░░");
}

TEST(HumanBytes, picks_the_unit)
{
    EXPECT_EQ(human_bytes(0), "0 B");
    EXPECT_EQ(human_bytes(1536), "1.5 KiB");
    EXPECT_EQ(human_bytes(200.0 * 1024 * 1024), "200 MiB");
}

}
