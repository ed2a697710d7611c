#include <cli/client.h>

#include <cli/fields.h>
#include <io/file.h>
#include <io/http_client.h>
#include <io/loop.h>

#include <charconv>
#include <cstdlib>
#include <utility>

namespace sidereal::cli {

namespace {

constexpr std::string_view how_to_start
    = "start one with 'sidereal up', or say where it is with --url or SIDEREAL_URL";

std::string_view trimmed(std::string_view text)
{
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

std::string variable(char const* name)
{
    auto const* value = std::getenv(name);
    return value ? value : "";
}

}

std::string default_data_dir()
{
    if (auto const given = variable("SIDEREAL_DATA"); !given.empty())
        return given;
    // XDG Base Directory Specification: a path that is not absolute is to be ignored.
    if (auto const data = variable("XDG_DATA_HOME"); data.starts_with('/'))
        return data + "/sidereal";
    auto const home = variable("HOME");
    return (home.empty() ? std::string("/root") : home) + "/.local/share/sidereal";
}

std::string url_file(std::string const& data_dir) { return data_dir + "/url"; }

Result<std::string> find_server(Context const& context)
{
    if (context.url)
        return *context.url;
    if (auto const given = variable("SIDEREAL_URL"); !given.empty())
        return given;
    auto const path = url_file(default_data_dir());
    auto content = io::read_file(path);
    if (!content)
        return fail(
            ErrorCode::unavailable, "no brain found ({} is not there): {}", path, how_to_start);
    return std::string(trimmed(*content));
}

Result<Address> parse_url(std::string_view url)
{
    auto const refuse = [&] {
        return fail(
            ErrorCode::invalid_input, "'{}' is no URL of a brain: expected http://HOST:PORT", url);
    };
    constexpr std::string_view scheme = "http://";
    auto rest = trimmed(url);
    if (!rest.starts_with(scheme))
        return refuse();
    rest.remove_prefix(scheme.size());
    if (rest.ends_with('/'))
        rest.remove_suffix(1);
    auto const colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return refuse();
    Address address;
    auto const port = rest.substr(colon + 1);
    auto const* const end = port.data() + port.size();
    auto const [stop, failure] = std::from_chars(port.data(), end, address.port);
    if (failure != std::errc {} || stop != end || address.port == 0)
        return refuse();
    auto host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    address.host = host;
    return address;
}

Result<Client> Client::of(std::string const& url) { return Client(TRY(parse_url(url))); }

Result<Client> Client::of(Context const& context) { return of(TRY(find_server(context))); }

Error error_of(io::HttpResponse const& response)
{
    Error error { error_code_of_http(response.status),
        fmt::format("the brain answered {}", response.status) };
    auto const document = parse_json(response.body);
    if (!document)
        return error;
    auto const& told = object_at(*document, "error");
    if (auto message = text_at(told, "message"); !message.empty())
        error.message = std::move(message);
    for (auto const& fault : list_at(told, "diagnostics")) {
        auto const path = text_at(fault, "path");
        error.message += fmt::format("\n{}:{}:{}: {}{}{}", text_at(fault, "file"),
            count_at(fault, "line"), count_at(fault, "column"), path, path.empty() ? "" : ": ",
            text_at(fault, "message"));
    }
    return error;
}

Result<io::HttpResponse> Client::fetch(io::HttpRequestOut request, Duration timeout) const
{
    auto response = io::fetch_blocking(address_.host, address_.port, std::move(request), timeout);
    if (!response) {
        auto error = std::move(response.error());
        if (error.code == ErrorCode::unavailable)
            error.message += fmt::format(" ({})", how_to_start);
        return tl::unexpected(std::move(error));
    }
    if (response->status >= 400)
        return tl::unexpected(error_of(*response));
    return response;
}

Result<Json> Client::get(std::string const& target, Duration timeout) const
{
    auto const response = TRY(fetch({ "GET", target, {}, {} }, timeout));
    return parse_json(response.body);
}

Result<Json> Client::post(std::string const& target, std::string body) const
{
    io::HttpRequestOut request { "POST", target, { { "Content-Type", "application/json" } },
        std::move(body) };
    auto const response = TRY(fetch(std::move(request), default_timeout));
    return parse_json(response.body);
}

Result<io::HttpResponse> Client::get_bytes(std::string const& target) const
{
    return fetch({ "GET", target, {}, {} }, default_timeout);
}

void pause_for(Duration duration)
{
    io::Loop loop;
    loop.call_after(duration, [&] { loop.stop(); });
    loop.run();
}

}
