#include <io/process_output.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidereal::io {
namespace {

// The lines of a text fed in pieces of one size.
std::vector<std::string> lines_of(std::string_view text, std::size_t piece_bytes)
{
    std::vector<std::string> lines;
    Function<void(std::string_view)> const keep = [&](std::string_view line) {
        lines.emplace_back(line);
    };
    LineSplitter splitter;
    for (std::size_t at = 0; at < text.size(); at += piece_bytes)
        splitter.feed(text.substr(at, piece_bytes), keep);
    splitter.finish(keep);
    return lines;
}

TEST(LineSplitter, every_line_end_counts_once_however_the_bytes_arrive)
{
    std::vector<std::string> const expected { "a", "b", "", "10%", "20%", "", "", "rest" };
    for (std::size_t piece = 1; piece < 12; ++piece)
        EXPECT_EQ(lines_of("a\nb\r\n\r\n10%\r20%\r\r\r\nrest", piece), expected) << piece;
}

TEST(LineSplitter, last_line_may_have_an_end_or_not)
{
    EXPECT_EQ(lines_of("a\n", 1), (std::vector<std::string> { "a" }));
    EXPECT_EQ(lines_of("a\r", 1), (std::vector<std::string> { "a" }));
    EXPECT_EQ(lines_of("", 1), (std::vector<std::string> {}));
}

TEST(LineSplitter, long_line_is_cut)
{
    std::string const huge(200'000, 'x');
    std::string const cut(LineSplitter::limit_bytes, 'x');
    for (std::size_t piece : { 1000U, 65536U, 300'000U }) {
        EXPECT_EQ(lines_of(huge + "\nshort\n" + huge, piece),
            (std::vector<std::string> { cut, "short", cut }))
            << piece;
    }
}

}
}
