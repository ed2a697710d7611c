#include <cli/submission.h>

#include <cli/client.h>
#include <cli/fields.h>
#include <io/file.h>
#include <io/http.h>

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace sidereal::cli {

namespace {

// What the command line says goes before what the bundle says.
template<typename T>
std::optional<std::int64_t> first_of(std::optional<std::int64_t> given, std::optional<T> knob)
{
    if (!given && knob)
        return static_cast<std::int64_t>(*knob);
    return given;
}

// The wishes that have a flag of their own; the brain lays them over the document.
void write_wishes(JsonWriter& json, SubmitFlags const& flags)
{
    for (auto const& [name, value] :
        { std::pair("tier", &flags.tier), std::pair("order", &flags.order),
            std::pair("not_before", &flags.not_before), std::pair("deadline", &flags.deadline) })
        if (*value)
            json.field(name, **value);
    if (flags.after.empty())
        return;
    json.key("after_jobs").begin_array();
    for (auto const& job : flags.after)
        json.raw(job);
    json.end_array();
}

std::string body_of(Bundle const& bundle, SubmitFlags const& flags, std::string const& scheduling)
{
    auto const& knobs = bundle.knobs;
    JsonWriter json;
    json.begin_object().field("template", bundle.source.template_text);
    json.field("file_name", bundle.source.file_name);
    json.key("parameters").begin_object();
    for (auto const& [name, value] : bundle.source.parameters)
        json.field(name, value);
    json.end_object().field("user", user_name());
    json.field("project", flags.project.value_or(""));
    json.field("priority", first_of(flags.priority, knobs.priority));
    json.field("max_retries", first_of(flags.max_retries, knobs.max_retries_per_task));
    json.field("max_failed_tasks", first_of(flags.max_failed_tasks, knobs.max_failed_tasks));
    json.field("paused", flags.paused || knobs.start_paused.value_or(false));
    if (!scheduling.empty())
        json.field("scheduling", scheduling);
    write_wishes(json, flags);
    json.end_object();
    return json.take();
}

Result<std::vector<openjd::TemplateText>> environments_around(
    Client const& client, std::string const& project)
{
    auto const answer = TRY(client.get("/v1/environments?project=" + io::percent_encode(project)));
    std::vector<openjd::TemplateText> around;
    for (auto const& entry : list_at(answer, "environments"))
        around.push_back({ text_at(entry, "template"), text_at(entry, "file_name") });
    return around;
}

Result<Bundle> read_bundle(
    SubmitFlags const& flags, OutputFormat errors, std::vector<openjd::TemplateText> around)
{
    auto bundle = load_bundle(flags.target, flags.parameters,
        std::filesystem::current_path().string(), std::move(around));
    if (!bundle)
        return tl::unexpected(shown(bundle.error(), errors));
    if (!flags.no_check_inputs)
        TRY(check_inputs(*bundle));
    return *std::move(bundle);
}

}

std::string user_name()
{
    if (auto const* user = std::getenv("USER"); user && *user)
        return user;
    auto const* entry = ::getpwuid(::getuid());
    return entry ? entry->pw_name : std::to_string(::getuid());
}

Result<JobId> submit_job(std::string const& url, SubmitFlags const& flags, OutputFormat errors)
{
    auto const client = TRY(Client::of(url));
    auto around = TRY(environments_around(client, flags.project.value_or("")));
    auto const bundle = TRY(read_bundle(flags, errors, std::move(around)));
    auto const scheduling = flags.scheduling_file ? TRY(io::read_file(*flags.scheduling_file))
                                                  : bundle.scheduling;
    auto const answer = TRY(client.post("/v1/jobs", body_of(bundle, flags, scheduling)));
    JobId const id { count_at(answer, "id") };
    if (!id)
        return fail(ErrorCode::internal, "the brain took the job but did not name it");
    return id;
}

}
