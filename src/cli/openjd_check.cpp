#include <cli/commands.h>
#include <cli/openjd_input.h>
#include <openjd/template.h>

#include <memory>
#include <utility>

namespace sidereal::cli {

namespace {

OpenjdResult<void> check(OpenjdFlags const& flags)
{
    auto const request = TRY(read_request(flags));
    auto faults = openjd::check_template(
        request.source.template_text, request.source.file_name, request.allowed);
    if (!faults.empty())
        return tl::unexpected(openjd_fault(std::move(faults)));
    return {};
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
