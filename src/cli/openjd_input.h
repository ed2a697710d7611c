#pragma once

#include <base/json.h>
#include <cli/command.h>
#include <openjd/diagnostic.h>
#include <openjd/extension.h>
#include <openjd/job_request.h>

#include <optional>
#include <string>
#include <vector>

// What the commands `openjd …` have in common. They take the flags of the public openjd command and
// answer as it does, so that tools made for that one work with them.
namespace sidereal::cli {

// What is wrong: with documents, or with what was asked for.
struct OpenjdFault {
    openjd::Diagnostics diagnostics;
    std::string message;
};
template<typename T>
using OpenjdResult = tl::expected<T, OpenjdFault>;

OpenjdFault openjd_fault(Error error);
OpenjdFault openjd_fault(openjd::Diagnostics diagnostics);

struct OpenjdFlags {
    std::string template_path;
    std::vector<std::string> parameters;
    std::vector<std::string> environments;
    std::optional<std::string> extensions;
    std::string output { "human-readable" };
};

enum class OpenjdUse : std::uint8_t {
    check, // template, extensions, output
    make, // parameters too
};
void add_openjd_options(std::vector<Option>& options, OpenjdFlags& flags, OpenjdUse use);

// Whether it is one of --extensions; all that are supported where none are named.
OpenjdResult<openjd::Extensions> allowed_extensions(OpenjdFlags const& flags);
// Reads all files; relative PATH values join the template's folder and the present one.
OpenjdResult<openjd::JobRequest> read_request(OpenjdFlags const& flags);

// A value given outright or as file://PATH.
OpenjdResult<openjd::TemplateText> read_argument(std::string const& argument);

// JSON or YAML of an object with status and message; `human` otherwise.
Option openjd_output_option(std::string& output);
void print_openjd(std::string const& output, std::string const& json, std::string const& human);
// Gives the exit code: 1.
int print_openjd_fault(std::string const& output, OpenjdFault const& fault);

}
