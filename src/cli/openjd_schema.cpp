#include <cli/commands.h>
#include <cli/output.h>
#include <openjd/template_schema.h>

#include <memory>

namespace sidereal::cli {

Command openjd_schema()
{
    return { "openjd schema", "a JSON Schema of templates, for editors",
        "sidereal openjd schema > jobtemplate-2023-09.schema.json", Speaks::to_nobody,
        [](std::vector<Option>& options) -> Run {
            auto const revision = std::make_shared<std::string>("jobtemplate-2023-09");
            options.push_back({ .name = "--version",
                .target = revision.get(),
                .help = "the kind of template",
                .value_name = "VERSION",
                .choices = { "jobtemplate-2023-09", "environment-2023-09" } });
            return [revision](Context const&) -> Result<int> {
                auto const kind = revision->starts_with("job") ? openjd::TemplateKind::job
                                                               : openjd::TemplateKind::environment;
                print(stdout, openjd::template_schema(kind) + "\n");
                return 0;
            };
        },
        Command::Output::own };
}

}
