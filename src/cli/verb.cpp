#include <cli/verb.h>

#include <base/json_text.h>
#include <cli/client.h>
#include <cli/fields.h>
#include <cli/output.h>

#include <memory>
#include <utility>

namespace sidereal::cli {

Result<int> run_verb(
    Verb const& verb, std::string const& id, std::string body, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const target = fmt::format("/v1/{}s/{}/{}", verb.noun, io::percent_encode(id), verb.name);
    auto const answer = TRY(client.post(target, std::move(body)));
    if (context.format == OutputFormat::json)
        print(stdout, json_text(answer) + "\n");
    else
        print(stdout, fmt::format("{} {} {}\n", verb.noun, id, verb.done));
    return 0;
}

Command plain_verb(Verb const& verb, std::string help, std::string example)
{
    return { fmt::format("{} {}", verb.noun, verb.name), std::move(help), std::move(example),
        Speaks::to_brain, [verb](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option(verb.noun, id.get()));
            return [verb, id](Context const& context) { return run_verb(verb, *id, {}, context); };
        } };
}

Option thing_option(std::string_view noun, std::string* target)
{
    if (noun == "node")
        return { "NODE", target, "the node's name or id", "NAME", true };
    return { "JOB", target, "the job's id", "ID", true };
}

}
