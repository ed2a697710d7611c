#pragma once

#include <plan/model_plan.h>
#include <plan/seed_claims.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

// How each claim is computed: tables of functions by the claim's id, a file for each subject.
namespace sidereal::plan {

struct SeedFinding {
    std::vector<double> computed;
    std::string formula;
    ClaimVerdict verdict { ClaimVerdict::inconsistent };
};

// A model on a machine, as a claim describes it.
struct SeedRun {
    std::string_view model;
    std::string_view machine;
    std::string_view quant;
    std::string_view engine { "llama.cpp" };
    std::int64_t prompt { 2048 };
    // 0: after the prompt.
    std::int64_t depth { 0 };
    std::int64_t context { 0 };
    std::int64_t micro_batch { 512 };
    std::optional<Split> split;
};

// What the functions compute with.
class SeedDesk {
public:
    explicit SeedDesk(Catalog const& catalog)
        : catalog_(catalog)
    {
    }

    Catalog const& catalog() const { return catalog_; }
    Result<Device const*> device(std::string_view id) const { return find_device(catalog_, id); }
    Result<Model> model(std::string_view id) const;
    Result<ModelPlan> plan(SeedRun const& run) const;
    // Weights in bytes.
    Result<double> weights(std::string_view model, std::string_view quant) const;
    Result<CloudOffer const*> offer(std::string_view id) const;

private:
    Catalog const& catalog_;
};

// Consistent if each computed number is within the claim's tolerance: the first of the first
// value, and so on; of a range, of its nearest bound.
SeedFinding by_number(SeedClaim const& claim, std::vector<double> computed, std::string formula);
// Consistent if it holds.
SeedFinding by_fact(bool holds, std::vector<double> computed, std::string formula);

struct Condition {
    bool with { false };
    bool without { false };
};
// Consistent with an assumption if it holds with it only.
SeedFinding by_condition(Condition const& holds, std::vector<double> computed, std::string formula);
SeedFinding by_judgement(std::vector<double> computed, std::string formula);

bool is_within(SeedClaim const& claim, double computed);

using SeedFunction = Result<SeedFinding> (*)(SeedClaim const& claim, SeedDesk const& desk);
struct SeedCheck {
    std::string_view id;
    SeedFunction run;
};
std::span<SeedCheck const> hardware_checks();
std::span<SeedCheck const> speed_checks();
std::span<SeedCheck const> memory_checks();
std::span<SeedCheck const> money_checks();
std::span<SeedCheck const> site_checks();

}
