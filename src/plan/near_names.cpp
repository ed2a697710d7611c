#include <plan/near_names.h>

#include <base/edit_distance.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr std::size_t longest = 200;

std::string squeezed(std::string_view text)
{
    std::string result;
    for (auto const c : text) {
        if (c >= 'A' && c <= 'Z')
            result += static_cast<char>(c + 32);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            result += c;
    }
    return result;
}

// "rtx-9999" and "rtx-5090".
bool begin_alike(std::string_view a, std::string_view b)
{
    constexpr std::size_t enough = 3;
    return a.size() >= enough && a.substr(0, enough) == b.substr(0, enough);
}

}

std::vector<std::string_view> near_names(
    std::string_view word, std::vector<std::string_view> const& names, std::size_t most)
{
    auto const wanted = squeezed(word.substr(0, longest));
    if (wanted.size() < 2)
        return {};
    auto const farthest = std::max<std::size_t>(1, (wanted.size() + 1) / 4);
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (auto const name : names) {
        auto const other = squeezed(name.substr(0, longest));
        auto distance = edit_distance(wanted, other);
        auto const is_part = other.size() > 1
            && (other.find(wanted) != other.npos || wanted.find(other) != wanted.npos);
        if (is_part)
            distance = std::min<std::size_t>(distance, 1);
        if (distance <= farthest || begin_alike(wanted, other))
            near.emplace_back(distance, name);
    }
    std::stable_sort(
        near.begin(), near.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<std::string_view> found;
    for (auto const& [distance, name] : near) {
        if (found.size() < most)
            found.push_back(name);
    }
    return found;
}

}
