#pragma once

#include <base/result.h>
#include <io/function.h>
#include <io/loop.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::io {

// An IPv4 or IPv6 address with its port, as the socket calls take it.
struct SocketAddress {
    sockaddr_storage storage {};
    socklen_t size { 0 };

    sockaddr const* get() const
    {
        return static_cast<sockaddr const*>(static_cast<void const*>(&storage));
    }
    sockaddr* get() { return static_cast<sockaddr*>(static_cast<void*>(&storage)); }
    int family() const { return storage.ss_family; }
    std::uint16_t port() const;
};

// "127.0.0.1", "::1", "[::1]"; nothing for a name. "localhost" is 127.0.0.1 without asking anybody.
std::optional<SocketAddress> numeric_address(std::string const& host, std::uint16_t port);

// "host:port", with brackets where IPv6 needs them.
std::string host_and_port(std::string const& host, std::uint16_t port);

// Looks a name up on a thread of Asio's, so that a slow name server does not hold the loop. Never
// calls back once `alive` is gone.
void resolve(Loop& loop, std::string const& host, std::uint16_t port, std::weak_ptr<void> alive,
    Function<void(Result<std::vector<SocketAddress>>)> callback);

}
