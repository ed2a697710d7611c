#include <openjd/extension.h>

#include <openjd/limits.h>

#include <array>

namespace sidereal::openjd {

namespace {

constexpr std::array all_extensions { Extension::expr, Extension::feature_bundle_1,
    Extension::redacted_env_vars, Extension::task_chunking, Extension::wrap_actions };

}

std::string_view to_string(Extension extension)
{
    switch (extension) {
    case Extension::expr: return "EXPR";
    case Extension::feature_bundle_1: return "FEATURE_BUNDLE_1";
    case Extension::redacted_env_vars: return "REDACTED_ENV_VARS";
    case Extension::task_chunking: return "TASK_CHUNKING";
    case Extension::wrap_actions: return "WRAP_ACTIONS";
    }
    return "";
}

std::optional<Extension> parse_extension(std::string_view text)
{
    for (auto const extension : all_extensions) {
        if (text == to_string(extension))
            return extension;
    }
    return std::nullopt;
}

std::vector<std::string_view> Extensions::names() const
{
    std::vector<std::string_view> out;
    for (auto const extension : all_extensions) {
        if (has(extension))
            out.push_back(to_string(extension));
    }
    return out;
}

Limits limits_with(Extensions extensions)
{
    Limits limits;
    if (!extensions.has(Extension::feature_bundle_1))
        return limits;
    limits.job_name = 512;
    limits.step_name = 512;
    limits.environment_name = 512;
    limits.identifier = 512;
    limits.job_parameters = 200;
    limits.file_name = 256;
    return limits;
}

}
