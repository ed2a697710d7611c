#pragma once

#include <base/result.h>
#include <base/time.h>
#include <io/cgroup.h>
#include <io/function.h>
#include <io/host.h>
#include <io/loop.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::io {

// Names one started process; never reused, so it cannot hit a stranger after the process ended.
struct ProcessHandle {
    std::uint64_t value { 0 };

    auto operator<=>(ProcessHandle const&) const = default;
    explicit operator bool() const { return value != 0; }
};

struct ProcessEnd {
    // Exactly one of the two.
    std::optional<int> exit_code;
    std::optional<int> signal;
    Duration wall { 0 };
    // With a cgroup: of all that ran in it meanwhile. Else of the process and of those descendants
    // that were waited for.
    Duration user_cpu { 0 };
    Duration system_cpu { 0 };
    // The largest of the kernel's figure for the biggest single process, the sampled sum over the
    // cgroup or else the process group, and what the cgroup counted, if it rose to a new peak. For
    // a short child smaller than this process it is this process's own size, since the kernel
    // counts the moment between vfork and exec.
    std::uint64_t max_rss_bytes { 0 };
    // The highest sampled sum of the process and its descendants on any one GPU.
    std::uint64_t max_vram_bytes { 0 };
    // Where the output stands in the log file, as byte offsets. Equal when there was none. Of
    // processes that write to one log at the same time the bytes are mixed and these are no use.
    std::uint64_t log_begin { 0 };
    std::uint64_t log_end { 0 };
    // Output that could not be written to the log (disk full), and the first reason.
    std::uint64_t log_lost_bytes { 0 };
    std::string log_error;
    // The last 4 KiB of output, or less.
    std::string tail;
    // Something in the group still held the output 250 ms after the process had ended; it was
    // killed, unless it was left to somebody.
    bool killed_leftovers { false };
    // The kernel has killed something in the cgroup for want of memory.
    bool oom_killed { false };
};

// What a process with its descendants takes at the moment, and has up to now: CPU time with a
// cgroup of all that is or was in it.
struct ProcessSample {
    std::uint64_t rss_bytes { 0 };
    Duration cpu { 0 };
    std::uint64_t output_bytes { 0 };
};

// For output that must not be kept as it is. Where `wanted` says so of a piece of output, its lines
// are kept one by one, each as `shown` gives it after on_line was called; the rest of an unfinished
// line waits until it is whole.
struct OutputMask {
    Function<bool(std::string_view)> wanted {};
    // Whether an unfinished line that begins like this may become one to mask.
    Function<bool(std::string_view)> may_be_wanted {};
    Function<std::string(std::string_view)> shown {};
};

struct SpawnOptions {
    // argv[0] is looked up on the PATH of `environment` unless it has a slash.
    std::vector<std::string> argv {};
    // "NAME=value", exactly and only what the child gets.
    std::vector<std::string> environment {};
    // Empty: this process's own.
    std::string working_dir {};
    // Output is appended here; made (0600, folders too) at the first byte. Empty: output is
    // dropped.
    std::string log_path {};
    // What is measured: the session's; must outlive the process. Then the process is born into the
    // leaf of it, and killed with all that is there.
    Cgroup* cgroup { nullptr };
    std::optional<CgroupLeaf> leaf {};
    // Needs a list of GPU processes, ProcessRunner::list_gpu_processes.
    bool measures_vram { false };
    // Whom what the process leaves running in its group belongs to, until end_leftovers. Empty: it
    // is killed when the process ends.
    std::string leaves_to {};
    OutputMask mask {};
    // Which lines on_line wants; without it, all of them. A line ends at LF, CR or CRLF, has no
    // terminator, and is cut after 64 KiB.
    Function<bool(std::string_view)> line_wanted {};
    Function<void(std::string_view)> on_line {};
    // Every second from the first one on; may signal and start processes.
    Function<void(ProcessSample const&)> on_sample {};
    // Once, after the output was read to its end; may start other processes.
    Function<void(ProcessEnd)> on_end {};
};

// Starts child processes, each the leader of its own process group, with /dev/null as input and
// output and errors merged into one pipe. A child dies with the thread that started it. Owned by
// the agent's main; loop thread only; must not be destroyed from one of its own callbacks.
class ProcessRunner {
public:
    explicit ProcessRunner(Loop& loop);
    // Kills every group that still runs; their on_end is not called.
    ~ProcessRunner();
    ProcessRunner(ProcessRunner const&) = delete;
    ProcessRunner& operator=(ProcessRunner const&) = delete;

    // Fails when the program, its interpreter or the folder is not there, before anything ran:
    // on_end is not called then, and no callback ever before start returns.
    Result<ProcessHandle> start(SpawnOptions options);

    // Asked once a second while a process runs whose VRAM is to be measured.
    void list_gpu_processes(Function<std::vector<GpuProcess>()> list);

    // To the whole process group; SIGKILL to all of its cgroup's leaf as well. not_found when the
    // process has ended already.
    Status signal_group(ProcessHandle process, int signal);

    // Kills what processes have left to that owner.
    void end_leftovers(std::string const& owner);

    // The process id for people to look at; nothing once it ended.
    std::optional<int> pid_of(ProcessHandle process) const;
    // The highest sampled memory so far, 0 in the first second.
    std::uint64_t sampled_rss_bytes(ProcessHandle process) const;
    std::size_t running_count() const;

    struct Impl;

private:
    std::unique_ptr<Impl> impl_;
};

// SIGKILLs every process whose environment has an entry equal to `marker` ("SIDEREAL_AGENT=/x"),
// this process excepted: what an agent that was killed itself has left behind. Returns how many.
std::size_t kill_leftovers(std::string_view marker);

}
