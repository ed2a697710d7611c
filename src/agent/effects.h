#pragma once

#include <base/id.h>
#include <base/note.h>
#include <base/time.h>
#include <wire/protocol.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What the agent's minds ask of the shell, and what the shell tells of a command that ran.
namespace sidereal::agent {

// One run of a command: an environment's enter or exit, or a task. Counted up in one agent life.
using ActionId = Id<struct ActionTag>;

// Call the brain. At most two calls are open at a time: one that the brain holds, and one with
// news.
struct CallBrain {
    wire::SyncRequest request;
};
struct MakeSessionDir {
    std::string path;
};
// With what environments have left running.
struct RemoveSessionDir {
    std::string path;
};
struct FileToWrite {
    std::string path;
    std::string data;
    bool runnable { false };

    bool operator==(FileToWrite const&) const = default;
};
// Write the files (0600, runnable ones 0700), then start the command in a process group of its own.
// on_action_ended comes exactly once, also if it could not be started.
struct RunAction {
    ActionId action;
    std::vector<FileToWrite> files;
    std::vector<std::string> argv;
    std::vector<std::string> environment;
    std::string working_dir;
    std::string log_path;
    // What it takes of the GPUs' memory is to be measured.
    bool has_gpus { false };
    // What it leaves running in its process group is the session's, and ends when its folder is
    // removed.
    bool enters { false };
};
enum class Signal : std::uint8_t {
    terminate,
    kill,
};
// To the whole process group. `cancel_info`, where given, is written first.
struct SignalAction {
    ActionId action;
    Signal signal { Signal::kill };
    std::optional<FileToWrite> cancel_info;
};
struct ReadLogFile {
    wire::ReadLog request;
    std::string path;
    bool attempt_ended { false };
};
// All work is over and the brain knows: the process may end.
struct Stop { };

using Effect = std::variant<CallBrain, MakeSessionDir, RemoveSessionDir, RunAction, SignalAction,
    ReadLogFile, Stop>;

struct Effects {
    std::vector<Effect> list;
    std::vector<Note> notes;
};

struct ActionEnd {
    // One of the three.
    std::optional<int> exit_code;
    std::optional<int> signal;
    std::optional<std::string> not_started;
    Duration wall {};
    Duration cpu {};
    std::uint64_t max_rss_bytes { 0 };
    std::string tail;
    // The highest on any one GPU; 0: not measured.
    std::uint64_t max_vram_bytes { 0 };
    // The kernel killed something of it for want of memory.
    bool oom_killed { false };
};

// What a running command takes at the moment, and has up to now.
struct ActionSample {
    std::uint64_t rss_bytes { 0 };
    Duration cpu {};
    std::uint64_t output_bytes { 0 };
};

// "exit code 3", "killed by signal 9 (SIGKILL)", "cannot start: ..."; empty after success.
std::string fault_of(ActionEnd const& end);

}
