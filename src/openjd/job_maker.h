#pragma once

#include <openjd/action.h>
#include <openjd/job.h>
#include <openjd/template.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// Makes the parts of a job out of a template and values; complains about what turns out wrong with
// these values. One budget serves all expressions of the job.
class JobMaker {
public:
    // `file_name` must outlive it.
    JobMaker(JobTemplate source, std::string_view file_name, ParameterValues const& parameters);
    JobMaker(JobMaker const&) = delete;
    JobMaker& operator=(JobMaker const&) = delete;

    std::string job_name();
    std::vector<Step> steps();
    std::vector<Environment> environments(std::vector<Environment> source);
    Diagnostics take_faults();
    JobTemplate& source() { return source_; }

private:
    // Where in the template something stands that turned out wrong with these values.
    struct Site {
        int line { 0 };
        int column { 0 };
        std::string path;
    };

    void fault(Site const& site, std::string message);
    // Nothing after a fault.
    std::optional<expr::Value> value(Site const& site, FormatString const& string, expr::Type type);
    std::string text(Site const& site, FormatString const& string);
    // Null leaves an item out, a list becomes several.
    std::optional<std::vector<std::string>> items(Site const& site, FormatString const& string);

    Step step(StepTemplate& source, std::string const& path);
    void bind(std::vector<LetTemplate> const& lets, std::string const& path);
    AmountRequirement amount(AmountTemplate const& source, std::string name);
    std::optional<double> bound(std::optional<double> given, std::optional<Reference> const& text);
    HostRequirements requirements(StepTemplate const& step, std::string const& path);
    std::vector<std::string> values(
        std::vector<FormatString> const& list, std::string const& capability, Site const& site);

    ParameterSpace space(StepTemplate const& step, std::string const& path);
    std::uint64_t count(
        std::uint64_t given, std::optional<Reference> const& text, std::int64_t least);
    ChunkedRange chunked(ChunksTemplate const& chunks, IntRange range);
    std::optional<TaskParameterRange> range(
        TaskParameterDefinition const& definition, Site const& site);
    std::optional<TaskParameterRange> range_of(
        TaskParameterDefinition const& definition, Result<IntRange> made, Site const& site);
    std::optional<TaskParameterRange> range_of(TaskParameterDefinition const& definition,
        std::vector<std::string> const& texts, Site const& site);
    std::optional<std::string> range_item(
        TaskParameterDefinition const& definition, std::string const& text, Site const& site);

    JobTemplate source_;
    std::string_view file_name_;
    expr::Names names_;
    // Of the step that is being made.
    expr::Names step_names_;
    expr::Context context_;
    std::optional<ChunkTarget> chunks_;
    ActionFiller filler_;
    Diagnostics faults_;
};

}
