#pragma once

#include <base/json.h>

#include <optional>
#include <string>

// How forecasts are printed.
namespace sidereal::cli {

// A time from now in seconds: "2 h 03 m", or "never".
std::string finish_text(std::optional<double> seconds);
// "1.24 kWh and $0.5300".
std::string price_text(double energy_wh, double usd);
// What there is to say besides the tables; empty if nothing.
std::string forecast_remarks(Json const& forecast);

}
