#include <api/decode.h>
#include <api/reply.h>
#include <api/routes.h>

#include <utility>

namespace sidereal::api {

namespace {

struct NewRules {
    std::string text;
    std::string file_name;
    std::string user;
};

Result<NewRules> read_rules(io::HttpRequest const& request)
{
    auto const body = TRY(decode_body(request, { "text", "file_name", "user" }));
    NewRules rules;
    rules.text = TRY(get_string(body, "text"));
    rules.file_name = TRY(optional_string(body, "file_name"));
    if (rules.file_name.empty())
        rules.file_name = "rules.yaml";
    rules.user = TRY(optional_string(body, "user"));
    return rules;
}

std::string rules_document(farm::RulesRecord const& rules)
{
    JsonWriter json;
    json.begin_object().field("number", rules.number).field("text", rules.text);
    json.field("user", rules.user).key("applied_at");
    if (rules.number > 0)
        json.value(to_rfc3339(rules.applied_at));
    else
        json.null();
    json.end_object();
    return json.take();
}

}

void get_rules(Context& context, Call&& call)
{
    reply_when_durable(context, call.responder, rules_document(context.farm().rules_record));
}

void post_rules(Context& context, Call&& call)
{
    auto rules = read_rules(call.request);
    if (!rules)
        return call.responder.fail(rules.error());
    if (auto const parsed = farm::parse_rules(rules->text, rules->file_name); !parsed)
        return call.responder.reply(diagnostics_response(parsed.error()));
    auto const number = context.farm().rules_record.number + 1;
    ask(context, call.responder,
        { [rules = *std::move(rules)](
              brain::Brain& brain, brain::Ticket ticket, Now now, brain::Effects& effects) {
             brain::on_apply_rules(brain, rules.text, rules.user, ticket, now, effects);
         },
            [number](brain::Answer const&) {
                JsonWriter json;
                json.begin_object().field("number", number).end_object();
                return json_response(json.take());
            } });
}

// What jobs of ?project=NAME would find around them.
void get_environments(Context& context, Call&& call)
{
    if (auto const allowed = allow_query(call.request, { "project" }); !allowed)
        return call.responder.fail(allowed.error());
    auto const project = query_string(call.request, "project").value_or("");
    JsonWriter json;
    json.begin_object().key("environments").begin_array();
    for (auto const& around : context.farm().rules.environments_around(project)) {
        json.begin_object().field("template", around.text);
        json.field("file_name", around.file_name).end_object();
    }
    json.end_array().end_object();
    reply_when_durable(context, call.responder, json.take());
}

}
