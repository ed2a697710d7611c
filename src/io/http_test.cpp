#include <io/http.h>
#include <io/http_target.h>
#include <io/http_wire.h>

#include <gtest/gtest.h>

namespace sidereal::io {
namespace {

TEST(Http, headers_are_found_without_regard_to_case)
{
    HttpHeaders headers { { "Content-Type", "a" }, { "X-Y", "first" }, { "x-y", "second" } };
    EXPECT_EQ(headers.get("content-type"), "a");
    EXPECT_EQ(headers.get("x-Y"), "first");
    EXPECT_EQ(headers.get("content-typ"), std::nullopt);
}

TEST(Http, percent_encoding_reads_back_the_same)
{
    std::string every;
    for (int byte = 1; byte < 256; ++byte)
        every += static_cast<char>(byte);
    EXPECT_EQ(percent_decode(percent_encode(every)), every);
    EXPECT_EQ(percent_encode("a b/ü"), "a%20b%2F%C3%BC");
}

TEST(Http, broken_escapes_are_refused)
{
    for (auto const* text : { "%", "%4", "%zz", "a%00b", "%-1" })
        EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(Http, target_splits_into_path_and_query)
{
    HttpRequest request;
    ASSERT_TRUE(read_target("/jobs/a%20b?state=done&name=x+y%26z&flag&state=failed&&=v", request));
    EXPECT_EQ(request.path, "/jobs/a b");
    std::map<std::string, std::string, std::less<>> const expected { { "", "v" }, { "flag", "" },
        { "name", "x y&z" }, { "state", "failed" } };
    EXPECT_EQ(request.query, expected);
}

TEST(Http, target_that_is_no_path_is_refused)
{
    for (auto const* target : { "", "*", "http://x/y", "x", "/%zz", "/a?b=%1" }) {
        HttpRequest request;
        EXPECT_FALSE(read_target(target, request)) << target;
    }
}

TEST(Http, loopback_names)
{
    for (auto const* host : { "localhost", "LocalHost", "127.0.0.1", "127.9.8.7", "::1", "[::1]" })
        EXPECT_TRUE(is_loopback_host(host)) << host;
    for (auto const* host : { "", "0.0.0.0", "::", "10.0.0.1", "127.evil.com", "localhost.evil.com",
             "1270.0.0.1", "::ffff:10.0.0.1" })
        EXPECT_FALSE(is_loopback_host(host)) << host;
    EXPECT_TRUE(is_loopback_authority("127.0.0.1:80"));
    EXPECT_TRUE(is_loopback_authority("[::1]:80"));
    EXPECT_TRUE(is_loopback_authority("[::1]"));
    EXPECT_FALSE(is_loopback_authority("evil.com:80"));
    EXPECT_TRUE(is_loopback_origin("http://localhost:5173"));
    EXPECT_FALSE(is_loopback_origin("null"));
    EXPECT_FALSE(is_loopback_origin("http://evil.com"));
}

TEST(Http, response_header_value_cannot_begin_a_line)
{
    HttpResponse response;
    response.headers.add("X-Name", "a\r\nSet-Cookie: b");
    response.body = "{}";
    std::string head;
    write_response_head(head, response, true);
    EXPECT_EQ(head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        "X-Name: a  Set-Cookie: b\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Http, request_that_would_break_the_message_is_refused)
{
    EXPECT_FALSE(write_request({ "GET X", "/", {}, "" }, "h"));
    EXPECT_FALSE(write_request({ "GET", "/a b", {}, "" }, "h"));
    EXPECT_FALSE(write_request({ "GET", "/a\r\nb", {}, "" }, "h"));
    EXPECT_FALSE(write_request({ "GET", "", {}, "" }, "h"));
    EXPECT_FALSE(write_request({ "GET", "/", { { "a b", "c" } }, "" }, "h"));
    EXPECT_FALSE(write_request({ "GET", "/", { { "a", "c\nd" } }, "" }, "h"));
    EXPECT_EQ(write_request({ "POST", "/x", { { "A", "b" } }, "{}" }, "h:1"),
        "POST /x HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}");
}

TEST(Http, error_response_has_the_status_of_its_code)
{
    auto const response = error_response(Error { ErrorCode::not_found, "no job \"7\"" });
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, R"({"error":{"code":"not_found","message":"no job \"7\""}})");
}

}
}
