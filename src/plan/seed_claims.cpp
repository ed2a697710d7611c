#include <plan/seed_claims.h>

#include <plan/fields.h>
#include <plan/seed_checks.h>
#include <plan/shipped.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sidereal::plan {

namespace {

struct Named {
    ClaimVerdict verdict;
    std::string_view name;
};

constexpr std::array verdicts {
    Named { ClaimVerdict::consistent, "consistent" },
    Named { ClaimVerdict::consistent_with_assumption, "consistent-with-assumption" },
    Named { ClaimVerdict::approximate, "approximate" },
    Named { ClaimVerdict::inconsistent, "inconsistent" },
    Named { ClaimVerdict::outlier, "outlier" },
    Named { ClaimVerdict::marketing, "marketing" },
    Named { ClaimVerdict::nominal_not_physical, "nominal-not-physical" },
    Named { ClaimVerdict::qualitative, "qualitative" },
};

ClaimVerdict read_verdict(Fields& fields)
{
    std::vector<std::string_view> names;
    for (auto const& named : verdicts)
        names.push_back(named.name);
    auto const text = fields.word("verdict", names);
    auto const found = std::find_if(
        verdicts.begin(), verdicts.end(), [&](Named const& named) { return named.name == text; });
    return found == verdicts.end() ? ClaimVerdict::inconsistent : found->verdict;
}

SeedClaim read_claim(Fields& fields, JsonObject const& object)
{
    SeedClaim claim;
    claim.id = fields.text("id");
    fields.call(claim.id);
    claim.topic = fields.text("topic");
    claim.text = fields.text("claim");
    claim.kind = fields.text("kind");
    claim.unit = fields.maybe_text("unit").value_or("");
    auto const* value = find(object, "value");
    if (value && value->is_array())
        claim.values = fields.numbers("value", {});
    else if (auto const number = fields.maybe_number("value", {}))
        claim.values.push_back(*number);
    claim.min = fields.maybe_number("min", {});
    claim.max = fields.maybe_number("max", {});
    claim.tolerance_pct = fields.maybe_number("tolerance_pct", { 0, 100 });
    claim.stated = read_verdict(fields);
    claim.note = fields.maybe_text("note").value_or("");
    return claim;
}

SeedFunction function_of(std::string_view id)
{
    for (auto const& checks :
        { hardware_checks(), speed_checks(), memory_checks(), money_checks(), site_checks() }) {
        for (auto const& check : checks) {
            if (check.id == id)
                return check.run;
        }
    }
    return nullptr;
}

bool is_near(double computed, double wanted, double tolerance_pct)
{
    // A hair more, for what binary fractions round.
    return std::abs(computed - wanted) <= std::abs(wanted) * (tolerance_pct / 100 + 1e-9);
}

std::string number_text(double value)
{
    return value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

}

std::string_view to_string(ClaimVerdict verdict)
{
    for (auto const& named : verdicts) {
        if (named.verdict == verdict)
            return named.name;
    }
    return "";
}

Result<std::vector<SeedClaim>> read_seed_claims(std::string_view json, std::string_view name)
{
    auto const parsed = TRY(parse_json(json));
    Fields document(*TRY(as_object(parsed, name)), std::string(name));
    std::vector<SeedClaim> claims;
    for (auto const* object : document.objects("claims")) {
        Fields fields(*object, fmt::format("{}: claims[{}]", name, claims.size()));
        auto claim = read_claim(fields, *object);
        TRY(fields.finish());
        claims.push_back(std::move(claim));
    }
    TRY(document.finish());
    return claims;
}

Result<std::vector<CheckedClaim>> check_seed(Catalog const& catalog)
{
    SeedDesk const desk(catalog);
    std::vector<CheckedClaim> checked;
    auto claims = TRY(read_seed_claims(shipped::claims, "claims.json"));
    for (auto& claim : claims) {
        auto const function = function_of(claim.id);
        if (!function)
            return fail(ErrorCode::not_found, "claim {}: nothing computes it", claim.id);
        auto finding = function(claim, desk);
        if (!finding)
            return fail(finding.error().code, "claim {}: {}", claim.id, finding.error().message);
        checked.push_back({ std::move(claim), std::move(finding->computed),
            std::move(finding->formula), finding->verdict });
    }
    return checked;
}

std::string said_text(SeedClaim const& claim)
{
    std::string text;
    if (claim.min && claim.max)
        text = fmt::format("{} to {}", number_text(*claim.min), number_text(*claim.max));
    else if (claim.min)
        text = fmt::format("from {}", number_text(*claim.min));
    else if (!claim.values.empty()) {
        std::vector<std::string> numbers;
        for (auto const value : claim.values)
            numbers.push_back(number_text(value));
        text = fmt::format("{}", fmt::join(numbers, "; "));
    }
    if (text.empty())
        return "-";
    return claim.unit.empty() ? text : text + " " + claim.unit;
}

std::string computed_text(CheckedClaim const& checked)
{
    std::vector<std::string> numbers;
    for (auto const value : checked.computed)
        numbers.push_back(number_text(value));
    return numbers.empty() ? "-" : fmt::format("{}", fmt::join(numbers, "; "));
}

bool is_within(SeedClaim const& claim, double computed)
{
    auto const tolerance = claim.tolerance_pct.value_or(0);
    if (!claim.min && !claim.max)
        return !claim.values.empty() && is_near(computed, claim.values.front(), tolerance);
    if (claim.min && computed < *claim.min)
        return is_near(computed, *claim.min, tolerance);
    return !claim.max || computed <= *claim.max || is_near(computed, *claim.max, tolerance);
}

SeedFinding by_number(SeedClaim const& claim, std::vector<double> computed, std::string formula)
{
    auto const has_several = claim.values.size() > 1;
    auto holds = !computed.empty() && computed.size() >= claim.values.size();
    for (std::size_t i = 0; i < computed.size(); ++i) {
        auto const is_said = has_several ? i < claim.values.size()
                && is_near(computed[i], claim.values[i], claim.tolerance_pct.value_or(0))
                                         : is_within(claim, computed[i]);
        holds = holds && is_said;
    }
    return by_fact(holds, std::move(computed), std::move(formula));
}

SeedFinding by_fact(bool holds, std::vector<double> computed, std::string formula)
{
    return { std::move(computed), std::move(formula),
        holds ? ClaimVerdict::consistent : ClaimVerdict::inconsistent };
}

SeedFinding by_condition(Condition const& holds, std::vector<double> computed, std::string formula)
{
    auto finding = by_fact(holds.with, std::move(computed), std::move(formula));
    if (holds.with && !holds.without)
        finding.verdict = ClaimVerdict::consistent_with_assumption;
    return finding;
}

SeedFinding by_judgement(std::vector<double> computed, std::string formula)
{
    return { std::move(computed), std::move(formula), ClaimVerdict::qualitative };
}

Result<Model> SeedDesk::model(std::string_view id) const
{
    return model_of(*TRY(find_model(catalog_, id)));
}

Result<ModelPlan> SeedDesk::plan(SeedRun const& run) const
{
    auto const model = TRY(this->model(run.model));
    auto const machine = TRY(read_machine(run.machine, {}, catalog_));
    Workload workload;
    workload.quant = run.quant;
    workload.engine = run.engine;
    workload.prompt = run.prompt;
    workload.depth = run.depth;
    workload.micro_batch = run.micro_batch;
    workload.split = run.split;
    workload.context = run.context > 0 ? run.context : std::max(run.prompt + 64, run.depth) + 1;
    return plan_model(model, machine, workload, catalog_);
}

Result<double> SeedDesk::weights(std::string_view model, std::string_view quant) const
{
    auto const known = TRY(this->model(model));
    auto const sized = TRY(size_weights(known, quant, "llama.cpp", catalog_));
    return sized.bytes.total();
}

Result<CloudOffer const*> SeedDesk::offer(std::string_view id) const
{
    auto const* offer = entry_of(catalog_.cloud_offers, id);
    if (!offer)
        return fail(ErrorCode::not_found, "no offer '{}' in the catalogue", id);
    return offer;
}

}
