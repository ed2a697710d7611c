#include <io/http_server.h>

#include <io/test_peer.h>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <atomic>
#include <optional>
#include <vector>

namespace sidereal::io {
namespace {

using testing::RawPeer;
using testing::run_with_peer;

constexpr auto soon = std::chrono::milliseconds(40);

std::string get(std::string_view target)
{
    return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
}

std::string status_line(std::string const& message) { return message.substr(0, 12); }

std::string body_of(std::string const& message)
{
    auto const end = message.find("\r\n\r\n");
    return end == std::string::npos ? "" : message.substr(end + 4);
}

// Answers "METHOD path body"; the odd paths do what they are called.
class HttpServerTest : public ::testing::Test {
protected:
    void listen(HttpServerLimits limits = {})
    {
        auto server = HttpServer::listen(
            loop_, "127.0.0.1", 0,
            [this](HttpRequest request, Responder responder) {
                answer(std::move(request), std::move(responder));
            },
            limits);
        ASSERT_TRUE(server) << server.error().message;
        server_ = *std::move(server);
    }

    void answer(HttpRequest request, Responder responder)
    {
        ++requests_;
        connections_ = server_ ? server_->connection_count() : 0;
        HttpResponse response;
        response.body = fmt::format("{} {} {}", request.method, request.path, request.body);
        if (request.path == "/hold") {
            responder.on_closed([this] { tell_closed(); });
            held_.push_back(std::move(responder));
            if (held_.size() == release_at_)
                release();
            return;
        }
        if (request.path == "/release")
            release();
        if (request.path == "/closed") {
            wants_closed_ = std::move(responder);
            if (closed_ > 0)
                tell_closed();
            return;
        }
        if (request.path == "/drop")
            return;
        if (request.path == "/large")
            response.body.assign(large_bytes, 'x');
        responder.reply(std::move(response));
    }

    void release()
    {
        for (auto const& responder : std::exchange(held_, {}))
            responder.reply({ .body = "released" });
    }

    void tell_closed()
    {
        ++closed_;
        if (auto const waiting = std::exchange(wants_closed_, std::nullopt))
            waiting->reply({ .body = "told" });
    }

    RawPeer connect() { return RawPeer::connect(server_->port()); }

    static constexpr std::size_t large_bytes = 16UL * 1024 * 1024;
    Loop loop_;
    std::unique_ptr<HttpServer> server_;
    std::vector<Responder> held_;
    std::size_t release_at_ { 0 };
    std::optional<Responder> wants_closed_;
    int closed_ { 0 };
    // Read by the peers' threads.
    std::atomic<int> requests_ { 0 };
    std::atomic<std::size_t> connections_ { 0 };
};

TEST_F(HttpServerTest, serves_many_requests_on_one_connection)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        for (int round = 0; round < 100; ++round) {
            peer.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nxyz");
            EXPECT_EQ(body_of(peer.read_message()), "POST /a xyz");
        }
    });
    EXPECT_EQ(connections_, 1U);
}

TEST_F(HttpServerTest, request_may_arrive_byte_by_byte)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        std::string const request
            = "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nxyz";
        for (auto const byte : request)
            peer.send({ &byte, 1 });
        EXPECT_EQ(body_of(peer.read_message()), "POST /a xyz");
    });
}

TEST_F(HttpServerTest, requests_sent_ahead_are_answered_in_order)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send(get("/1") + get("/2") + get("/3"));
        EXPECT_EQ(body_of(peer.read_message()), "GET /1 ");
        EXPECT_EQ(body_of(peer.read_message()), "GET /2 ");
        EXPECT_EQ(body_of(peer.read_message()), "GET /3 ");
    });
}

TEST_F(HttpServerTest, held_request_is_answered_later)
{
    listen();
    release_at_ = 1000;
    run_with_peer(loop_, [&] {
        auto held = connect();
        auto other = connect();
        held.send(get("/hold"));
        // The loop has seen the first request once it answers one sent after it.
        do {
            other.send(get("/release"));
            other.read_message();
        } while (requests_ < 2);
        other.send(get("/release"));
        other.read_message();
        EXPECT_EQ(body_of(held.read_message()), "released");
        held.send(get("/next"));
        EXPECT_EQ(body_of(held.read_message()), "GET /next ");
    });
    EXPECT_EQ(closed_, 0);
}

TEST_F(HttpServerTest, client_that_leaves_while_held_is_noticed)
{
    listen();
    run_with_peer(loop_, [&] {
        auto leaving = connect();
        auto other = connect();
        leaving.send(get("/hold"));
        leaving.close();
        other.send(get("/closed"));
        EXPECT_EQ(body_of(other.read_message()), "told");
    });
    ASSERT_EQ(held_.size(), 1U);
    EXPECT_FALSE(held_[0].is_open());
    held_[0].reply({});
}

TEST_F(HttpServerTest, two_hundred_held_at_once)
{
    listen();
    release_at_ = 200;
    run_with_peer(loop_, [&] {
        std::vector<RawPeer> peers;
        for (int count = 0; count < 200; ++count) {
            peers.push_back(connect());
            peers.back().send(get("/hold"));
        }
        for (auto& peer : peers)
            EXPECT_EQ(body_of(peer.read_message()), "released");
    });
}

TEST_F(HttpServerTest, large_response_reaches_a_client_that_reads_late)
{
    listen();
    run_with_peer(loop_, [&] {
        auto slow = connect();
        auto other = connect();
        slow.send(get("/large"));
        other.send(get("/a"));
        EXPECT_EQ(body_of(other.read_message()), "GET /a ");
        EXPECT_EQ(body_of(slow.read_message()).size(), large_bytes);
        slow.send(get("/b"));
        EXPECT_EQ(body_of(slow.read_message()), "GET /b ");
    });
}

TEST_F(HttpServerTest, chunked_body_is_put_together)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send("POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: y\r\n\r\n");
        EXPECT_EQ(body_of(peer.read_message()), "POST /c abcde");
    });
}

TEST_F(HttpServerTest, client_that_asks_first_is_told_to_continue)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send("POST /c HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                  "Content-Length: 2\r\n\r\n");
        EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        peer.send("ab");
        EXPECT_EQ(body_of(peer.read_message()), "POST /c ab");
    });
}

TEST_F(HttpServerTest, head_gets_the_length_without_the_body)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send("HEAD /h HTTP/1.1\r\nHost: localhost\r\n\r\n");
        auto const head = peer.read_until("\r\n\r\n");
        EXPECT_NE(head.find("Content-Length: 8\r\n"), std::string::npos) << head;
        peer.send(get("/a"));
        EXPECT_EQ(body_of(peer.read_message()), "GET /a ");
    });
}

TEST_F(HttpServerTest, connection_closes_when_the_client_asks_for_it)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send("GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        EXPECT_EQ(body_of(peer.read_to_end()), "GET /a ");
    });
}

TEST_F(HttpServerTest, request_dropped_by_its_handler_gets_an_answer)
{
    listen();
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send(get("/drop"));
        EXPECT_EQ(status_line(peer.read_message()), "HTTP/1.1 500");
    });
}

struct BadRequest {
    char const* name;
    std::string bytes;
    char const* status;
};

class HttpServerRefusal : public HttpServerTest,
                          public ::testing::WithParamInterface<BadRequest> { };

TEST_P(HttpServerRefusal, answers_with_its_status_and_closes)
{
    HttpServerLimits limits;
    limits.body_bytes = 1000;
    limits.header_bytes = 2000;
    limits.read_timeout = soon;
    listen(limits);
    run_with_peer(loop_, [&] {
        auto peer = connect();
        peer.send(GetParam().bytes);
        auto const answer = peer.read_message();
        EXPECT_EQ(status_line(answer), GetParam().status);
        EXPECT_TRUE(body_of(answer).starts_with(R"({"error":{"code":")")) << answer;
        peer.end_writing();
        EXPECT_EQ(peer.read_to_end(), "");
    });
    EXPECT_EQ(requests_, 0);
}

std::string with_header(std::string_view header)
{
    return fmt::format("GET / HTTP/1.1\r\n{}\r\n\r\n", header);
}

INSTANTIATE_TEST_SUITE_P(Http, HttpServerRefusal,
    ::testing::Values(BadRequest { "garbage", "\x16\x03\x01 hello\r\n\r\n", "HTTP/1.1 400" },
        BadRequest { "body_announced_too_large",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 413" },
        BadRequest { "chunks_too_large",
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5dc\r\n"
                + std::string(1500, 'x'),
            "HTTP/1.1 413" },
        BadRequest {
            "header_too_large", with_header("X: " + std::string(4000, 'x')), "HTTP/1.1 431" },
        BadRequest { "slow_header", "GET / HTTP/1.1\r\nHost: loc", "HTTP/1.1 408" },
        BadRequest { "slow_body", "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx",
            "HTTP/1.1 408" },
        BadRequest { "foreign_host", with_header("Host: evil.example:8420"), "HTTP/1.1 403" },
        BadRequest { "foreign_origin",
            with_header("Host: localhost\r\nOrigin: https://evil.example"), "HTTP/1.1 403" },
        BadRequest { "no_host", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400" },
        BadRequest { "two_lengths",
            with_header("Host: localhost\r\nContent-Length: 1\r\nContent-Length: 2"),
            "HTTP/1.1 400" },
        BadRequest { "length_and_chunks",
            with_header("Host: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"),
            "HTTP/1.1 400" },
        BadRequest {
            "broken_escape", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 400" }),
    [](auto const& refusal) { return refusal.param.name; });

TEST_F(HttpServerTest, idle_connection_is_closed)
{
    HttpServerLimits limits;
    limits.idle_timeout = soon;
    listen(limits);
    run_with_peer(loop_, [&] {
        auto peer = connect();
        EXPECT_EQ(peer.read_to_end(), "");
    });
}

TEST_F(HttpServerTest, client_that_does_not_read_is_dropped)
{
    HttpServerLimits limits;
    limits.write_timeout = soon;
    listen(limits);
    run_with_peer(loop_, [&] {
        auto stuck = connect();
        auto other = connect();
        stuck.send(get("/large"));
        do {
            other.send(get("/a"));
            other.read_message();
        } while (connections_ > 1 || requests_ < 3);
        EXPECT_LT(stuck.read_to_end().size(), large_bytes);
    });
}

TEST_F(HttpServerTest, connections_above_the_limit_are_told_so)
{
    HttpServerLimits limits;
    limits.connections = 2;
    listen(limits);
    run_with_peer(loop_, [&] {
        std::vector<RawPeer> peers;
        for (int count = 0; count < 2; ++count) {
            peers.push_back(connect());
            peers.back().send(get("/a"));
            EXPECT_EQ(status_line(peers.back().read_message()), "HTTP/1.1 200");
        }
        auto surplus = connect();
        EXPECT_EQ(status_line(surplus.read_message()), "HTTP/1.1 503");
        peers[0].send(get("/a"));
        EXPECT_EQ(status_line(peers[0].read_message()), "HTTP/1.1 200");
    });
}

// UBSan's check of a virtual call asks the kernel through a new pipe whether an object's memory can
// be read. Without a free descriptor it takes every object it has not seen yet for a broken one,
// and two free ones are two that the server would accept with.
TEST_F(HttpServerTest, lack_of_descriptors_is_waited_out)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "UBSan cannot check virtual calls without descriptors of its own";
#endif
    listen();
    auto peer = connect();
    peer.send(get("/a"));
    rlimit before {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    auto lowered = before;
    lowered.rlim_cur = 3;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
    int answered_without = -1;
    loop_.call_after(soon, [&] {
        answered_without = requests_;
        ::setrlimit(RLIMIT_NOFILE, &before);
    });
    run_with_peer(loop_, [&] { EXPECT_EQ(body_of(peer.read_message()), "GET /a "); });
    EXPECT_EQ(answered_without, 0);
}

TEST_F(HttpServerTest, close_from_a_handler_ends_everything)
{
    auto server = HttpServer::listen(loop_, "localhost", 0, [&](HttpRequest, Responder responder) {
        held_.push_back(responder);
        server_.reset();
        loop_.stop();
    });
    ASSERT_TRUE(server);
    server_ = *std::move(server);
    auto peer = connect();
    peer.send(get("/a"));
    loop_.run();
    EXPECT_EQ(peer.read_to_end(), "");
    held_[0].reply({});
}

TEST_F(HttpServerTest, taken_port_is_a_conflict_that_says_what_to_do)
{
    listen();
    auto const second = HttpServer::listen(loop_, "127.0.0.1", server_->port(), {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(),
        (Error { ErrorCode::conflict,
            fmt::format("127.0.0.1:{} is taken by another program: stop that program or choose "
                        "another port",
                server_->port()) }));
}

TEST_F(HttpServerTest, only_loopback_is_served)
{
    for (auto const* host : { "0.0.0.0", "::", "10.0.0.1", "example.com", "" }) {
        auto const server = HttpServer::listen(loop_, host, 0, {});
        ASSERT_FALSE(server);
        EXPECT_EQ(server.error(),
            (Error { ErrorCode::invalid_input,
                fmt::format("refusing to listen on {}: TLS and tokens are not set up; use a "
                            "loopback address",
                    host) }));
    }
}

}
}
