#include <base/time.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sidereal {

double to_seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

Duration from_seconds(double seconds)
{
    return Duration(static_cast<Duration::rep>(std::llround(seconds * 1e6)));
}

std::string to_rfc3339(Wall time)
{
    using namespace std::chrono;
    auto const since_epoch = time.time_since_epoch();
    auto const whole_days = floor<days>(since_epoch);
    year_month_day const date { sys_days { whole_days } };
    hh_mm_ss const of_day { floor<milliseconds>(since_epoch - whole_days) };
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count(),
        of_day.subseconds().count());
}

std::string to_human(Duration duration)
{
    auto const s = to_seconds(duration);
    if (s < 0)
        return "-" + to_human(-duration);
    // What rounds up to a full next unit is told in that unit.
    if (s < 0.9995)
        return fmt::format("{:.0f} ms", s * 1e3);
    if (s < 59.95)
        return fmt::format("{:.1f} s", s);
    auto const whole = std::max(60ll, static_cast<long long>(s));
    if (whole < 3600)
        return fmt::format("{} m {:02} s", whole / 60, whole % 60);
    if (whole < 86400)
        return fmt::format("{} h {:02} m", whole / 3600, whole / 60 % 60);
    return fmt::format("{} d {:02} h", whole / 86400, whole / 3600 % 24);
}

}
