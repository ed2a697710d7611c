#include <base/verify.h>
#include <cli/bundle.h>
#include <cli/commands.h>
#include <cli/output.h>

#include <filesystem>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::string target;
    std::vector<std::string> parameters;
};

std::string diagnostics_json(BundleFault const& fault)
{
    JsonWriter json;
    json.begin_object().field("valid", false).field("message", fault.error.message);
    json.key("diagnostics").begin_array();
    for (auto const& one : fault.diagnostics) {
        json.begin_object().field("file", one.file).field("line", one.line);
        json.field("column", one.column).field("path", one.path).field("message", one.message);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take() + "\n";
}

std::string summary(openjd::Job const& job, Context const& context)
{
    JsonWriter json;
    json.begin_object().field("valid", true).field("name", job.name);
    json.key("steps").begin_array();
    Table table({ { "STEP" }, { "TASKS", Align::right }, { "DEPENDS ON" } });
    for (auto const& step : job.steps) {
        std::string upstream;
        json.begin_object().field("name", step.name).field("tasks", step.space.size());
        json.key("depends_on").begin_array();
        for (auto const index : step.depends_on) {
            upstream += fmt::format("{}{}", upstream.empty() ? "" : ", ", job.steps[index].name);
            json.value(job.steps[index].name);
        }
        json.end_array().end_object();
        table.add({ step.name, std::to_string(step.space.size()), upstream });
    }
    json.end_array().end_object();
    if (context.format == OutputFormat::json)
        return json.take() + "\n";
    return fmt::format("{}: valid\n{}", job.name, table.draw(colors_wanted(stdout)));
}

Result<int> check(Flags const& flags, Context const& context)
{
    auto const bundle = load_bundle(
        flags.target, flags.parameters, std::filesystem::current_path().string());
    if (!bundle) {
        auto const& fault = bundle.error();
        if (context.format == OutputFormat::table || fault.diagnostics.empty())
            return tl::unexpected(shown(fault, context.format));
        print(stdout, diagnostics_json(fault));
        return error_row(fault.error.code).exit_code;
    }
    auto const job = openjd::create_job(bundle->source);
    VERIFY(job);
    print(stdout, summary(*job, context));
    if (auto const inputs = check_inputs(*bundle); !inputs)
        return tl::unexpected(inputs.error());
    return 0;
}

}

Command job_check()
{
    return { "job check", "check a template or a bundle without submitting it",
        "sidereal job check examples/film-blender -p Frames=1-4", Speaks::to_nobody,
        [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ "TARGET", &flags->target, "a template file, or a bundle's folder",
                "PATH", true });
            options.push_back({ "-p,--parameter", &flags->parameters,
                "a job parameter: NAME=VALUE, file://FILE or a JSON object; may be repeated",
                "NAME=VALUE" });
            return [flags](Context const& context) { return check(*flags, context); };
        } };
}

}
