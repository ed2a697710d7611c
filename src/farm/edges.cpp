#include <farm/edges.h>

#include <farm/document_fields.h>

#include <utility>

namespace sidereal::farm {

namespace {

using openjd::Fields;
using openjd::Place;

std::vector<std::string_view> const if_failed_words { "wait", "go_on" };
std::vector<std::string_view> const if_skipped_words { "go_on", "wait" };

constexpr std::int64_t most = std::int64_t { 1 } << 53;
constexpr openjd::TextRule name_rule { 1, 128, openjd::TextRule::Controls::refused };

EdgeMeaning read_meaning(Fields const& fields)
{
    EdgeMeaning meaning;
    if (auto const word = fields.get("if_failed"))
        meaning.if_failed = static_cast<IfFailed>(
            openjd::read_word(*word, if_failed_words).value_or(0));
    if (auto const word = fields.get("if_skipped"))
        meaning.if_skipped = static_cast<IfSkipped>(
            openjd::read_word(*word, if_skipped_words).value_or(0));
    return meaning;
}

void write_meaning(JsonWriter& json, EdgeMeaning const& meaning)
{
    json.field("if_failed", if_failed_words[static_cast<std::size_t>(meaning.if_failed)]);
    json.field("if_skipped", if_skipped_words[static_cast<std::size_t>(meaning.if_skipped)]);
}

void read_offsets(Fields const& fields, TaskEdge& edge)
{
    for (auto const& [name, target] :
        { std::pair("first", &edge.first), std::pair("last", &edge.last) }) {
        auto const place = fields.get(name);
        if (auto const offset = place ? openjd::read_int(*place, -most, most) : std::nullopt)
            *target = *offset;
    }
    if (edge.first > edge.last)
        fields.place().complain("'first' must not be greater than 'last'");
}

}

TaskEdge read_task_edge(Place const& place, std::string_view own)
{
    Fields const fields(place, { "step", "first", "last", "any", "if_failed", "if_skipped" });
    TaskEdge edge;
    edge.step = own;
    if (auto const step = fields.get("step"))
        edge.step = openjd::read_text(*step, name_rule).value_or("");
    read_offsets(fields, edge);
    read_flag(fields, "any", edge.any);
    edge.meaning = read_meaning(fields);
    if (edge.step == own && edge.last >= 0)
        place.complain("a task can wait only for earlier ones of its own step: 'last' must be "
                       "below 0, as in {first: -1, last: -1}");
    return edge;
}

WholeStepEdge read_step_edge(Place const& place)
{
    Fields const fields(place, { "step", "if_failed", "if_skipped" });
    WholeStepEdge edge;
    if (auto const step = fields.need("step"))
        edge.step = openjd::read_text(*step, name_rule).value_or("");
    edge.meaning = read_meaning(fields);
    return edge;
}

JobEdge read_job_edge(Place const& place)
{
    Fields const fields(place, { "job", "step", "if_failed", "if_skipped" });
    JobEdge edge;
    if (auto const job = fields.need("job"))
        edge.job = { static_cast<std::uint64_t>(openjd::read_int(*job, 1, most).value_or(1)) };
    if (auto const step = fields.get("step"))
        edge.step = openjd::read_text(*step, name_rule).value_or("");
    edge.meaning = read_meaning(fields);
    return edge;
}

void write(JsonWriter& json, TaskEdge const& edge)
{
    json.begin_object().field("step", edge.step);
    json.field("first", edge.first).field("last", edge.last).field("any", edge.any);
    write_meaning(json, edge.meaning);
    json.end_object();
}

void write(JsonWriter& json, WholeStepEdge const& edge)
{
    json.begin_object().field("step", edge.step);
    write_meaning(json, edge.meaning);
    json.end_object();
}

void write(JsonWriter& json, JobEdge const& edge)
{
    json.begin_object().field("job", edge.job.value);
    if (!edge.step.empty())
        json.field("step", edge.step);
    write_meaning(json, edge.meaning);
    json.end_object();
}

}
