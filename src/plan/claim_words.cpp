#include <plan/claim_words.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace sidereal::plan {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

std::string lower(std::string_view text)
{
    std::string result(text);
    for (auto& c : result) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + 32);
    }
    return result;
}

// Dashes of any kind become '-', the sign of multiplication an 'x'.
std::string plain(std::string_view text)
{
    auto result = lower(text);
    for (auto const& [from, to] : std::array<std::pair<std::string_view, std::string_view>, 5> {
             std::pair { "\u2013", "-" }, std::pair { "\u2014", "-" }, std::pair { "\u2011", "-" },
             std::pair { "\u00d7", "x" }, std::pair { "\u00a0", " " } }) {
        for (auto at = result.find(from); at != result.npos; at = result.find(from, at))
            result.replace(at, from.size(), to);
    }
    return result;
}

// "1,725.5" at the place; how long it is.
std::size_t number_at(std::string_view text, double& value)
{
    std::string digits;
    std::size_t i = 0;
    auto const digit_at = [&](std::size_t at) { return at < text.size() && is_digit(text[at]); };
    for (; i < text.size(); ++i) {
        auto const grouped = text[i] == ',' && i > 0 && text.size() >= i + 4
            && is_digit(text[i + 1]) && is_digit(text[i + 2]) && is_digit(text[i + 3])
            && (text.size() == i + 4 || !is_digit(text[i + 4]));
        auto const point = text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1])
            && digits.find('.') == digits.npos;
        // "1,5" of a language that points with commas, and "1e9".
        auto const comma = text[i] == ',' && i > 0 && digits.find('.') == digits.npos
            && digit_at(i + 1) && !(digit_at(i + 2) && digit_at(i + 3));
        auto const exponent = text[i] == 'e' && i > 0 && digit_at(i + 1)
            && digits.find('e') == digits.npos;
        if (is_digit(text[i]) || point || exponent)
            digits += text[i];
        else if (comma)
            digits += '.';
        else if (!grouped)
            break;
    }
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc {} && end != digits.data() ? i : 0;
}

// Takes one word or number off the front of `rest` and adds it.
void take(std::string_view& rest, ClaimWords& into, bool money, bool is_glued)
{
    double value = 0;
    // "8xH100" is a number of things.
    auto const times = rest.size() > 1 && rest[0] == 'x' && is_glued && !into.numbers.empty()
        && into.numbers.back().last + 1 == into.words.size()
        && (is_letter(rest[1]) || is_digit(rest[1]));
    if (times) {
        into.words.emplace_back("x");
        rest.remove_prefix(1);
        return;
    }
    if (auto const length = number_at(rest, value); length > 0) {
        // "-5", where no word stands before the dash.
        auto const at = into.words.size();
        if (at > 0 && is_glued && into.words[at - 1] == "-" && !into.glued[at - 1])
            value = -value;
        into.numbers.push_back({ value, value, money, into.words.size(), into.words.size() });
        into.words.emplace_back(rest.substr(0, length));
        rest.remove_prefix(length);
        return;
    }
    std::size_t length = 0;
    auto const next = [&](std::size_t i) { return i + 1 < rest.size() ? rest[i + 1] : ' '; };
    while (length < rest.size()
        && (is_letter(rest[length]) || is_digit(rest[length]) || rest[length] == '_'
            || (rest[length] == '.' && (is_letter(next(length)) || is_digit(next(length))))
            || (rest[length] == '/' && is_letter(next(length)))))
        ++length;
    length = std::max<std::size_t>(length, 1);
    into.words.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
}

// "35-55" and "35 to 55" become one number; "RTX 3090 - 5000 tok/s" has two.
void join_ranges(ClaimWords& words)
{
    std::vector<ClaimNumber> joined;
    for (auto const& number : words.numbers) {
        auto const between = number.first > 0 ? words.at(number.first - 1) : "";
        auto const is_range = between == "to" || between == "and"
            || (between == "-" && words.glued[number.first] && words.glued[number.first - 1]);
        auto const follows = !joined.empty() && joined.back().last + 2 == number.first
            && joined.back().high <= number.high && joined.back().low > 0;
        if (is_range && follows) {
            joined.back().high = number.high;
            joined.back().last = number.last;
        } else {
            joined.push_back(number);
        }
    }
    words.numbers = std::move(joined);
}

std::string squeezed(std::string_view text)
{
    std::string result;
    for (auto const c : text) {
        if (is_letter(c) || is_digit(c) || c == '.')
            result += c;
    }
    return result;
}

// The words without spaces and signs, and where one may begin or end: between words, and where
// letters meet digits.
struct Run {
    std::string text;
    std::vector<std::size_t> word_of;
    std::vector<bool> is_edge;
};

Run run_of(ClaimWords const& words)
{
    Run run;
    for (std::size_t i = 0; i < words.words.size(); ++i) {
        auto const word = squeezed(words.words[i]);
        for (std::size_t k = 0; k < word.size(); ++k) {
            run.is_edge.push_back(k == 0 || is_letter(word[k]) != is_letter(word[k - 1]));
            run.word_of.push_back(i);
        }
        run.text += word;
    }
    run.is_edge.push_back(true);
    return run;
}

// The word in which the alias begins, "m3 ultra" for "m3ultra"; npos if nowhere.
std::size_t find_alias(ClaimWords const& words, std::string_view alias)
{
    auto const run = run_of(words);
    for (auto at = run.text.find(alias); at != run.text.npos; at = run.text.find(alias, at + 1)) {
        if (run.is_edge[at] && run.is_edge[at + alias.size()])
            return run.word_of[at];
    }
    return std::string_view::npos;
}

std::vector<std::string> parts_of(std::string_view id)
{
    std::vector<std::string> parts { "" };
    for (auto const c : id) {
        if (c == '-')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

bool ends_a_name(std::string_view part)
{
    return part == "sxm" || part == "pcie" || part == "blackwell" || part.ends_with("gb")
        || (part.size() > 1 && part.back() == 'c' && is_digit(part[part.size() - 2]));
}

// "rtx5090" and "5090" for rtx-5090; "m3ultra" for m3-ultra-80c.
std::vector<std::string> device_aliases(Device const& device)
{
    auto parts = parts_of(device.id);
    std::vector<std::string> aliases;
    auto const add = [&](std::vector<std::string> const& some) {
        std::string joined;
        for (auto const& part : some)
            joined += part;
        aliases.push_back(joined);
    };
    add(parts);
    while (parts.size() > 1 && ends_a_name(parts.back())) {
        parts.pop_back();
        add(parts);
    }
    if (parts.size() > 1 && (parts[0] == "rtx" || parts[0] == "rx" || parts[0] == "pro"))
        add({ parts.begin() + 1, parts.end() });
    if (device.family == "gb10")
        aliases.insert(aliases.end(), { "dgxspark", "spark", "sparks", "gb10" });
    if (device.family == "rdna3.5")
        aliases.insert(aliases.end(), { "strixhalo", "aimax395" });
    return aliases;
}

// "3090s", "H100s", "Sparks": several of the device that is named from the place on.
bool is_plural(ClaimWords const& words, std::size_t place)
{
    constexpr std::size_t longest_name = 5;
    for (auto i = place; i < std::min(place + longest_name, words.words.size()); ++i) {
        auto const word = words.at(i);
        auto const ends = word.size() > 1 && word.back() == 's' && is_digit(word[word.size() - 2]);
        if (ends || word == "sparks" || (word == "s" && words.glued[i]))
            return true;
    }
    return false;
}

// "2 x", "two", "dual" before the place, "2" only before several.
std::int64_t count_before(ClaimWords const& words, std::size_t place)
{
    static std::map<std::string_view, std::int64_t> const counts { { "two", 2 }, { "dual", 2 },
        { "pair", 2 }, { "three", 3 }, { "triple", 3 }, { "four", 4 }, { "quad", 4 }, { "six", 6 },
        { "eight", 8 } };
    // From the device back, as long as the words belong to it.
    static std::set<std::string_view> const between { "nvidia", "geforce", "dgx", "linked", "apple",
        "amd", "mac", "macs", "of", "gb", "x", "times", "-", "networked" };
    for (auto i = place; i-- > 0;) {
        if (auto const found = counts.find(words.at(i)); found != counts.end())
            return found->second;
        auto const next = words.at(i + 1);
        double count = 0;
        auto const is_bare = next != "gb" && is_plural(words, place)
            && words.at(i).find_first_not_of("0123456789") == std::string_view::npos;
        if ((next == "x" || next == "times" || is_bare) && number_at(words.at(i), count) > 0
            && count >= 1 && count <= 64)
            return static_cast<std::int64_t>(count);
        if (!between.contains(words.at(i)) && number_at(words.at(i), count) == 0)
            break;
    }
    return 1;
}

// "llama", "3.x" and "70b" of llama-3.x-70b; what the words hold of them.
bool names_part(ClaimWords const& words, std::string_view part)
{
    if (part.ends_with(".x")) {
        auto const family = std::string(part.substr(0, part.size() - 2));
        for (auto const* minor : { "", ".1", ".2", ".3" }) {
            if (find_alias(words, family + minor) != std::string_view::npos)
                return true;
        }
        return false;
    }
    return find_alias(words, squeezed(part)) != std::string_view::npos;
}

std::string letters_of(std::string_view part)
{
    std::string letters;
    for (auto const c : part) {
        if (!is_letter(c))
            break;
        letters += c;
    }
    return letters;
}

// Whether the words speak of the family by which the part begins: "qwen" of qwen2.5.
bool names_family(ClaimWords const& words, std::string_view part)
{
    auto const family = letters_of(part);
    return std::any_of(words.words.begin(), words.words.end(),
        [&](std::string const& word) { return word.starts_with(family); });
}

bool is_size(std::string_view part)
{
    return part.size() > 1 && part.back() == 'b' && is_digit(part[part.size() - 2]);
}

// "DeepSeek V3" and "Phi-4": all but the size, which only one model of that name has.
bool is_named_whole(
    ClaimWords const& words, std::vector<std::string> const& parts, Catalog const& catalog)
{
    auto const name_of = [](std::vector<std::string> const& all) {
        std::string name;
        for (auto const& part : all)
            name += is_size(part) ? "" : part;
        return name;
    };
    auto const name = name_of(parts);
    auto const alike = std::count_if(catalog.models.begin(), catalog.models.end(),
        [&](ModelEntry const& model) { return name_of(parts_of(model.id)) == name; });
    auto const spoken = name == "deepseekv3" ? std::vector<std::string> { name, "deepseekr1" }
                                             : std::vector { name };
    return alike == 1 && name.size() > 3
        && std::any_of(spoken.begin(), spoken.end(), [&](std::string const& one) {
               return find_alias(words, one) != std::string_view::npos;
           });
}

}

bool ClaimWords::has(std::string_view word) const
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool ClaimWords::has_any(std::vector<std::string_view> const& phrases) const
{
    std::string text = " ";
    for (auto const& word : words)
        text += word + " ";
    return std::any_of(phrases.begin(), phrases.end(),
        [&](std::string_view phrase) { return text.find(" " + std::string(phrase)) != text.npos; });
}

ClaimWords split_claim(std::string_view text)
{
    auto const whole = plain(text);
    std::string_view rest = whole;
    ClaimWords words;
    auto is_glued = false;
    while (!rest.empty()) {
        if (rest.front() == ' ' || rest.front() == '\t' || rest.front() == '\n'
            || rest.front() == ',' || rest.front() == '~' || rest.front() == '+') {
            rest.remove_prefix(1);
            is_glued = false;
            continue;
        }
        auto const money = rest.front() == '$';
        if (money)
            rest.remove_prefix(1);
        if (rest.empty())
            break;
        take(rest, words, money, is_glued);
        words.glued.push_back(is_glued);
        is_glued = true;
    }
    join_ranges(words);
    return words;
}

std::optional<std::string> machine_in(ClaimWords const& words, Catalog const& catalog)
{
    Device const* best = nullptr;
    std::size_t best_length = 0;
    std::size_t best_place = 0;
    for (auto const& device : catalog.devices) {
        for (auto const& alias : device_aliases(device)) {
            auto const place = find_alias(words, alias);
            // Of several that a name may mean the fastest: SXM before PCIe.
            auto const is_better = alias.size() > best_length
                || (alias.size() == best_length
                    && device.bandwidth_gb_per_s > best->bandwidth_gb_per_s);
            if (place == std::string_view::npos || !is_better)
                continue;
            best = &device;
            best_length = alias.size();
            best_place = place;
        }
    }
    if (!best)
        return {};
    auto const count = count_before(words, best_place);
    return count > 1 ? fmt::format("{}x{}", count, best->id) : best->id;
}

std::optional<std::string> model_in(ClaimWords const& words, Catalog const& catalog)
{
    std::string best;
    int most = 0;
    auto const has_family = std::any_of(catalog.models.begin(), catalog.models.end(),
        [&](ModelEntry const& model) { return names_family(words, parts_of(model.id).front()); });
    for (auto const& model : catalog.models) {
        auto const parts = parts_of(model.id);
        if (has_family && !names_family(words, parts.front()))
            continue;
        int found = 0;
        auto has_size = false;
        for (auto const& part : parts) {
            if (!names_part(words, part))
                continue;
            ++found;
            has_size = has_size || is_size(part);
        }
        has_size = has_size || is_named_whole(words, parts, catalog);
        if (has_size && found > most) {
            best = model.id;
            most = found;
        }
    }
    if (best.empty())
        return {};
    return best;
}

std::optional<std::string> quant_in(ClaimWords const& words, Catalog const& catalog)
{
    std::string best;
    auto const consider = [&](std::string_view id) {
        if (id.size() > best.size() && words.has(lower(id)))
            best = id;
    };
    for (auto const* mix : { "Q4_K_M", "Q5_K_M" })
        consider(mix);
    for (auto const& entry : catalog.quants)
        consider(entry.id);
    for (auto const& entry : catalog.file_types)
        consider(entry.id);
    for (auto const& entry : catalog.schemes)
        consider(entry.id);
    if (!best.empty())
        return best;
    struct Synonym {
        std::vector<std::string_view> words;
        std::string_view quant;
    };
    static std::vector<Synonym> const synonyms { { { "fp16", "16 - bit", "half precision" },
                                                     "F16" },
        { { "fp4" }, "NVFP4" }, { { "awq", "gptq", "int4", "w4a16" }, "INT4-g128" },
        { { "8 - bit", "8 bit", "q8" }, "Q8_0" }, { { "4 - bit", "4 bit", "q4" }, "Q4_K_M" },
        { { "q6" }, "Q6_K" }, { { "q5" }, "Q5_K_M" }, { { "q3" }, "Q3_K_M" }, { { "q2" }, "Q2_K" },
        { { "mxfp4" }, "MXFP4" } };
    for (auto const& synonym : synonyms) {
        if (words.has_any(synonym.words))
            return std::string(synonym.quant);
    }
    return {};
}

}
