#include <cli/client.h>

#include <base/json_text.h>
#include <cli/fields.h>

#include <gtest/gtest.h>

#include <cstdlib>

namespace sidereal::cli {

TEST(Url, names_host_and_port)
{
    EXPECT_EQ(parse_url("http://127.0.0.1:4321"), (Address { "127.0.0.1", 4321 }));
    EXPECT_EQ(parse_url("http://localhost:80/\n"), (Address { "localhost", 80 }));
    EXPECT_EQ(parse_url("http://[::1]:8080"), (Address { "::1", 8080 }));
}

TEST(Url, anything_else_is_refused_with_what_is_expected)
{
    for (auto const* url :
        { "", "127.0.0.1:80", "https://127.0.0.1:80", "http://host", "http://:80", "http://host:0",
            "http://host:99999", "http://host:80x", "http://host:80/v1" }) {
        auto const parsed = parse_url(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error(),
            (Error { ErrorCode::invalid_input,
                fmt::format("'{}' is no URL of a brain: expected http://HOST:PORT", url) }));
    }
}

TEST(DataDir, is_where_the_environment_says)
{
    auto const with = [](char const* own, char const* xdg) {
        ::setenv("SIDEREAL_DATA", own, 1);
        ::setenv("XDG_DATA_HOME", xdg, 1);
        ::setenv("HOME", "/home/a", 1);
        return default_data_dir();
    };
    EXPECT_EQ(with("/farm", "/data"), "/farm");
    EXPECT_EQ(with("", "/data"), "/data/sidereal");
    EXPECT_EQ(with("", "not/absolute"), "/home/a/.local/share/sidereal");
    EXPECT_EQ(with("", ""), "/home/a/.local/share/sidereal");
}

TEST(ErrorOf, tells_the_brains_own_words_and_every_fault)
{
    io::HttpResponse response;
    response.status = 400;
    response.body = R"({"error":{"code":"invalid_input","message":"the template has 1 fault",
"diagnostics":[{"file":"a.yaml","line":3,"column":5,"path":"steps[0]","message":"no name"}]}})";
    EXPECT_EQ(error_of(response),
        (Error {
            ErrorCode::invalid_input, "the template has 1 fault\na.yaml:3:5: steps[0]: no name" }));
}

TEST(ErrorOf, an_answer_that_is_no_json_gives_its_status)
{
    io::HttpResponse response;
    response.status = 404;
    response.body = "<html>";
    EXPECT_EQ(error_of(response), (Error { ErrorCode::not_found, "the brain answered 404" }));
}

TEST(TaskLabel, says_what_a_person_would)
{
    auto const label = [](std::string_view json) { return task_label(*parse_json(json)); };
    EXPECT_EQ(label(R"({"step":"Frames","parameters":{"Frame":"12"}})"), "frame 12");
    EXPECT_EQ(label(R"({"step":"Film","parameters":{}})"), "step Film");
    EXPECT_EQ(
        label(R"({"step":"F","parameters":{"Frame":"1","Layer":"sky"}})"), "Frame=1 Layer=sky");
}

TEST(JsonText, numbers_are_plain)
{
    auto const document = parse_json(R"({"a":[48.0,1,-2,null,true],"b":{"c":"x\n"}})");
    ASSERT_TRUE(document);
    EXPECT_EQ(json_text(*document), R"({"a":[48,1,-2,null,true],"b":{"c":"x\n"}})");
}

}
