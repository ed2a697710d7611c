#pragma once

#include <plan/claim.h>

// How each kind of claim is checked; check_claim (plan/claim.h) chooses.
namespace sidereal::plan {

Result<ClaimAnswer> check_speed_claim(Claim const& claim, Catalog const& catalog);
Result<ClaimAnswer> check_training_claim(Claim const& claim, Catalog const& catalog);
// GB that training takes, or that a machine can do it.
Result<ClaimAnswer> check_training_need(Claim const& claim, Catalog const& catalog);
Result<ClaimAnswer> check_memory_claim(Claim const& claim, Catalog const& catalog);
Result<ClaimAnswer> check_device_claim(Claim const& claim, Catalog const& catalog);
Result<ClaimAnswer> check_money_claim(Claim const& claim, Catalog const& catalog);
Result<ClaimAnswer> check_power_claim(Claim const& claim, Catalog const& catalog);

// What a claim must name, or invalid_input with what is missing.
Result<Model> claimed_model(Claim const& claim, Catalog const& catalog);
Result<Machine> claimed_machine(Claim const& claim, Catalog const& catalog);
Result<double> claimed(std::optional<double> const& value, std::string_view what);

// Impossible if what is said lies above the ceiling by more than rounding.
void judge_by_ceiling(ClaimAnswer& answer, double said);

}
