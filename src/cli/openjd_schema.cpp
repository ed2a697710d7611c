#include <cli/commands.h>
#include <cli/openjd_input.h>
#include <openjd/template_schema.h>

#include <memory>

namespace sidereal::cli {

Command openjd_schema()
{
    return { "openjd schema", "a JSON Schema of templates, for editors",
        "sidereal openjd schema > jobtemplate-2023-09.schema.json", Speaks::to_nobody,
        [](std::vector<Option>& options) -> Run {
            struct Flags {
                std::string revision { "jobtemplate-2023-09" };
                std::string output { "human-readable" };
            };
            auto const flags = std::make_shared<Flags>();
            options.push_back({ .name = "--version",
                .target = &flags->revision,
                .help = "the kind of template",
                .value_name = "VERSION",
                .choices = { "jobtemplate-2023-09", "environment-2023-09" } });
            options.push_back(openjd_output_option(flags->output));
            return [flags](Context const&) -> Result<int> {
                auto const schema = openjd::template_schema(flags->revision.starts_with("job")
                        ? openjd::TemplateKind::job
                        : openjd::TemplateKind::environment);
                print_openjd(flags->output, schema, schema + "\n");
                return 0;
            };
        },
        Command::Output::own };
}

}
