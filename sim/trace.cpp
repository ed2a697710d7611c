#include <sim/trace.h>

#include <cstring>

namespace sidereal::sim {

void Trace::mix(std::string_view text)
{
    mix(text.size());
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof(word));
        mix(word);
    }
    for (auto const letter : text)
        mix(letter);
}

void Trace::keep(Duration now, std::string text)
{
    if (lines_.size() == keep_)
        lines_.pop_front();
    lines_.push_back(fmt::format("{:>14.6f}  {}", to_seconds(now), text));
}

}
