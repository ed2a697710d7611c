#pragma once

#include <base/result.h>
#include <base/time.h>
#include <io/unique_fd.h>

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::io {

// A group within a session's for one process: whatever that does (setsid, double fork), what
// descends from it is in it too. Killed with the process and never used again: kernels of 2025 and
// later kill all that is born from outside into a group that was killed once.
class CgroupLeaf {
public:
    CgroupLeaf(CgroupLeaf&&) = default;
    CgroupLeaf& operator=(CgroupLeaf&&) = delete;
    // The folder goes, or where something is left in it with the session's.
    ~CgroupLeaf();

    // The folder, for clone3.
    int fd() const { return folder_.get(); }
    // SIGKILL to all that is in it, also to what is being forked at this moment.
    void kill() const;

private:
    friend class Cgroup;
    CgroupLeaf(std::string path, UniqueFd folder)
        : path_(std::move(path))
        , folder_(std::move(folder))
    {
    }

    std::string path_;
    UniqueFd folder_;
};

// A session's group in the kernel's cgroup v2 tree, with one below for each of its processes. Owned
// by its CgroupBranch.
class Cgroup {
public:
    struct Usage {
        Duration user_cpu { 0 };
        Duration system_cpu { 0 };
        // Only where the memory controller is passed on to the group. The highest its memory has
        // been since the group was made, file cache included; and the cache it has now.
        std::optional<std::uint64_t> peak_bytes;
        std::uint64_t cache_bytes { 0 };
        // Processes of it that the kernel has killed for want of memory.
        std::uint64_t oom_kills { 0 };
    };

    // Makes the folder, or takes the one that is there.
    static Result<Cgroup> make(std::string path);

    // A new one.
    Result<CgroupLeaf> leaf();
    Usage usage() const;
    Duration cpu() const;
    std::vector<pid_t> processes() const;
    // As CgroupLeaf::kill, for good.
    void kill() const;

private:
    std::string path_;
    std::uint64_t last_leaf_ { 0 };
    UniqueFd cpu_stat_;
    UniqueFd memory_peak_;
    UniqueFd memory_stat_;
    UniqueFd memory_events_;
    UniqueFd kill_;
};

// Where the kernel tells about this process's group; tests point elsewhere.
struct CgroupPaths {
    std::string mountinfo { "/proc/self/mountinfo" };
    std::string own_group { "/proc/self/cgroup" };
};

// The branch of the tree, right below this process's own group, in which one agent keeps a group
// for each session. Owned by the agent's main; outlives the processes in it; loop thread only.
class CgroupBranch {
public:
    // The branch is named after the owner's folder, which must exist and be claimed by a lock. What
    // an earlier life has left there is killed. Fails where there is no cgroup v2, where this
    // process may not make groups, or where the kernel starts no process in one.
    static Result<CgroupBranch> claim(std::string const& owner_dir, CgroupPaths const& paths = {});
    // The branch below the group whose folder this is, without the proof that processes can start.
    static Result<CgroupBranch> make(std::string const& own_folder, std::string const& name);
    ~CgroupBranch();
    CgroupBranch(CgroupBranch&&) = default;
    CgroupBranch& operator=(CgroupBranch&&) = delete;

    // Made when first asked for.
    Result<Cgroup*> group(std::string const& name);
    // Kills what is in it; the folder goes once the kernel has let go of them.
    void end(std::string const& name);

    std::string const& path() const { return path_; }
    bool measures_memory() const;

private:
    explicit CgroupBranch(std::string path)
        : path_(std::move(path))
    {
    }
    void sweep();

    std::string path_;
    std::map<std::string, Cgroup> groups_;
    // Folders of groups that are over and were not empty yet.
    std::vector<std::string> dying_;
};

}
