#include <io/socket_address.h>

#include <io/loop_impl.h>

#include <arpa/inet.h>
#include <boost/asio/ip/tcp.hpp>

#include <cstring>

namespace sidereal::io {

std::uint16_t SocketAddress::port() const
{
    // sin_port and sin6_port stand at the same place.
    sockaddr_in four;
    std::memcpy(&four, &storage, sizeof four);
    return ntohs(four.sin_port);
}

std::optional<SocketAddress> numeric_address(std::string const& host, std::uint16_t port)
{
    SocketAddress address;
    sockaddr_in four {};
    auto const& text = host == "localhost" ? "127.0.0.1" : host;
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        std::memcpy(&address.storage, &four, sizeof four);
        address.size = sizeof four;
        return address;
    }
    auto const has_brackets = text.starts_with('[') && text.ends_with(']');
    auto const bare = has_brackets ? text.substr(1, text.size() - 2) : text;
    sockaddr_in6 six {};
    if (::inet_pton(AF_INET6, bare.c_str(), &six.sin6_addr) != 1)
        return std::nullopt;
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&address.storage, &six, sizeof six);
    address.size = sizeof six;
    return address;
}

std::string host_and_port(std::string const& host, std::uint16_t port)
{
    auto const needs_brackets = host.find(':') != std::string::npos && !host.starts_with('[');
    return needs_brackets ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

void resolve(Loop& loop, std::string const& host, std::uint16_t port, std::weak_ptr<void> alive,
    Function<void(Result<std::vector<SocketAddress>>)> callback)
{
    using Resolver = boost::asio::ip::tcp::resolver;
    auto const resolver = std::make_shared<Resolver>(loop.impl().context);
    auto finish = [resolver, host, alive = std::move(alive), callback = std::move(callback)](
                      boost::system::error_code failure, Resolver::results_type const& results) {
        if (alive.expired())
            return;
        if (failure) {
            callback(fail(ErrorCode::unavailable,
                "cannot find the address of '{}': {}; check the name", host, failure.message()));
            return;
        }
        std::vector<SocketAddress> addresses;
        for (auto const& result : results) {
            SocketAddress address;
            auto const endpoint = result.endpoint();
            address.size = static_cast<socklen_t>(endpoint.size());
            std::memcpy(&address.storage, endpoint.data(), endpoint.size());
            addresses.push_back(address);
        }
        callback(std::move(addresses));
    };
    resolver->async_resolve(host, std::to_string(port), std::move(finish));
}

}
