#pragma once

#include <base/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::io {

// What stays the same while this machine is up; limits set by cgroups and affinity are applied.
struct HostFacts {
    std::string hostname;
    // As OpenJD names them: linux, macos, windows; x86_64, arm64.
    std::string os_family;
    std::string cpu_arch;
    std::string cpu_model;
    // Whole cpus this process may use; a quota of 1.5 counts as 1, and there is always 1.
    std::uint32_t cpu_count { 1 };
    std::uint64_t memory_total_bytes { 0 };
};

// Where the kernel's files are; tests point elsewhere.
struct HostPaths {
    std::string proc { "/proc" };
    std::string cgroup { "/sys/fs/cgroup" };
};

HostFacts read_host_facts(HostPaths const& paths = {});

// What could be taken without swapping, within the cgroup's limit.
std::uint64_t memory_available_bytes(HostPaths const& paths = {});

struct Gpu {
    std::string name;
    std::string uuid;
    std::uint64_t memory_total_bytes { 0 };
    std::uint64_t memory_free_bytes { 0 };
    std::optional<std::uint32_t> utilization_percent;
    std::optional<double> power_w;

    bool operator==(Gpu const&) const = default;
};

// A process that holds memory of a GPU, which is counted as in GpuProbe::read().
struct GpuProcess {
    int pid { 0 };
    std::size_t gpu { 0 };
    std::uint64_t memory_bytes { 0 };

    bool operator==(GpuProcess const&) const = default;
};

// The NVIDIA cards of this machine, through NVML found at run time. Owned by the agent; one thread
// at a time; a reading takes a few milliseconds for each card.
class GpuProbe {
public:
    // A machine without the library, the driver or a card has an empty list; that is no error.
    explicit GpuProbe(std::string library = "libnvidia-ml.so.1");
    ~GpuProbe();
    GpuProbe(GpuProbe const&) = delete;
    GpuProbe& operator=(GpuProbe const&) = delete;

    std::vector<Gpu> read();
    // Empty where the driver does not tell: before version 450, or in a container that hides pids.
    std::vector<GpuProcess> processes();
    // Why read() is empty though a library was found; empty when there is nothing to say.
    std::string_view problem() const;

private:
    struct Nvml;
    std::unique_ptr<Nvml> nvml_;
    std::string problem_;
};

}
