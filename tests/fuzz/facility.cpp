#include <fuzz/fuzz.h>

#include <openjd/document_value.h>
#include <plan/facility_plan.h>

#include <cmath>

// The whole way from a file's bytes to watts and findings.
void sidereal::fuzz::take(std::string_view input)
{
    auto const document = openjd::parse_document(input, "room.yaml");
    if (!document)
        return;
    auto const value = openjd::to_json(*document);
    if (!value.is_object())
        return;
    auto const& catalog = plan::shipped_catalog();
    auto const facility = plan::read_facility(value.get_object(), "room.yaml", catalog);
    if (!facility) {
        VERIFY(!facility.error().message.empty());
        return;
    }
    auto const plan = plan::plan_facility(*facility, catalog);
    VERIFY(plan.has_value());
    VERIFY(std::isfinite(plan->wall_w) && plan->wall_w >= 0);
    for (auto const& circuit : plan->circuits)
        VERIFY(std::isfinite(circuit.wall_w) && circuit.continuous_w > 0);
    // What is printed for the farm is a document again.
    VERIFY(openjd::parse_document(facility_rules_yaml(*facility, *plan), "rules.yaml").has_value());
    (void)plan::explain_facility(*facility, *plan);
}
