#include <io/http_wire.h>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sidereal::io {

namespace {

std::string_view reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 422: return "Unprocessable Content";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 507: return "Insufficient Storage";
    default: return "Status";
    }
}

bool is_control(char letter)
{
    auto const byte = static_cast<unsigned char>(letter);
    return byte < 0x20 || byte == 0x7f;
}

bool is_token(std::string_view text)
{
    constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} ";
    return !text.empty() && std::ranges::none_of(text, [&](char letter) {
        return is_control(letter) || static_cast<unsigned char>(letter) >= 0x80
            || separators.find(letter) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text)
{
    return std::ranges::none_of(
        text, [](char letter) { return is_control(letter) && letter != '\t'; });
}

// A value that came from outside, such as a file's name, must not begin a line of its own.
void append_field(std::string& out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ");
    auto const begin = out.size();
    out += value;
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, ' ');
    out += "\r\n";
}

}

void write_response_head(std::string& out, HttpResponse const& response, bool keep_alive)
{
    out.clear();
    fmt::format_to(
        std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
    if (response.status != 204 && response.status != 304) {
        if (!response.content_type.empty())
            append_field(out, "Content-Type", response.content_type);
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
    }
    for (auto const& [name, value] : response.headers)
        append_field(out, name, value);
    out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

Result<std::string> write_request(HttpRequestOut const& request, std::string_view host)
{
    if (!is_token(request.method))
        return fail(ErrorCode::invalid_input, "'{}' is not an HTTP method", request.method);
    auto const breaks_line = [](char letter) { return is_control(letter) || letter == ' '; };
    if (!request.target.starts_with('/') || std::ranges::any_of(request.target, breaks_line)) {
        return fail(ErrorCode::invalid_input,
            "the target '{}' must begin with '/' and have its blanks percent-encoded",
            request.target);
    }
    auto out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, host);
    out.reserve(out.size() + request.body.size() + 256);
    for (auto const& [name, value] : request.headers) {
        if (!is_token(name) || !is_field_value(value))
            return fail(ErrorCode::invalid_input, "'{}: {}' is not an HTTP header", name, value);
        append_field(out, name, value);
    }
    if (!request.body.empty() && !request.headers.get("Content-Type"))
        out += "Content-Type: application/json\r\n";
    auto const has_length = !request.body.empty() || request.method == "POST"
        || request.method == "PUT" || request.method == "PATCH";
    if (has_length)
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", request.body.size());
    out += "\r\n";
    out += request.body;
    return out;
}

}
