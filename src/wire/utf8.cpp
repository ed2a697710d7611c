#include <wire/utf8.h>

#include <cstdint>
#include <cstring>

namespace sidereal::wire {

namespace {

// The length of the valid sequence at the start of `text`, 0 if there is none (Unicode, table 3-7).
std::size_t sequence_length(std::string_view text)
{
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    auto const lead = byte(0);
    if (lead < 0x80)
        return 1;
    std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return 0;
    auto const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    auto const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < low || byte(1) > high)
        return 0;
    for (std::size_t at = 2; at < length; ++at) {
        if ((byte(at) & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

std::size_t ascii_length(std::string_view text)
{
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & 0x8080808080808080) != 0)
            break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
        ++at;
    return at;
}

}

bool is_utf8(std::string_view text)
{
    for (;;) {
        text.remove_prefix(ascii_length(text));
        if (text.empty())
            return true;
        auto const length = sequence_length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
}

std::string scrubbed_utf8(std::string_view text)
{
    std::string clean;
    while (!text.empty()) {
        auto const length = sequence_length(text);
        if (length == 0)
            clean += "\xef\xbf\xbd";
        else
            clean += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return clean;
}

}
