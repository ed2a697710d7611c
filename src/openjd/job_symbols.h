#pragma once

#include <openjd/job.h>

namespace sidereal::openjd {

// Names visible to a session's actions: Job.Name, Param.*, RawParam.* of the job and Task.Param.*,
// Task.RawParam.* of a task. The rules are applied to paths, but not to raw ones.
expr::NameValues job_symbols(Job const& job, PathRules const& rules = {});
void add_task_symbols(
    expr::NameValues& symbols, TaskParameters const& task, PathRules const& rules = {});
// What RawParam.X is: paths as text.
expr::Value raw_value(ParameterValue const& parameter);

}
