#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>

namespace sidereal::cli {

namespace {

Result<int> show(Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const rules = TRY(client.get("/v1/rules"));
    if (context.format == OutputFormat::json)
        print(stdout, json_text(rules) + "\n");
    else if (count_at(rules, "number") == 0)
        print(stdout, "# the farm has no rules yet: see 'sidereal rules apply --help'\n");
    else
        print(stdout,
            fmt::format("# rules {} of {}, by {}\n{}", count_at(rules, "number"),
                local_time_at(rules, "applied_at"), text_at(rules, "user"),
                text_at(rules, "text")));
    return 0;
}

}

Command rules_show()
{
    return { "rules show", "the rules in force: projects, limits, circuits, rooms",
        "sidereal rules show > rules.yaml", Speaks::to_brain,
        [](std::vector<Option>&) -> Run { return show; } };
}

}
