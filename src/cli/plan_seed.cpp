#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_drawing.h>
#include <cli/plan_input.h>
#include <plan/seed_claims.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::optional<std::string> catalog;
    std::optional<std::string> topic;
    bool explain { false };
    bool csv { false };
};

std::string tolerance_text(plan::SeedClaim const& claim)
{
    return claim.tolerance_pct ? fmt::format("{} %", *claim.tolerance_pct) : "-";
}

Table seed_table(std::vector<plan::CheckedClaim> const& claims, bool explain)
{
    std::vector<Column> columns { { "ID" }, { "CLAIM" }, { "SAID" }, { "COMPUTED", Align::right },
        { "TOLERANCE", Align::right }, { "VERDICT" } };
    if (explain)
        columns.push_back({ "HOW" });
    Table table(columns);
    for (auto const& checked : claims) {
        auto verdict = std::string(to_string(checked.found));
        if (!checked.is_as_stated())
            verdict += fmt::format(", stated {}", to_string(checked.claim.stated));
        std::vector<Cell> row { checked.claim.id, checked.claim.text, said_text(checked.claim),
            computed_text(checked), tolerance_text(checked.claim), verdict };
        if (explain)
            row.push_back(checked.formula);
        table.add(row);
    }
    return table;
}

std::string seed_json(std::vector<plan::CheckedClaim> const& claims)
{
    JsonWriter json;
    json.begin_object().key("claims").begin_array();
    for (auto const& checked : claims) {
        auto const& claim = checked.claim;
        json.begin_object()
            .field("id", claim.id)
            .field("topic", claim.topic)
            .field("claim", claim.text)
            .field("unit", claim.unit)
            .field("said", said_text(claim))
            .field("tolerance_pct", claim.tolerance_pct)
            .field("verdict", to_string(checked.found))
            .field("stated_verdict", to_string(claim.stated))
            .field("is_as_stated", checked.is_as_stated())
            .field("formula", checked.formula)
            .key("computed")
            .begin_array();
        for (auto const value : checked.computed)
            json.value(value);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return json.take();
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.catalog));
    auto const all = TRY(plan::check_seed(catalog));
    std::vector<plan::CheckedClaim> claims;
    std::size_t as_stated = 0;
    for (auto const& checked : all) {
        if (flags.topic && checked.claim.topic != *flags.topic)
            continue;
        as_stated += checked.is_as_stated() ? 1U : 0U;
        claims.push_back(checked);
    }
    if (claims.empty())
        return fail(ErrorCode::not_found, "no claim has the topic '{}'", flags.topic.value_or(""));
    if (flags.csv) {
        print(stdout, seed_table(claims, true).csv());
    } else if (context.format == OutputFormat::json) {
        print(stdout, seed_json(claims) + "\n");
    } else {
        print(stdout, seed_table(claims, flags.explain).draw(colors_wanted(stdout)));
        print(stdout, fmt::format("{} of {} as stated\n", as_stated, claims.size()));
    }
    return as_stated == claims.size() ? 0 : 1;
}

}

Command plan_seed()
{
    return { "plan seed", "the claims this planner grew from, run against its own formulas",
        "sidereal plan seed --topic kv --explain", Speaks::to_nobody,
        [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back(
                { "--topic", &flags->topic, "only these: prefill, decode, kv, farm, …", "TOPIC" });
            options.push_back({ "--explain", &flags->explain, "how each number is computed" });
            options.push_back({ "--csv", &flags->csv, "comma-separated values for sheets" });
            add_catalog_option(options, flags->catalog);
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
