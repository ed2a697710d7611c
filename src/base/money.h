#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace sidereal {

// An amount in millionths of a US dollar: sums are exact, whatever their order.
struct Money {
    std::int64_t micro_usd { 0 };

    static Money from_usd(double usd);
    double usd() const { return static_cast<double>(micro_usd) / 1e6; }

    auto operator<=>(Money const&) const = default;
    Money& operator+=(Money other)
    {
        micro_usd += other.micro_usd;
        return *this;
    }
};

// "$12.34"; under a dollar four decimals, "$0.0042".
std::string to_string(Money money);

}
