#pragma once

#include <cli/plan_money.h>
#include <plan/demand.h>
#include <plan/economics.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What `plan rent-or-buy` prints.
namespace sidereal::cli {

struct RentOrBuy {
    plan::Ownership owned;
    plan::Rent rent;
    std::string rent_source;
    plan::BuyOrRent answer;
    std::vector<plan::TornadoBar> bars;
    plan::Draws draws;
    plan::Chances chances;
    std::optional<FarmUsage> farm;
    std::optional<plan::FleetPlan> fleet;
};

void draw(RentOrBuy const& found);
void draw_rules_of_thumb(double usd_per_kwh);
std::string rules_of_thumb_json(double usd_per_kwh);
std::string json_of(RentOrBuy const& found, bool explain);
// "horizon", "tornado" or "fleet".
std::string csv_of(RentOrBuy const& found, std::string_view what);

}
