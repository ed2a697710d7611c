#include <agent/agent.h>
#include <agent/excerpt.h>
#include <agent/progress.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidereal::agent {

namespace {

struct Row {
    std::string line;
    std::optional<ProgressLine> expected;
};

ProgressLine at(double percent, std::string message)
{
    return { percent, std::move(message), false };
}

}

TEST(Progress, reads_the_lines_of_renderers)
{
    std::vector<Row> const rows {
        { "Fra:4 Mem:13.61M (Peak 16.25M) | Time:00:00.15 | Remaining:00:02.18 | Mem:2.97M, "
          "Peak:2.97M | Scene, ViewLayer | Sample 4/16",
            at(25, "frame 4, sample 4 of 16") },
        { "Fra:12 Mem:9M | Scene, ViewLayer | Rendered 3/12 Tiles, Sample 1/1",
            at(25, "frame 12, tile 3 of 12") },
        { "Fra:1 Mem:9M | Scene, ViewLayer | Rendering 16 / 64 samples",
            at(25, "frame 1, sample 16 of 64") },
        { "Rendered 14400 of 57600 pixels (25%)", at(25, "14400 of 57600 pixels") },
        { "Fra:1 Mem:9M | Syncing Camera", std::nullopt },
        { "Fra:x | Sample 1/16", std::nullopt },
        { "Fra:1 | Sample 1/0", std::nullopt },
        { "Fra:1 | Sample 1/", std::nullopt },
        { "Rendered 3 of 4 cakes", std::nullopt },
        { "Rendered", std::nullopt },
        { "Rendering frame 2 of 4", std::nullopt },
        { "Saved: '/path/c_0004.png'", std::nullopt },
        { "", std::nullopt },
    };
    for (auto const& row : rows) {
        EXPECT_EQ(parse_renderer_line(row.line), row.expected) << row.line;
        EXPECT_EQ(line_matters(row.line), row.expected.has_value()) << row.line;
    }
}

TEST(Progress, more_than_all_is_all)
{
    EXPECT_EQ(parse_renderer_line("Rendered 9 of 4 pixels (225%)")->percent, 100.0);
}

TEST(Progress, directives_matter_in_any_case)
{
    EXPECT_TRUE(line_matters("openjd_progress: 3"));
    EXPECT_TRUE(line_matters("OpenJD_Env: A=1"));
    EXPECT_FALSE(line_matters(" openjd_env: A=1"));
    EXPECT_FALSE(line_matters("openjd_"));
    EXPECT_FALSE(line_matters("hello"));
}

TEST(Excerpt, cuts_no_character_in_two)
{
    EXPECT_EQ(first_bytes("aé", 2), "a");
    EXPECT_EQ(first_bytes("aé", 3), "aé");
    EXPECT_EQ(last_bytes("éa", 2), "a");
    EXPECT_EQ(last_bytes("éa", 3), "éa");
    EXPECT_EQ(last_bytes("abc", 2), "bc");
}

}
