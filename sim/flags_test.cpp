#include <sim/flags.h>

#include <gtest/gtest.h>

namespace sidereal::sim {

TEST(Flags, are_read_from_words)
{
    auto const flags = parse_flags({ "--seeds", "50", "--from", "7", "--threads", "3" });
    ASSERT_TRUE(flags);
    EXPECT_EQ(flags->seeds, 50u);
    EXPECT_EQ(flags->from, 7u);
    EXPECT_EQ(flags->threads, 3u);
    EXPECT_FALSE(flags->trace);
}

TEST(Flags, refuse_what_they_do_not_know)
{
    EXPECT_FALSE(parse_flags({ "--sedes", "50" }));
    EXPECT_FALSE(parse_flags({ "--seeds", "many" }));
    EXPECT_FALSE(parse_flags({ "--seeds" }));
    EXPECT_FALSE(parse_flags({ "--threads", "0" }));
}

TEST(Regressions, are_one_seed_a_line_with_its_reason)
{
    auto const seeds = parse_regressions("# why\n\n12 lost lease\n7\n");
    ASSERT_TRUE(seeds);
    EXPECT_EQ(*seeds, (std::vector<std::uint64_t> { 12, 7 }));
    EXPECT_FALSE(parse_regressions("twelve\n"));
}

}
