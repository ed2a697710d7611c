#include <io/process_output.h>

#include <io/file.h>
#include <io/test_folder.h>

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

// Output in pieces of one size, in which "hide:" starts a line that names a word to hide from there
// on. What the log holds in the end.
class MaskTest : public ::testing::Test {
protected:
    std::string kept(std::string_view text, std::size_t piece_bytes)
    {
        word_.clear();
        SpawnOptions options;
        options.log_path = folder_.path(std::to_string(++logs_));
        options.line_wanted = [](std::string_view line) { return line.starts_with("hide:"); };
        options.on_line = [this](std::string_view line) { word_ = line.substr(5); };
        options.mask.wanted = [this](std::string_view bytes) {
            return !word_.empty() || bytes.find("hide:") != std::string_view::npos;
        };
        options.mask.may_be_wanted = [](std::string_view line) {
            return std::string_view("hide:").starts_with(line.substr(0, 5));
        };
        options.mask.shown = [this](std::string_view line) {
            std::string shown(line);
            for (auto at = shown.find(word_); !word_.empty() && at != std::string::npos;
                 at = shown.find(word_))
                shown.replace(at, word_.size(), "*");
            return shown;
        };
        ProcessOutput output(files_, options);
        for (std::size_t at = 0; at < text.size(); at += piece_bytes)
            output.take(text.substr(at, piece_bytes));
        ProcessEnd end;
        output.finish(end);
        auto const log = read_file(folder_.path(std::to_string(logs_))).value_or("");
        EXPECT_EQ(end.tail, log.substr(log.size() - std::min<std::size_t>(log.size(), 4096)));
        EXPECT_EQ(end.log_end, log.size());
        return log;
    }

    testing::TemporaryFolder folder_;
    LogFiles files_;
    int logs_ { 0 };
    std::string word_;
};

TEST_F(MaskTest, from_its_declaration_on_a_word_is_hidden_however_the_bytes_arrive)
{
    for (std::size_t piece = 1; piece < 40; ++piece) {
        EXPECT_EQ(kept("a word\nhide\nhide:word\r\n10%\rwo word\r\n\nwordword\nwor", piece),
            "a word\nhide\nhide:*\r\n10%\rwo *\r\n\n**\nwor")
            << piece;
    }
}

TEST_F(MaskTest, without_a_declaration_every_byte_stays)
{
    std::string const text("x\r\ry\n\nhid\0e\nhide\n hi hide:\nhi", 29);
    for (std::size_t piece = 1; piece < 30; ++piece)
        EXPECT_EQ(kept(text, piece), text) << piece;
}

TEST_F(MaskTest, a_declaration_without_line_end_counts)
{
    EXPECT_EQ(kept("word\nhide:word", 3), "word\nhide:*");
}

TEST_F(MaskTest, a_line_without_end_is_kept_in_pieces)
{
    auto const text = "hide:word\n" + std::string(200'000, 'x') + "word\nword\n";
    EXPECT_EQ(kept(text, 1000), "hide:*\n" + std::string(200'000, 'x') + "*\n*\n");
}

}
}
