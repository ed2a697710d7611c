#include <openjd/bundle.h>

#include <openjd/parameter_value.h>
#include <openjd/path_values.h>
#include <openjd/template.h>
#include <openjd/template_fields.h>

#include <limits>
#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::string_view knob_prefix = "deadline:";
constexpr std::size_t most_faults = 100;
constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

void read_knob(Place const& value, std::string_view name, SchedulerKnobs& knobs)
{
    constexpr auto any_count = std::numeric_limits<std::int64_t>::max();
    if (name == "deadline:priority") {
        if (auto const number = read_int(value, 0, 100))
            knobs.priority = static_cast<int>(*number);
    } else if (name == "deadline:targetTaskRunStatus") {
        if (auto const index = read_word(value, { "READY", "SUSPENDED" }))
            knobs.start_paused = *index == 1;
    } else if (name == "deadline:maxFailedTasksCount") {
        if (auto const number = read_int(value, 0, any_count))
            knobs.max_failed_tasks = static_cast<std::uint64_t>(*number);
    } else if (name == "deadline:maxRetriesPerTask") {
        if (auto const number = read_int(value, 0, std::numeric_limits<std::uint32_t>::max()))
            knobs.max_retries_per_task = static_cast<std::uint32_t>(*number);
    } else {
        value.fault("'{}' is no setting of the scheduler; known: deadline:priority, "
                    "deadline:targetTaskRunStatus, deadline:maxFailedTasksCount, "
                    "deadline:maxRetriesPerTask",
            excerpt(name));
    }
}

void read_parameter_value(Place const& item, BundleValues& out)
{
    Fields const fields(item, { "name", "value" });
    auto const name_place = fields.need("name");
    auto const value = fields.need("value");
    if (!name_place || !value)
        return;
    auto const name = read_text(*name_place, { 1, 1024, TextRule::Controls::refused });
    if (!name)
        return;
    if (name->starts_with(knob_prefix)) {
        read_knob(*value, *name, out.knobs);
        return;
    }
    auto text = parameter_text(value->node());
    if (!text) {
        value->complain(text.error().message);
        return;
    }
    if (!out.parameters.emplace(*name, std::move(*text)).second)
        name_place->fault("'{}' has a value above already", excerpt(*name));
}

BundleValues read_parameter_values(Place const& root)
{
    BundleValues out;
    Fields const fields(root, { "parameterValues" });
    auto const list = fields.need("parameterValues");
    if (!list)
        return out;
    for (auto const& item : read_list(*list, { 0, no_limit }))
        read_parameter_value(item, out);
    return out;
}

std::vector<std::string> read_paths(std::optional<Place> const& list)
{
    std::vector<std::string> out;
    if (!list)
        return out;
    for (auto const& item : read_list(*list, { 0, no_limit })) {
        if (auto path = read_text(item, { 1, 32'768, TextRule::Controls::allowed }))
            out.push_back(std::move(*path));
    }
    return out;
}

AssetReferences read_asset_references(Place const& root)
{
    AssetReferences out;
    Fields const fields(root, { "assetReferences" });
    auto const references = fields.need("assetReferences");
    if (!references)
        return out;
    Fields const groups(*references, { "inputs", "outputs", "referencedPaths" });
    if (auto const inputs = groups.get("inputs")) {
        Fields const lists(*inputs, { "filenames", "directories" });
        out.input_filenames = read_paths(lists.get("filenames"));
        out.input_directories = read_paths(lists.get("directories"));
    }
    if (auto const outputs = groups.get("outputs")) {
        Fields const lists(*outputs, { "directories" });
        out.output_directories = read_paths(lists.get("directories"));
    }
    out.referenced_paths = read_paths(groups.get("referencedPaths"));
    return out;
}

template<typename Content>
Checked<Content> read_file(
    std::string_view text, std::string_view file_name, Content (*read)(Place const&))
{
    auto const document = TRY(parse_document(text, file_name));
    FaultList faults(file_name, most_faults);
    auto out = read(Place(faults, document, {}));
    if (!faults.empty())
        return tl::unexpected(faults.take());
    return out;
}

}

Checked<BundleValues> parse_parameter_values(std::string_view text, std::string_view file_name)
{
    return read_file(text, file_name, read_parameter_values);
}

Checked<AssetReferences> parse_asset_references(std::string_view text, std::string_view file_name)
{
    return read_file(text, file_name, read_asset_references);
}

Checked<JobSource> with_absolute_paths(
    JobSource source, std::string_view template_dir, std::string_view working_dir)
{
    std::vector<std::vector<ParameterDefinition>> lists;
    for (auto const& around : source.environments)
        lists.push_back(TRY(decode_environment_template(around.text, around.file_name)).parameters);
    auto own = TRY(decode_job_template(source.template_text, source.file_name));
    lists.push_back(std::move(own.parameters));
    auto const definitions = TRY(merge_parameters(std::move(lists), source.file_name));
    source.parameters = TRY(absolute_paths(definitions, std::move(source.parameters),
        { std::string(template_dir), std::string(working_dir),
            own.extensions.has(Extension::expr) },
        source.file_name));
    return source;
}

}
