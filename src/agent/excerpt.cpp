#include <agent/excerpt.h>

namespace sidereal::agent {

namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}

std::string first_bytes(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return std::string(text);
    auto end = limit;
    while (end > 0 && continues_character(text[end]))
        --end;
    return std::string(text.substr(0, end));
}

std::string last_bytes(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return std::string(text);
    auto begin = text.size() - limit;
    while (begin < text.size() && continues_character(text[begin]))
        ++begin;
    return std::string(text.substr(begin));
}

}
