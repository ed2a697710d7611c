#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/submission.h>
#include <io/file.h>

#include <memory>

namespace sidereal::cli {

namespace {

Result<int> put_in_force(std::string const& file, Context const& context)
{
    auto const text = TRY(io::read_file(file));
    auto const client = TRY(Client::of(context));
    JsonWriter json;
    json.begin_object().field("text", text).field("file_name", file);
    json.field("user", user_name()).end_object();
    auto const answer = TRY(client.post("/v1/rules", json.take()));
    if (context.format == OutputFormat::json)
        print(stdout, json_text(answer) + "\n");
    else
        print(stdout, fmt::format("rules {} are in force\n", count_at(answer, "number")));
    return 0;
}

}

Command rules_apply()
{
    return { "rules apply", "put new rules in force, in place of all that there are",
        "sidereal rules apply rules.yaml, where rules.yaml is, for example:\n"
        "    projects:\n"
        "    - {name: film, weight: 2, guaranteed_vcpus: 64, max_vcpus: 256}\n"
        "    - {name: film/seq010, max_tier: high}\n"
        "    limits:\n"
        "    - {name: maya, seats: 10, counted_by: node}\n"
        "    circuits:\n"
        "    - {name: rack-1, breaker_w: 3680, nodes: [node-a, render-*]}\n"
        "    rooms:\n"
        "    - {name: attic, cooling_w: 5000, nodes: ['*']}",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const file = std::make_shared<std::string>();
            options.push_back({ "FILE", file.get(), "a YAML or JSON document", "PATH", true });
            return [file](Context const& context) { return put_in_force(*file, context); };
        } };
}

}
