#include <cli/commands.h>
#include <cli/openjd_input.h>
#include <openjd/document.h>
#include <openjd/template.h>

#include <memory>

namespace sidereal::cli {

namespace {

// The specification's name says what kind of template it is; a document without one is judged as a
// job template, which says so.
bool is_environment(openjd::JobSource const& source)
{
    auto const document = openjd::parse_document(source.template_text, source.file_name);
    auto const* const version = document ? document->find("specificationVersion") : nullptr;
    return version && version->text.starts_with("environment-");
}

OpenjdResult<void> check(OpenjdFlags const& flags)
{
    auto const request = TRY(read_request(flags));
    auto const& source = request.source;
    auto const lift = [](auto const& decoded) -> OpenjdResult<void> {
        if (!decoded)
            return tl::unexpected(openjd_fault(decoded.error()));
        return {};
    };
    if (is_environment(source))
        return lift(openjd::decode_environment_template(
            source.template_text, source.file_name, request.allowed));
    return lift(
        openjd::decode_job_template(source.template_text, source.file_name, request.allowed));
}

int run(OpenjdFlags const& flags)
{
    auto const checked = check(flags);
    if (!checked)
        return print_openjd_fault(flags.output, checked.error());
    auto const message = fmt::format(
        "Template at '{}' passes validation checks.", flags.template_path);
    JsonWriter json;
    json.begin_object().field("status", "success").field("message", message).end_object();
    print_openjd(flags.output, json.take(), message + "\n");
    return 0;
}

}

Command openjd_check()
{
    return { "openjd check", "say whether a job or environment template obeys the specification",
        "sidereal openjd check template.yaml --extensions TASK_CHUNKING", Speaks::to_nobody,
        [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<OpenjdFlags>();
            add_openjd_options(options, *flags, OpenjdUse::check);
            return [flags](Context const&) -> Result<int> { return run(*flags); };
        },
        Command::Output::own };
}

}
