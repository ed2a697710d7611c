#include <cli/openjd_input.h>

#include <cli/bundle.h>
#include <cli/output.h>
#include <cli/yaml.h>
#include <io/file.h>
#include <openjd/text_rules.h>

#include <filesystem>
#include <utility>

namespace sidereal::cli {

namespace {

namespace fs = std::filesystem;

OpenjdResult<openjd::TemplateText> read_template(std::string const& path)
{
    std::error_code failure;
    if (fs::is_directory(path, failure)) {
        auto message = fmt::format("{} is a folder: give the template's file", path);
        if (auto const inside = template_in(path))
            message += ", " + *inside;
        return tl::unexpected(OpenjdFault { {}, std::move(message) });
    }
    auto text = io::read_file(path);
    if (!text)
        return tl::unexpected(openjd_fault(text.error()));
    return openjd::TemplateText { std::move(*text), path };
}

std::string fault_json(OpenjdFault const& fault)
{
    JsonWriter json;
    json.begin_object().field("status", "error").field("message", fault.message);
    json.key("diagnostics").begin_array();
    for (auto const& one : fault.diagnostics) {
        json.begin_object().field("file", one.file).field("line", one.line);
        json.field("column", one.column).field("path", one.path).field("message", one.message);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

}

OpenjdFault openjd_fault(Error error) { return { {}, std::move(error.message) }; }

OpenjdFault openjd_fault(openjd::Diagnostics diagnostics)
{
    auto message = openjd::to_string(diagnostics);
    return { std::move(diagnostics), std::move(message) };
}

Option openjd_output_option(std::string& output)
{
    return { .name = "--output",
        .target = &output,
        .help = "how results are printed",
        .value_name = "FORMAT",
        .choices = { "human-readable", "json", "yaml" } };
}

void add_openjd_options(std::vector<Option>& options, OpenjdFlags& flags, OpenjdUse use)
{
    options.push_back({ "PATH", &flags.template_path, "the template's file", "PATH", true });
    options.push_back({ "--extensions", &flags.extensions,
        "extensions that templates may declare (default: all that are supported)", "A,B" });
    options.push_back(openjd_output_option(flags.output));
    if (use == OpenjdUse::check)
        return;
    options.push_back({ "-p,--parameter,--job-param", &flags.parameters,
        "a job parameter: NAME=VALUE, file://FILE or {\"NAME\": \"VALUE\"}; may be repeated",
        "NAME=VALUE" });
}

OpenjdResult<openjd::Extensions> allowed_extensions(OpenjdFlags const& flags)
{
    if (!flags.extensions)
        return openjd::supported_extensions;
    openjd::Extensions allowed;
    std::string_view rest = *flags.extensions;
    while (!rest.empty()) {
        auto const name = openjd::trim(rest.substr(0, rest.find(',')));
        rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
        auto const extension = openjd::parse_extension(name);
        if (!extension || !openjd::supported_extensions.has(*extension))
            return tl::unexpected(OpenjdFault { {},
                fmt::format("--extensions: '{}' is not supported; supported are {}", name,
                    openjd::comma_list(openjd::supported_extensions.names())) });
        allowed.add(*extension);
    }
    return allowed;
}

OpenjdResult<openjd::JobRequest> read_request(OpenjdFlags const& flags)
{
    openjd::JobRequest request;
    request.allowed = TRY(allowed_extensions(flags));
    auto source = TRY(read_template(flags.template_path));
    request.source.template_text = std::move(source.text);
    request.source.file_name = std::move(source.file_name);
    for (auto const& path : flags.environments)
        request.source.environments.push_back(TRY(read_template(path)));
    for (auto const& argument : flags.parameters) {
        auto const added = add_parameters(request.source.parameters, argument);
        if (!added)
            return tl::unexpected(openjd_fault(added.error()));
    }
    auto const here = fs::current_path();
    request.path_bases = { (here / flags.template_path).lexically_normal().parent_path().string(),
        here.string() };
    return request;
}

OpenjdResult<openjd::TemplateText> read_argument(std::string const& argument)
{
    constexpr std::string_view file_scheme = "file://";
    if (argument.starts_with(file_scheme))
        return read_template(argument.substr(file_scheme.size()));
    return openjd::TemplateText { argument, {} };
}

void print_openjd(std::string const& output, std::string const& json, std::string const& human)
{
    if (output == "json")
        print(stdout, json + "\n");
    else if (output == "yaml")
        print(stdout, to_yaml(parse_json(json).value_or(Json())));
    else
        print(stdout, human);
}

int print_openjd_fault(std::string const& output, OpenjdFault const& fault)
{
    if (output == "human-readable")
        print(stderr, fault.message + "\n");
    else
        print_openjd(output, fault_json(fault), {});
    return 1;
}

}
