#include <io/http_target.h>

#include <arpa/inet.h>

#include <algorithm>

namespace sidereal::io {

namespace {

Result<std::string> decode_form(std::string_view text)
{
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    auto decoded = percent_decode(spaced);
    if (!decoded)
        return fail(ErrorCode::invalid_input, "broken %-escape in the query at '{}'", text);
    return *std::move(decoded);
}

}

Status read_target(std::string_view target, HttpRequest& request)
{
    auto const mark = target.find('?');
    auto path = percent_decode(target.substr(0, mark));
    if (!path || !path->starts_with('/')) {
        return fail(ErrorCode::invalid_input,
            "the request's target '{}' is not a path that begins with '/'", target);
    }
    request.path = *std::move(path);
    if (mark == std::string_view::npos)
        return {};
    auto rest = target.substr(mark + 1);
    while (!rest.empty()) {
        auto const pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        auto const equals = std::min(pair.find('='), pair.size());
        auto name = TRY(decode_form(pair.substr(0, equals)));
        auto value = TRY(decode_form(pair.substr(std::min(equals + 1, pair.size()))));
        request.query.insert_or_assign(std::move(name), std::move(value));
    }
    return {};
}

bool is_loopback_host(std::string_view host)
{
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    constexpr std::string_view name = "localhost";
    auto const same = [](char left, char right) { return (left | 0x20) == right; };
    if (std::ranges::equal(host, name, same))
        return true;
    std::string const text(host);
    in_addr four {};
    if (::inet_pton(AF_INET, text.c_str(), &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    in6_addr six {};
    return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool is_loopback_authority(std::string_view authority)
{
    auto const colon = authority.rfind(':');
    // A colon before the closing bracket belongs to an IPv6 address.
    auto const bracket = authority.rfind(']');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
        authority = authority.substr(0, colon);
    return is_loopback_host(authority);
}

bool is_loopback_origin(std::string_view origin)
{
    for (std::string_view const scheme : { "http://", "https://" }) {
        if (origin.starts_with(scheme))
            return is_loopback_authority(origin.substr(scheme.size()));
    }
    return false;
}

}
