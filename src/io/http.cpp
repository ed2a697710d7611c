#include <io/http.h>

#include <base/json.h>

#include <algorithm>

namespace sidereal::io {

namespace {

char to_lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    auto const letter = to_lower(digit);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool is_unreserved(char letter)
{
    auto const low = to_lower(letter);
    return (low >= 'a' && low <= 'z') || (letter >= '0' && letter <= '9')
        || std::string_view("-._~").find(letter) != std::string_view::npos;
}

}

std::optional<std::string_view> HttpHeaders::get(std::string_view name) const
{
    auto const same = [](char left, char right) { return to_lower(left) == to_lower(right); };
    for (auto const& [field_name, value] : fields_) {
        if (field_name.size() == name.size() && std::ranges::equal(field_name, name, same))
            return value;
    }
    return std::nullopt;
}

void HttpHeaders::add(std::string name, std::string value)
{
    fields_.emplace_back(std::move(name), std::move(value));
}

HttpResponse error_response(Error const& error)
{
    auto const& row = error_row(error.code);
    return error_response(row.http_status, row.name, error.message);
}

HttpResponse error_response(int status, std::string_view code, std::string_view message)
{
    JsonWriter json;
    json.begin_object().key("error").begin_object();
    json.field("code", code).field("message", message);
    json.end_object().end_object();
    HttpResponse response;
    response.status = status;
    response.body = json.take();
    return response;
}

std::optional<std::string> percent_decode(std::string_view text)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded += text[at];
            continue;
        }
        if (text.size() - at < 3)
            return std::nullopt;
        auto const high = hex_value(text[at + 1]);
        auto const low = hex_value(text[at + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return decoded;
}

std::string percent_encode(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (auto const letter : text) {
        if (is_unreserved(letter)) {
            encoded += letter;
            continue;
        }
        auto const byte = static_cast<unsigned char>(letter);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

}
