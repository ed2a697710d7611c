#include <base/money.h>

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace sidereal {

Money Money::from_usd(double usd) { return { static_cast<std::int64_t>(std::llround(usd * 1e6)) }; }

std::string to_string(Money money)
{
    auto const sign = money.micro_usd < 0 ? "-" : "";
    auto const usd = std::abs(money.usd());
    return usd < 1 ? fmt::format("{}${:.4f}", sign, usd) : fmt::format("{}${:.2f}", sign, usd);
}

}
