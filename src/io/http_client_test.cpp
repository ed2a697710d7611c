#include <io/http_client.h>

#include <io/http_server.h>
#include <io/test_peer.h>

#include <gtest/gtest.h>

#include <optional>

namespace sidereal::io {
namespace {

using testing::RawListener;
using testing::run_with_peer;

constexpr Duration long_enough = std::chrono::seconds(20);
constexpr Duration short_time = std::chrono::milliseconds(30);

std::string with_length(std::string_view body)
{
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

class HttpClientTest : public ::testing::Test {
protected:
    // Runs the loop until the answer is there.
    Result<HttpResponse> ask(
        HttpClient& client, HttpRequestOut request, Duration timeout = long_enough)
    {
        std::optional<Result<HttpResponse>> answer;
        client.request(std::move(request), timeout, [&](Result<HttpResponse> response) {
            answer = std::move(response);
            loop_.stop();
        });
        loop_.run();
        return answer ? *std::move(answer) : fail(ErrorCode::internal, "the loop was stopped");
    }

    // A server that answers with "METHOD path body", but not at all below /hold.
    void listen()
    {
        auto server = HttpServer::listen(
            loop_, "127.0.0.1", 0, [this](HttpRequest request, Responder responder) {
                most_connections_ = std::max(most_connections_, server_->connection_count());
                if (request.path == "/hold") {
                    held_.push_back(std::move(responder));
                    return;
                }
                HttpResponse response;
                response.status = request.path == "/missing" ? 404 : 200;
                response.content_type = "text/plain";
                response.body = fmt::format("{} {} {}", request.method, request.path, request.body);
                responder.reply(std::move(response));
            });
        ASSERT_TRUE(server) << server.error().message;
        server_ = *std::move(server);
    }

    Loop loop_;
    std::unique_ptr<HttpServer> server_;
    std::vector<Responder> held_;
    std::size_t most_connections_ { 0 };
};

TEST_F(HttpClientTest, requests_share_one_connection)
{
    listen();
    HttpClient client(loop_, "localhost", server_->port());
    for (int round = 0; round < 20; ++round) {
        auto const answer = ask(client, { "POST", "/a?b=c", {}, "body" });
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->content_type, "text/plain");
        EXPECT_EQ(answer->body, "POST /a body");
    }
    EXPECT_EQ(most_connections_, 1U);
}

TEST_F(HttpClientTest, error_status_is_a_response)
{
    listen();
    HttpClient client(loop_, "127.0.0.1", server_->port());
    EXPECT_EQ(ask(client, { "GET", "/missing", {}, "" })->status, 404);
    EXPECT_EQ(ask(client, { "HEAD", "/a", {}, "" })->body, "");
    EXPECT_EQ(ask(client, { "GET", "/a", {}, "" })->body, "GET /a ");
}

TEST_F(HttpClientTest, requests_are_answered_in_the_order_of_asking)
{
    listen();
    HttpClient client(loop_, "127.0.0.1", server_->port());
    std::string order;
    for (auto const* target : { "/1", "/2", "/3" }) {
        client.request({ "GET", target, {}, "" }, long_enough, [&](Result<HttpResponse> response) {
            order += response->body;
            if (order.ends_with("/3 "))
                loop_.stop();
        });
    }
    EXPECT_EQ(order, "");
    loop_.run();
    EXPECT_EQ(order, "GET /1 GET /2 GET /3 ");
}

TEST_F(HttpClientTest, large_bodies_go_both_ways)
{
    listen();
    HttpClient client(loop_, "127.0.0.1", server_->port());
    std::string const body(20 * 1024 * 1024, 'z');
    auto const answer = ask(client, { "PUT", "/b", {}, body });
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body.size(), body.size() + 7);
}

TEST_F(HttpClientTest, slow_answer_times_out_and_the_next_request_gets_its_own)
{
    listen();
    HttpClient client(loop_, "127.0.0.1", server_->port());
    auto const late = ask(client, { "GET", "/hold", {}, "" }, short_time);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error(),
        (Error { ErrorCode::timed_out,
            fmt::format("no answer from 127.0.0.1:{} within 30 ms", server_->port()) }));
    EXPECT_EQ(ask(client, { "GET", "/next", {}, "" })->body, "GET /next ");
}

TEST_F(HttpClientTest, waiting_request_times_out_without_disturbing_the_one_before)
{
    listen();
    HttpClient client(loop_, "127.0.0.1", server_->port());
    std::optional<Result<HttpResponse>> first;
    client.request({ "GET", "/hold", {}, "" }, long_enough, [&](Result<HttpResponse> response) {
        first = std::move(response);
        loop_.stop();
    });
    auto const second = ask(client, { "GET", "/next", {}, "" }, short_time);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::timed_out);
    ASSERT_EQ(held_.size(), 1U);
    held_[0].reply({ .body = "at last" });
    loop_.run();
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->body, "at last");
}

TEST_F(HttpClientTest, refused_connection_names_the_server)
{
    RawListener listener;
    auto const port = listener.port();
    listener.close();
    HttpClient client(loop_, "127.0.0.1", port);
    auto const answer = ask(client, {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(),
        (Error { ErrorCode::unavailable,
            fmt::format(
                "cannot connect to 127.0.0.1:{}: Connection refused; is it running?", port) }));
}

TEST_F(HttpClientTest, unknown_name_is_unavailable)
{
    HttpClient client(loop_, "no-such-host.invalid", 80);
    auto const answer = ask(client, {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

TEST_F(HttpClientTest, get_on_a_connection_that_went_stale_is_sent_again_once)
{
    RawListener listener;
    std::jthread const server([&] {
        auto first = listener.accept();
        first.read_until("\r\n\r\n");
        first.send(with_length("one"));
        first.read_until("\r\n\r\n");
        first.close();
        auto second = listener.accept();
        second.read_until("\r\n\r\n");
        second.send(with_length("two"));
    });
    HttpClient client(loop_, "127.0.0.1", listener.port());
    EXPECT_EQ(ask(client, {})->body, "one");
    EXPECT_EQ(ask(client, {})->body, "two");
}

TEST_F(HttpClientTest, post_on_a_connection_that_went_stale_fails)
{
    RawListener listener;
    std::jthread const server([&] {
        auto first = listener.accept();
        first.read_until("\r\n\r\n");
        first.send(with_length("one"));
        first.read_until("\r\n\r\n");
        first.close();
        auto second = listener.accept();
        second.read_until("\r\n\r\n");
        second.send(with_length("three"));
    });
    HttpClient client(loop_, "127.0.0.1", listener.port());
    EXPECT_EQ(ask(client, {})->body, "one");
    auto const second = ask(client, { "POST", "/", {}, "" });
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_EQ(ask(client, { "POST", "/", {}, "" })->body, "three");
}

struct Answer {
    char const* name;
    std::string bytes;
    // The body; nothing where the answer is no answer.
    std::optional<std::string> body;
    ErrorCode code { ErrorCode::internal };
};

class HttpClientAnswer : public HttpClientTest, public ::testing::WithParamInterface<Answer> { };

TEST_P(HttpClientAnswer, is_understood)
{
    RawListener listener;
    std::jthread const server([&] {
        auto peer = listener.accept();
        peer.read_until("\r\n\r\n");
        peer.send(GetParam().bytes);
    });
    HttpClientLimits limits;
    limits.body_bytes = 100;
    HttpClient client(loop_, "127.0.0.1", listener.port(), limits);
    auto const answer = ask(client, {});
    ASSERT_EQ(answer.has_value(), GetParam().body.has_value());
    if (answer)
        EXPECT_EQ(answer->body, *GetParam().body);
    else
        EXPECT_EQ(answer.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(Http, HttpClientAnswer,
    ::testing::Values(
        Answer { "body_up_to_the_close", "HTTP/1.0 200 OK\r\n\r\nall of it", "all of it" },
        Answer { "chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            "abc" },
        Answer { "interim_answer_first",
            "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x" },
        Answer { "cut_short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", {},
            ErrorCode::unavailable },
        Answer { "nothing", "", {}, ErrorCode::unavailable },
        Answer { "another_protocol", "SSH-2.0-OpenSSH_9.2\r\n", {}, ErrorCode::unavailable },
        Answer { "too_large", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", {},
            ErrorCode::exhausted }),
    [](auto const& answer) { return answer.param.name; });

TEST_F(HttpClientTest, close_fails_what_waits_and_allows_more)
{
    listen();
    HttpClient client(loop_, "127.0.0.1", server_->port());
    int failed = 0;
    for (int count = 0; count < 2; ++count) {
        client.request({ "GET", "/hold", {}, "" }, long_enough, [&](Result<HttpResponse> response) {
            EXPECT_EQ(response.error().code, ErrorCode::unavailable);
            if (++failed == 2)
                loop_.stop();
        });
    }
    client.close();
    EXPECT_EQ(failed, 0);
    loop_.run();
    EXPECT_EQ(failed, 2);
    EXPECT_EQ(ask(client, { "GET", "/a", {}, "" })->body, "GET /a ");
}

TEST_F(HttpClientTest, client_may_go_in_its_own_callback)
{
    listen();
    auto client = std::make_unique<HttpClient>(loop_, "127.0.0.1", server_->port());
    client->request({}, long_enough, [&](Result<HttpResponse> const&) {
        client.reset();
        loop_.stop();
    });
    client->request({}, long_enough, [&](Result<HttpResponse> const&) { FAIL(); });
    loop_.run();
    EXPECT_EQ(client, nullptr);
}

TEST_F(HttpClientTest, broken_request_fails_in_a_later_turn)
{
    HttpClient client(loop_, "127.0.0.1", 1);
    auto const answer = ask(client, { "GET", "/a b", {}, "" });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::invalid_input);
}

TEST_F(HttpClientTest, blocking_fetch_needs_no_loop)
{
    listen();
    run_with_peer(loop_, [&] {
        auto const answer = fetch_blocking("localhost", server_->port(), {}, long_enough);
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->body, "GET / ");
    });
}

}
}
