#include <farm/scheduling.h>

#include <charconv>

namespace sidereal::farm {

namespace {

// Takes `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits)
{
    int number = 0;
    auto const* const end = text.data() + digits;
    if (text.size() < digits || text.front() < '0' || text.front() > '9')
        return std::nullopt;
    auto const read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end)
        return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, std::string_view either)
{
    if (text.empty() || either.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

std::optional<Duration> take_fraction(std::string_view& text)
{
    if (!take(text, "."))
        return Duration {};
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    bool any = false;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
        micros += (text.front() - '0') * unit;
        text.remove_prefix(1);
        any = true;
    }
    return any ? std::optional(Duration(micros)) : std::nullopt;
}

std::optional<Duration> take_offset(std::string_view& text)
{
    if (take(text, "Zz"))
        return Duration {};
    auto const sign = text.empty() ? '\0' : text.front();
    if (!take(text, "+-"))
        return std::nullopt;
    auto const hours = take_number(text, 2);
    auto const colon = take(text, ":");
    auto const minutes = colon ? take_number(text, 2) : std::nullopt;
    if (!hours || !minutes || *hours > 23 || *minutes > 59)
        return std::nullopt;
    Duration const offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return sign == '-' ? -offset : offset;
}

std::optional<Duration> take_date(std::string_view& text)
{
    auto const year = take_number(text, 4);
    auto const month = year && take(text, "-") ? take_number(text, 2) : std::nullopt;
    auto const day = month && take(text, "-") ? take_number(text, 2) : std::nullopt;
    if (!day)
        return std::nullopt;
    std::chrono::year_month_day const date { std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day)) };
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch();
}

std::optional<Duration> take_clock(std::string_view& text)
{
    auto const hours = take_number(text, 2);
    auto const minutes = hours && take(text, ":") ? take_number(text, 2) : std::nullopt;
    auto const seconds = minutes && take(text, ":") ? take_number(text, 2) : std::nullopt;
    if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 60)
        return std::nullopt;
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes)
        + std::chrono::seconds(*seconds);
}

}

std::optional<Wall> parse_rfc3339(std::string_view text)
{
    auto const date = take_date(text);
    auto const clock = date && take(text, "Tt ") ? take_clock(text) : std::nullopt;
    auto const fraction = clock ? take_fraction(text) : std::nullopt;
    auto const offset = fraction ? take_offset(text) : std::nullopt;
    if (!offset || !text.empty())
        return std::nullopt;
    return Wall(*date + *clock + *fraction - *offset);
}

}
