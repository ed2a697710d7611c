#include <openjd/expr/unicode_names.h>

#include <openjd/text_rules.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace sidereal::openjd::expr {

namespace {

constexpr unsigned point_bits = 21;
constexpr std::size_t longest_name = 120;

std::optional<char32_t> listed(std::string_view name)
{
    std::uint64_t hash = 0xCBF29CE484222325;
    for (char const c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    auto const key = hash >> point_bits;
    auto const& rows = detail::name_rows;
    auto const found = std::lower_bound(rows.begin(), rows.end(), key << point_bits);
    if (found == rows.end() || *found >> point_bits != key)
        return std::nullopt;
    return static_cast<char32_t>(*found & ((1U << point_bits) - 1));
}

std::optional<char32_t> ideograph(std::string_view digits)
{
    static constexpr std::pair<char32_t, char32_t> blocks[] = { { 0x3400, 0x4DBF },
        { 0x4E00, 0x9FFF }, { 0x20000, 0x2A6DF }, { 0x2A700, 0x2B738 }, { 0x2B740, 0x2B81D },
        { 0x2B820, 0x2CEA1 }, { 0x2CEB0, 0x2EBE0 }, { 0x30000, 0x3134A } };
    std::uint32_t point = 0;
    auto const* const end = digits.data() + digits.size();
    auto const read = std::from_chars(digits.data(), end, point, 16);
    if (read.ptr != end || digits.size() < 4 || digits.size() > 5 || digits.front() == '0')
        return std::nullopt;
    for (auto const& [first, last] : blocks) {
        if (point >= first && point <= last)
            return point;
    }
    return std::nullopt;
}

// One of the parts that a syllable's name is put together from: the longest that fits, which is
// taken off.
template<std::size_t count>
std::optional<std::uint32_t> take_part(
    std::array<std::string_view, count> const& parts, std::string_view& name)
{
    std::optional<std::uint32_t> best;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (name.starts_with(parts[i]) && (!best || parts[i].size() > parts[*best].size()))
            best = i;
    }
    if (best)
        name.remove_prefix(parts[*best].size());
    return best;
}

std::optional<char32_t> syllable(std::string_view name)
{
    static constexpr std::array<std::string_view, 19> leads { "G", "GG", "N", "D", "DD", "R", "M",
        "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H" };
    static constexpr std::array<std::string_view, 21> vowels { "A", "AE", "YA", "YAE", "EO", "E",
        "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I" };
    static constexpr std::array<std::string_view, 28> tails { "", "G", "GG", "GS", "N", "NJ", "NH",
        "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG", "J",
        "C", "K", "T", "P", "H" };
    auto const lead = take_part(leads, name);
    auto const vowel = take_part(vowels, name);
    auto const tail = take_part(tails, name);
    if (!lead || !vowel || !tail || !name.empty())
        return std::nullopt;
    return 0xAC00 + static_cast<char32_t>((*lead * vowels.size() + *vowel) * tails.size() + *tail);
}

}

std::optional<char32_t> character_named(std::string_view name)
{
    static constexpr std::string_view ideographs = "CJK UNIFIED IDEOGRAPH-";
    static constexpr std::string_view syllables = "HANGUL SYLLABLE ";
    if (name.size() > longest_name)
        return std::nullopt;
    auto const upper = to_upper(name);
    std::string_view const rest = upper;
    if (rest.starts_with(ideographs))
        return ideograph(rest.substr(ideographs.size()));
    if (rest.starts_with(syllables))
        return syllable(rest.substr(syllables.size()));
    return listed(upper);
}

}
