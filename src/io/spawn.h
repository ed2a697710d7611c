#pragma once

#include <base/result.h>
#include <io/unique_fd.h>

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace sidereal::io {

struct SpawnedChild {
    pid_t pid;
    // Readable once the child has ended.
    UniqueFd pidfd;
    // Its output and errors.
    UniqueFd output;
};

struct SpawnWhat {
    std::vector<std::string> const& argv;
    std::vector<std::string> const& environment;
    std::string const& working_dir;
    // The folder of the group that it is born into; -1: this process's own.
    int cgroup { -1 };
};

// Starts programs as posix_spawn does (the child borrows this process's memory until exec), with
// what posix_spawn lacks: a pidfd, death with the parent's thread, and which step failed. Owned by
// ProcessRunner, its thread only.
class Spawner {
public:
    Spawner();
    ~Spawner();
    Spawner(Spawner const&) = delete;
    Spawner& operator=(Spawner const&) = delete;

    Result<SpawnedChild> spawn(SpawnWhat const& what);

private:
    // The child's stack while it shares our memory; one spawn at a time.
    void* stack_;
    UniqueFd null_device_;
    std::vector<char*> argv_;
    std::vector<char*> environment_;
};

// Whether a child of this process can be born into that group; starts one that ends at once.
Status try_cgroup(int cgroup);

// The program's path as execvp would find it, but on the PATH of `environment` and only in absolute
// folders of it. A name with a slash is taken as it is.
Result<std::string> find_program(std::string const& name, std::span<std::string const> environment);

}
