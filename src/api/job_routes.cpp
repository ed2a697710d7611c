#include <api/decode.h>
#include <api/find.h>
#include <api/job_document.h>
#include <api/reply.h>
#include <api/routes.h>
#include <api/watchers.h>
#include <base/json_text.h>
#include <base/verify.h>
#include <openjd/parameter_value.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace sidereal::api {

namespace {

constexpr std::uint64_t default_listed_jobs = 100;
constexpr std::uint64_t max_listed_jobs = 10'000;
constexpr std::uint64_t default_wait_s = 20;
constexpr std::uint64_t max_wait_s = 60;

Result<openjd::ParameterTexts> read_parameters(JsonObject const& body)
{
    openjd::ParameterTexts texts;
    if (!find(body, "parameters"))
        return texts;
    for (auto const& field : *TRY(get_object(body, "parameters"))) {
        auto const& value = field.value();
        if (value.is_string())
            texts[field.key()] = std::string(value.get_string());
        else if (value.is_int64())
            texts[field.key()] = std::to_string(value.get_int64());
        else if (value.is_bool() || value.is_array())
            texts[field.key()] = json_text(value);
        else
            return fail(ErrorCode::invalid_input,
                "field 'parameters.{}': expected a string, a whole number, true, false or a list",
                std::string_view(field.key()));
    }
    return texts;
}

Result<brain::Submit> read_submit(io::HttpRequest const& request)
{
    auto const body = TRY(decode_body(request,
        { "template", "file_name", "parameters", "project", "user", "priority", "max_retries",
            "max_failed_tasks", "paused", "scheduling", "tier", "order", "not_before", "deadline",
            "after_jobs" }));
    brain::Submit submit;
    submit.source.template_text = TRY(get_string(body, "template"));
    submit.source.file_name = TRY(optional_string(body, "file_name"));
    if (submit.source.file_name.empty())
        submit.source.file_name = "template.yaml";
    submit.source.parameters = TRY(read_parameters(body));
    submit.project = TRY(optional_string(body, "project"));
    submit.user = TRY(optional_string(body, "user"));
    auto const priority = TRY(optional_int(body, "priority", { -100, 100 }));
    submit.priority = static_cast<int>(priority.value_or(0));
    auto const retries = TRY(optional_int(body, "max_retries", { 0, 1000 }));
    submit.max_retries = static_cast<std::uint32_t>(retries.value_or(submit.max_retries));
    auto const failed = TRY(
        optional_int(body, "max_failed_tasks", { 0, std::numeric_limits<std::int64_t>::max() }));
    if (failed)
        submit.max_failed_tasks = static_cast<std::uint64_t>(*failed);
    submit.paused = TRY(optional_bool(body, "paused"));
    return submit;
}

// Single wishes that stand in the request itself, as the document that they would be.
Result<std::string> wishes_in(JsonObject const& body)
{
    JsonWriter json;
    json.begin_object();
    for (auto const* name : { "tier", "order", "not_before", "deadline" }) {
        auto const value = TRY(optional_string(body, name));
        if (!value.empty())
            json.field(name, value);
    }
    if (find(body, "after_jobs")) {
        json.key("after_jobs").begin_array();
        for (auto const& job : *TRY(get_array(body, "after_jobs"))) {
            if (!job.is_int64())
                return fail(ErrorCode::invalid_input,
                    "field 'after_jobs': expected the numbers of jobs, as in [12, 13]");
            json.begin_object().field("job", job.get_int64()).end_object();
        }
        json.end_array();
    }
    json.end_object();
    return json.take();
}

void lay_over(farm::Scheduling& scheduling, farm::Scheduling&& wishes, JsonObject const& body)
{
    if (find(body, "tier"))
        scheduling.tier = wishes.tier;
    if (find(body, "order"))
        scheduling.order = wishes.order;
    if (wishes.not_before)
        scheduling.not_before = wishes.not_before;
    if (wishes.deadline)
        scheduling.deadline = wishes.deadline;
    for (auto& edge : wishes.after_jobs)
        scheduling.after_jobs.push_back(std::move(edge));
}

// `scheduling` holds a document's text, YAML or JSON. Nothing if the request was answered.
std::optional<farm::Scheduling> read_scheduling(Call const& call)
{
    auto const json = parse_json(call.request.body);
    auto const* body = json ? json->if_object() : nullptr;
    VERIFY(body);
    auto const text = optional_string(*body, "scheduling");
    auto const wishes = wishes_in(*body);
    if (!text || !wishes) {
        call.responder.fail(text ? wishes.error() : text.error());
        return std::nullopt;
    }
    auto scheduling = farm::parse_scheduling(*text, "scheduling.yaml");
    auto over = farm::parse_scheduling(*wishes, "request.json");
    if (!scheduling || !over) {
        call.responder.reply(diagnostics_response(scheduling ? over.error() : scheduling.error()));
        return std::nullopt;
    }
    lay_over(*scheduling, *std::move(over), *body);
    return *std::move(scheduling);
}

io::HttpResponse render_id(JobId id, HttpStatus status)
{
    JsonWriter json;
    json.begin_object().field("id", id.value).end_object();
    return json_response(json.take(), status);
}

void run_verb(Context& context, Call const& call, brain::JobVerb verb, brain::TaskChoice choice)
{
    auto const job = find_job(context.farm(), call.captures[0]);
    if (!job)
        return call.responder.fail(job.error());
    auto const id = (*job)->record.id;
    ask(context, call.responder,
        { [id, verb, choice = std::move(choice)](
              brain::Brain& brain, brain::Ticket ticket, Now now, brain::Effects& effects) {
             brain::on_job_verb(brain, id, verb, choice, ticket, now, effects);
         },
            [id](brain::Answer const&) { return render_id(id, HttpStatus::ok); } });
}

// "task" as an index or as "Frame=12"; "group" as /failures lists them.
Result<brain::TaskChoice> read_choice(Context& context, Call const& call)
{
    auto const body = TRY(decode_body(call.request, { "step", "task", "group" }));
    auto const* job = TRY(find_job(context.farm(), call.captures[0]));
    brain::TaskChoice choice;
    if (find(body, "step"))
        choice.step = TRY(get_string(body, "step"));
    if (find(body, "group"))
        choice.group = TRY(get_string(body, "group"));
    auto const* task = find(body, "task");
    if (!task)
        return choice;
    TaskName const name { choice.step,
        task->is_string() ? std::string(task->get_string())
                          : std::to_string(TRY(get_uint(body, "task"))) };
    auto const place = TRY(find_task(*job, name));
    choice.step = job->spec->steps[place.step].name;
    choice.task = place.task;
    return choice;
}

void run_verb_on_tasks(Context& context, Call const& call, brain::JobVerb verb)
{
    auto choice = read_choice(context, call);
    if (!choice)
        return call.responder.fail(choice.error());
    run_verb(context, call, verb, *std::move(choice));
}

void run_plain_verb(Context& context, Call const& call, brain::JobVerb verb)
{
    if (auto const body = decode_body(call.request, {}); !body)
        return call.responder.fail(body.error());
    run_verb(context, call, verb, {});
}

}

void post_job(Context& context, Call&& call)
{
    auto submit = read_submit(call.request);
    if (!submit)
        return call.responder.fail(submit.error());
    auto scheduling = read_scheduling(call);
    if (!scheduling)
        return;
    submit->scheduling = *std::move(scheduling);
    submit->source.environments = context.farm().rules.environments_around(submit->project);
    auto made = openjd::create_job(submit->source);
    if (!made)
        return call.responder.reply(diagnostics_response(made.error()));
    auto const spec = std::make_shared<openjd::Job const>(*std::move(made));
    ask(context, call.responder,
        { [submit = *std::move(submit), spec](
              brain::Brain& brain, brain::Ticket ticket, Now now, brain::Effects& effects) {
             brain::on_submit(brain, submit, spec, ticket, now, effects);
         },
            [](brain::Answer const& answer) {
                return render_id(std::get<brain::Submitted>(answer).job, HttpStatus::created);
            } });
}

void get_jobs(Context& context, Call&& call)
{
    auto const allowed = allow_query(call.request, { "state", "limit" });
    if (!allowed)
        return call.responder.fail(allowed.error());
    auto const limit = query_uint(call.request, "limit");
    if (!limit)
        return call.responder.fail(limit.error());
    auto const state = query_string(call.request, "state");
    auto const& jobs = context.farm().jobs;
    auto left = std::min(limit->value_or(default_listed_jobs), max_listed_jobs);
    JsonWriter json;
    json.begin_object().field("total", jobs.size()).key("jobs").begin_array();
    for (auto entry = jobs.rbegin(); entry != jobs.rend() && left > 0; ++entry) {
        auto const& job = entry->second;
        if (state && farm::to_string(farm::job_state(job)) != *state)
            continue;
        write_job_row(json, job);
        --left;
    }
    json.end_array().end_object();
    reply_when_durable(context, call.responder, json.take());
}

void get_job(Context& context, Call&& call)
{
    auto const job = find_job(context.farm(), call.captures[0]);
    if (!job)
        return call.responder.fail(job.error());
    reply_when_durable(context, call.responder, job_document(context.host.brain(), **job));
}

void watch_job(Context& context, Call&& call)
{
    auto const wish = [&]() -> Result<Watchers::Wish> {
        TRY(allow_query(call.request, { "after", "wait_s" }));
        auto const* job = TRY(find_job(context.farm(), call.captures[0]));
        auto const after = TRY(query_uint(call.request, "after"));
        auto const wait_s = TRY(query_uint(call.request, "wait_s"));
        return Watchers::Wish { job->record.id, after.value_or(0),
            std::chrono::seconds(std::min(wait_s.value_or(default_wait_s), max_wait_s)) };
    }();
    if (!wish)
        return call.responder.fail(wish.error());
    context.watchers.add(*wish, call.responder);
}

void pause_job(Context& context, Call&& call)
{
    run_plain_verb(context, call, brain::JobVerb::pause);
}

void resume_job(Context& context, Call&& call)
{
    run_plain_verb(context, call, brain::JobVerb::resume);
}

void cancel_job(Context& context, Call&& call)
{
    run_plain_verb(context, call, brain::JobVerb::cancel);
}

void retry_job(Context& context, Call&& call)
{
    run_verb_on_tasks(context, call, brain::JobVerb::retry);
}

void skip_job(Context& context, Call&& call)
{
    run_verb_on_tasks(context, call, brain::JobVerb::skip);
}

}
