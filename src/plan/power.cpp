#include <plan/power.h>

#include <cmath>

namespace sidereal::plan {

double btu_per_h(double watts) { return watts * btu_per_h_per_watt; }

double cooling_tons(double watts) { return btu_per_h(watts) / btu_per_h_per_ton; }

double airflow_cfm(Airflow const& airflow)
{
    constexpr double btu_per_h_per_cfm_and_f = 1.08;
    return btu_per_h(airflow.watts) / (btu_per_h_per_cfm_and_f * airflow.rise_f);
}

double psu_efficiency(PsuType const& psu, double load_share)
{
    auto const load = load_share * 100;
    for (std::size_t i = 0; i < psu.load_pct.size(); ++i) {
        if (load > psu.load_pct[i])
            continue;
        if (i == 0)
            return psu.efficiency_pct[0] / 100;
        auto const part = (load - psu.load_pct[i - 1]) / (psu.load_pct[i] - psu.load_pct[i - 1]);
        auto const low = psu.efficiency_pct[i - 1];
        return (low + part * (psu.efficiency_pct[i] - low)) / 100;
    }
    return psu.efficiency_pct.back() / 100;
}

double wall_watts(Conversion const& conversion) { return conversion.dc_w / conversion.efficiency; }

double amps(Supply const& supply)
{
    auto const phases = supply.three_phase ? std::sqrt(3.0) : 1;
    return supply.watts / (phases * supply.volts * supply.power_factor);
}

double continuous_amps(Circuit const& circuit) { return circuit.breaker_a * continuous_share; }

double continuous_watts(Circuit const& circuit) { return continuous_amps(circuit) * circuit.volts; }

ConnectorLoad load_connector(Connector const& connector, double watts)
{
    ConnectorLoad load;
    load.watts = watts;
    load.holds = watts <= connector.max_w;
    if (connector.power_pins && connector.pin_rating_a) {
        load.amps_per_pin = watts / connector.volts / *connector.power_pins;
        load.rating_a = *connector.pin_rating_a;
        load.holds = load.holds && load.amps_per_pin <= load.rating_a * pin_share;
    }
    return load;
}

}
