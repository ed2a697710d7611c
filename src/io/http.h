#pragma once

#include <base/result.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sidereal::io {

// Header fields in the order of arrival; names are compared without regard to case.
class HttpHeaders {
public:
    using Field = std::pair<std::string, std::string>;

    HttpHeaders() = default;
    HttpHeaders(std::initializer_list<Field> fields)
        : fields_(fields)
    {
    }

    // The first field of that name.
    std::optional<std::string_view> get(std::string_view name) const;
    void add(std::string name, std::string value);
    std::size_t size() const { return fields_.size(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

// A request as the server's handler sees it.
struct HttpRequest {
    std::string method;
    // Percent-decoded, begins with '/', without the query.
    std::string path;
    // Decoded; of a name given twice the last one counts.
    std::map<std::string, std::string, std::less<>> query;
    HttpHeaders headers;
    std::string body;
};

// A response, on both sides. The server writes Content-Type, Content-Length and Connection itself;
// `headers` holds what comes on top (on the client: everything that was received).
struct HttpResponse {
    int status { 200 };
    std::string content_type { "application/json" };
    HttpHeaders headers {};
    std::string body {};
};

// A request as the client sends it; `target` is the encoded path with its query.
struct HttpRequestOut {
    std::string method { "GET" };
    std::string target { "/" };
    HttpHeaders headers {};
    std::string body {};
};

// {"error":{"code":"...","message":"..."}} with the status that the error's code maps to.
HttpResponse error_response(Error const& error);
// The same with a status that no code maps to, such as 405 or 413.
HttpResponse error_response(int status, std::string_view code, std::string_view message);

// %XX decoding; nothing when an escape is broken or stands for NUL.
std::optional<std::string> percent_decode(std::string_view text);
// Encodes everything but unreserved characters, so that the result may stand in a path segment or
// as a query's name or value.
std::string percent_encode(std::string_view text);

}
