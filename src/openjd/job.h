#pragma once

#include <base/time.h>
#include <openjd/diagnostic.h>
#include <openjd/format_string.h>
#include <openjd/parameter.h>
#include <openjd/parameter_space.h>
#include <openjd/path_mapping.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A job made from a template and values: what the farm schedules and what a session runs. Format
// strings of the job stage are resolved; those of the host stage (commands, arguments, variables,
// embedded files) still hold their references.
namespace sidereal::openjd {

// A text with references whose value is known later, and where it stands, in case that value turns
// out wrong.
struct Reference {
    FormatString text;
    int line { 0 };
    int column { 0 };
    std::string path;
};

struct Cancelation {
    enum class Mode : std::uint8_t {
        terminate,
        notify_then_terminate,
    };
    Mode mode { Mode::terminate };
    // Time between the notice and the hard kill; the default depends on the action (120 s for
    // onRun, 30 s otherwise) and is filled in.
    Duration notify_period {};
    // Given by reference; nothing once that is resolved.
    std::optional<Reference> notify_period_text;
};

struct Action {
    FormatString command;
    std::vector<FormatString> args;
    // Nothing if the template gives none; onExit then has default_exit_limit.
    std::optional<Duration> timeout;
    // Given by reference; nothing once that is resolved.
    std::optional<Reference> timeout_text;
    Cancelation cancelation;
};
constexpr Duration default_exit_limit = std::chrono::seconds(300);

enum class LineEnds : std::uint8_t {
    as_given,
    lf,
    crlf,
};

struct EmbeddedFile {
    std::string name;
    std::string filename;
    bool runnable { false };
    FormatString data;
    LineEnds line_ends { LineEnds::as_given };
};

std::string with_line_ends(std::string text, LineEnds line_ends);

struct Environment {
    std::string name;
    std::map<std::string, FormatString> variables;
    std::optional<Action> on_enter;
    std::optional<Action> on_exit;
    std::vector<EmbeddedFile> files;
};

// A range of a counted capability: amount.worker.vcpu, amount.worker.memory (MiB), …; names are
// lower case.
struct AmountRequirement {
    std::string name;
    std::optional<double> min;
    std::optional<double> max;
};

struct AttributeRequirement {
    std::string name;
    std::vector<std::string> any_of;
    std::vector<std::string> all_of;
};

struct HostRequirements {
    std::vector<AmountRequirement> amounts;
    std::vector<AttributeRequirement> attributes;
};

struct Step {
    std::string name;
    std::vector<std::size_t> depends_on; // indices into Job::steps
    std::vector<Environment> environments;
    HostRequirements requirements;
    ParameterSpace space;
    Action on_run;
    std::vector<EmbeddedFile> files;
};

struct Job {
    std::string name;
    std::string description;
    ParameterValues parameters;
    std::vector<Environment> environments;
    std::vector<Step> steps;
};

struct TemplateText {
    std::string text;
    std::string file_name;

    bool operator==(TemplateText const&) const = default;
};

// What a user hands in, with what surrounds it. Relative PATH values must be absolute by now (the
// CLI joins them with the bundle's or the working folder), so that the same source gives the same
// job on every machine.
struct JobSource {
    std::string template_text;
    std::string file_name;
    ParameterTexts parameters;
    // Environment templates: entered in this order, before the job's own environments.
    std::vector<TemplateText> environments {};

    bool operator==(JobSource const&) const = default;
};

// Reads, checks and instantiates, with the parameters of all templates merged; all faults of the
// documents are collected.
Checked<Job> create_job(JobSource const& source);

// Names visible to the session's actions: Param.*, RawParam.* of the job and Task.Param.*,
// Task.RawParam.* of a task. The rules are applied to PATH values, but not to raw ones.
Symbols job_symbols(ParameterValues const& parameters, PathRules const& rules = {});
void add_task_symbols(Symbols& symbols, TaskParameters const& task, PathRules const& rules = {});

}
