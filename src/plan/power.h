#pragma once

#include <plan/supply.h>

// Watts, heat and breakers.
namespace sidereal::plan {

constexpr double btu_per_h_per_watt = 3.412142;
constexpr double btu_per_h_per_ton = 12'000;
// Of the breaker, for loads of three hours and more (NEC 210.20: breakers are sized at 125 %).
constexpr double continuous_share = 0.8;
// Of the rating, for loads that last.
constexpr double psu_target_load = 0.8;
// ATX 3.1: for 100 microseconds.
constexpr double psu_transient_load = 2;
// Of a pin's rating that planned currents stay below.
constexpr double pin_share = 0.92;

double btu_per_h(double watts);
double cooling_tons(double watts);

struct Airflow {
    double watts { 0 };
    // Between inlet and outlet, in degrees Fahrenheit.
    double rise_f { 20 };
};
// Cubic feet a minute: BTU/h / (1.08 x rise), for air at sea level.
double airflow_cfm(Airflow const& airflow);

// A share, between the points of its certification and constant beyond them.
double psu_efficiency(PsuType const& psu, double load_share);

struct Conversion {
    double dc_w { 0 };
    double efficiency { 1 };
};
double wall_watts(Conversion const& conversion);

struct Supply {
    double watts { 0 };
    // Between two phases where there are three.
    double volts { 0 };
    bool three_phase { false };
    double power_factor { 1 };
};
double amps(Supply const& supply);

// What a circuit may carry for hours.
double continuous_amps(Circuit const& circuit);
double continuous_watts(Circuit const& circuit);

struct ConnectorLoad {
    double watts { 0 };
    double amps_per_pin { 0 };
    double rating_a { 0 };
    // Within the connector's watts and the pins' planned current.
    bool holds { false };
};
ConnectorLoad load_connector(Connector const& connector, double watts);

}
