#pragma once

#include <base/result.h>
#include <cli/command.h>
#include <io/log.h>

#include <cstdint>
#include <string>
#include <vector>

// What the long-running commands have in common.
namespace sidereal::app {

constexpr std::int64_t default_port = 4766;

struct LogFlags {
    std::string level { "info" };
    std::string format { "human" };
};

void add_log_options(std::vector<cli::Option>& options, LogFlags& flags);
Result<io::Log> open_log(LogFlags const& flags);

// Names one life of a process; not 0, and small enough to be exact in any JSON reader.
Result<std::uint64_t> random_instance();
// 32 hexadecimal digits.
Result<std::string> random_key();

}
