#pragma once

#include <base/id.h>
#include <base/result.h>
#include <cli/command.h>

namespace sidereal::cli {

// Watches the job on stdout and tells how it ended; the exit code says whether it succeeded.
Result<int> watch_to_the_end(JobId id, Context const& context);

}
