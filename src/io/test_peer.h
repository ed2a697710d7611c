#pragma once

#include <base/verify.h>
#include <io/loop.h>
#include <io/socket_address.h>
#include <io/unique_fd.h>

#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

// The other end of a connection, for io's own tests.
namespace sidereal::io::testing {

// A blocking socket that says exactly what a test wants said. Gives up after 20 s, so that a broken
// test ends.
class RawPeer {
public:
    explicit RawPeer(UniqueFd socket)
        : socket_(std::move(socket))
    {
    }

    static RawPeer connect(std::uint16_t port)
    {
        auto const address = numeric_address("127.0.0.1", port);
        UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        VERIFY(::connect(socket.get(), address->get(), address->size) == 0);
        return RawPeer(std::move(socket));
    }

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            auto const sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Up to and with `end`; less when the peer closes.
    std::string read_until(std::string_view end)
    {
        while (received_.find(end) == std::string::npos && receive()) { }
        auto const found = received_.find(end);
        return take(found == std::string::npos ? received_.size() : found + end.size());
    }

    std::string read_bytes(std::size_t count)
    {
        while (received_.size() < count && receive()) { }
        return take(std::min(count, received_.size()));
    }

    // Header and body of one message that has a Content-Length.
    std::string read_message()
    {
        auto head = read_until("\r\n\r\n");
        auto const name = head.find("Content-Length: ");
        if (name == std::string::npos)
            return head;
        return head + read_bytes(std::strtoul(head.c_str() + name + 16, nullptr, 10));
    }

    std::string read_to_end()
    {
        while (receive()) { }
        return take(received_.size());
    }

    void end_writing() { ::shutdown(socket_.get(), SHUT_WR); }
    void close() { socket_.reset(); }

private:
    bool receive()
    {
        pollfd readable { socket_.get(), POLLIN, 0 };
        if (::poll(&readable, 1, 20'000) != 1)
            return false;
        char piece[64 * 1024];
        auto const got = ::recv(socket_.get(), piece, sizeof piece, 0);
        if (got <= 0)
            return false;
        received_.append(piece, static_cast<std::size_t>(got));
        return true;
    }

    std::string take(std::size_t count)
    {
        auto taken = received_.substr(0, count);
        received_.erase(0, count);
        return taken;
    }

    UniqueFd socket_;
    std::string received_;
};

// A listening socket on a port that the kernel picks.
class RawListener {
public:
    RawListener()
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        auto address = *numeric_address("127.0.0.1", 0);
        VERIFY(::bind(socket_.get(), address.get(), address.size) == 0);
        VERIFY(::listen(socket_.get(), 16) == 0);
        VERIFY(::getsockname(socket_.get(), address.get(), &address.size) == 0);
        port_ = address.port();
    }

    std::uint16_t port() const { return port_; }
    RawPeer accept() { return RawPeer(UniqueFd(::accept(socket_.get(), nullptr, nullptr))); }
    void close() { socket_.reset(); }

private:
    UniqueFd socket_;
    std::uint16_t port_ { 0 };
};

// Runs the loop while `peer` runs on a thread of its own, until that returns.
inline void run_with_peer(Loop& loop, std::function<void()> peer)
{
    std::jthread const thread([&] {
        peer();
        loop.stop();
    });
    loop.run();
}

}
