#include <plan/claim_units.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace sidereal::plan {

namespace {

// What follows a number and gives it a meaning: the words, and what it is multiplied by.
struct Unit {
    std::string_view words;
    double scale { 1 };
    std::string_view name;
};

// The longest first.
constexpr std::array units {
    Unit { "k tokens per second", 1e3, "tok/s" },
    Unit { "k tokens/second", 1e3, "tok/s" },
    Unit { "k tokens/sec", 1e3, "tok/s" },
    Unit { "k tokens/s", 1e3, "tok/s" },
    Unit { "k tok/sec", 1e3, "tok/s" },
    Unit { "k t/s", 1e3, "tok/s" },
    Unit { "k tps", 1e3, "tok/s" },
    Unit { "tokens per second", 1, "tok/s" },
    Unit { "tokens per sec", 1, "tok/s" },
    Unit { "tokens each second", 1, "tok/s" },
    Unit { "token per second", 1, "tok/s" },
    Unit { "token/second", 1, "tok/s" },
    Unit { "token/sec", 1, "tok/s" },
    Unit { "token/s", 1, "tok/s" },
    Unit { "toks/sec", 1, "tok/s" },
    Unit { "toks/s", 1, "tok/s" },
    Unit { "tok per second", 1, "tok/s" },
    Unit { "tokens/second", 1, "tok/s" },
    Unit { "tokens/sec", 1, "tok/s" },
    Unit { "tokens/s", 1, "tok/s" },
    Unit { "tokens a second", 1, "tok/s" },
    Unit { "k tok/s", 1e3, "tok/s" },
    Unit { "tok/sec", 1, "tok/s" },
    Unit { "tok/s", 1, "tok/s" },
    Unit { "tps", 1, "tok/s" },
    Unit { "t/s", 1, "tok/s" },
    Unit { "k context", 1024, "context" },
    Unit { "k tokens", 1024, "context" },
    Unit { "k ctx", 1024, "context" },
    Unit { "token context", 1, "context" },
    Unit { "tokens of context", 1, "context" },
    Unit { "gb/s", 1, "GB/s" },
    Unit { "tb/s", 1000, "GB/s" },
    Unit { "gb", 1, "GB" },
    Unit { "gib", 1.073741824, "GB" },
    Unit { "tb", 1000, "GB" },
    Unit { "ai tops", 1, "TFLOPS" },
    Unit { "tflops", 1, "TFLOPS" },
    Unit { "tflop", 1, "TFLOPS" },
    Unit { "teraflops", 1, "TFLOPS" },
    Unit { "tops", 1, "TFLOPS" },
    Unit { "pflops", 1000, "TFLOPS" },
    Unit { "pflop", 1000, "TFLOPS" },
    Unit { "petaflops", 1000, "TFLOPS" },
    Unit { "petaflop", 1000, "TFLOPS" },
    Unit { "months", 1, "months" },
    Unit { "month", 1, "months" },
    Unit { "hours a day", 1, "h/day" },
    Unit { "hours per day", 1, "h/day" },
    Unit { "hours daily", 1, "h/day" },
    Unit { "hours/day", 1, "h/day" },
    Unit { "hours each day", 1, "h/day" },
    Unit { "hrs per day", 1, "h/day" },
    Unit { "hrs/day", 1, "h/day" },
    Unit { "h per day", 1, "h/day" },
    Unit { "h a day", 1, "h/day" },
    Unit { "h/day", 1, "h/day" },
    Unit { "hours", 1, "hours" },
    Unit { "btu/h", 1, "BTU/h" },
    Unit { "btu/hr", 1, "BTU/h" },
    Unit { "btu", 1, "BTU/h" },
    Unit { "tons", 1, "tons" },
    Unit { "ton", 1, "tons" },
    Unit { "kilowatts", 1000, "W" },
    Unit { "kw", 1000, "W" },
    Unit { "watts", 1, "W" },
    Unit { "watt", 1, "W" },
    Unit { "w", 1, "W" },
    Unit { "volts", 1, "V" },
    Unit { "volt", 1, "V" },
    Unit { "v", 1, "V" },
    Unit { "amperes", 1, "A" },
    Unit { "amps", 1, "A" },
    Unit { "amp", 1, "A" },
    Unit { "a", 1, "A" },
    Unit { "users", 1, "streams" },
    Unit { "streams", 1, "streams" },
    Unit { "clients", 1, "streams" },
    Unit { "parallel", 1, "streams" },
    Unit { "concurrent", 1, "streams" },
    Unit { "requests", 1, "streams" },
};

std::string after(ClaimWords const& words, std::size_t place)
{
    std::string text;
    for (auto i = place; i < words.words.size() && i < place + 5; ++i)
        text += (text.empty() ? "" : " ") + words.words[i];
    // "tokens / s" as "tokens/s".
    for (auto at = text.find(" / "); at != text.npos; at = text.find(" / "))
        text.erase(at + 2, 1).erase(at, 1);
    return text;
}

bool begins_with_words(std::string_view text, std::string_view words)
{
    return text.starts_with(words)
        && (text.size() == words.size() || text[words.size()] == ' ' || text[words.size()] == '.');
}

// "$4/h" and "$4 an hour".
bool is_hourly(std::string_view text)
{
    auto const words = { "/h", "/hr", "/hour", "per hour", "an hour", "a hour", "per h", "hourly" };
    return std::any_of(
        words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

Quantity quantity_of(ClaimWords const& words, ClaimNumber number)
{
    auto const text = after(words, number.last + 1);
    if (number.is_money)
        return { number, is_hourly(text) ? "$/h" : "$" };
    for (auto const& unit : units) {
        if (!begins_with_words(text, unit.words))
            continue;
        number.low *= unit.scale;
        number.high *= unit.scale;
        return { number, std::string(unit.name) };
    }
    auto const before = number.first > 0 ? words.at(number.first - 1) : "";
    auto const earlier = number.first > 1 ? words.at(number.first - 2) : "";
    auto const is_batch = before == "batch" || before == "concurrency" || before == "bs"
        || (earlier == "batch" && (before == "size" || before == "of" || before == "="));
    if (is_batch)
        return { number, "streams" };
    if (before == "context" || (earlier == "context" && before == "of"))
        return { number, "context" };
    // "at 16k".
    if (text.starts_with("k") && before == "at")
        return { { number.low * 1024, number.high * 1024, false, number.first, number.last },
            "context" };
    return { number, "" };
}

// "5 nodes of 2800 W" and "two 1600 W supplies": how many draw that much each.
double count_of_things(ClaimWords const& words, ClaimNumber const& watts)
{
    static std::set<std::string_view> const between { "of", "x", "at", "with", "each", "drawing",
        "a", "-", "about", "nodes", "node", "machines", "servers", "boxes", "rigs", "supplies",
        "psus", "cards", "gpus" };
    static std::map<std::string_view, double> const counts { { "two", 2 }, { "three", 3 },
        { "four", 4 }, { "five", 5 }, { "six", 6 }, { "eight", 8 }, { "ten", 10 }, { "both", 2 },
        { "dual", 2 } };
    for (auto i = watts.first; i-- > 0;) {
        if (auto const found = counts.find(words.at(i)); found != counts.end())
            return found->second;
        for (auto const& number : words.numbers) {
            auto const is_count = number.last == i && i + 1 < watts.first && !number.is_money
                && number.low >= 1 && number.low <= 10'000 && number.low == number.high;
            if (is_count)
                return number.low;
        }
        if (!between.contains(words.at(i)))
            break;
    }
    return 1;
}

// "at $4/h vs $1.06": an hour there and an hour here, and no price of a machine.
void drop_compared_rates(ClaimWords const& words, std::vector<Quantity>& quantities)
{
    auto const has_rate = std::any_of(quantities.begin(), quantities.end(),
        [](Quantity const& quantity) { return quantity.unit == "$/h"; });
    std::erase_if(quantities, [&](Quantity const& quantity) {
        auto const first = quantity.number.first;
        auto const before = first > 0 ? words.at(first - 1) : "";
        constexpr double most_an_hour = 100;
        return has_rate && quantity.unit == "$" && quantity.number.high < most_an_hour
            && (before == "vs" || before == "vs." || before == "versus" || before == "against"
                || before == ".");
    });
}

}

std::vector<Quantity> quantities_of(ClaimWords const& words)
{
    std::vector<Quantity> quantities;
    for (auto const& number : words.numbers)
        quantities.push_back(quantity_of(words, number));
    for (auto& quantity : quantities) {
        auto const count = quantity.unit == "W" ? count_of_things(words, quantity.number) : 1.0;
        quantity.number.low *= count;
        quantity.number.high *= count;
    }
    drop_compared_rates(words, quantities);
    return quantities;
}

Quantity const* first_of(std::vector<Quantity> const& quantities, std::string_view unit)
{
    for (auto const& quantity : quantities) {
        if (quantity.unit == unit)
            return &quantity;
    }
    return nullptr;
}

std::optional<double> amount_of(std::vector<Quantity> const& quantities, std::string_view unit)
{
    auto const* found = first_of(quantities, unit);
    return found ? std::optional(found->number.high) : std::nullopt;
}

}
