#include <io/host.h>

#include <io/file.h>
#include <io/test_folder.h>

#include <gtest/gtest.h>

#include <cstdlib>

namespace sidereal::io {
namespace {

using testing::TemporaryFolder;

constexpr std::uint64_t gib = 1ULL << 30;

// A machine made of files.
class HostTest : public ::testing::Test {
protected:
    void put(std::string const& name, std::string_view content)
    {
        auto const path = folder_.path(name);
        ASSERT_TRUE(make_directories(path.substr(0, path.rfind('/'))));
        ASSERT_TRUE(write_file(path, content));
    }

    void put_memory()
    {
        put("proc/meminfo",
            "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable: 8388608 kB\n");
    }

    TemporaryFolder folder_;
    HostPaths paths_ { folder_.path("proc"), folder_.path("cgroup") };
};

TEST_F(HostTest, this_machine_has_facts)
{
    auto const facts = read_host_facts();
    EXPECT_FALSE(facts.hostname.empty());
    EXPECT_EQ(facts.os_family, "linux");
    EXPECT_FALSE(facts.cpu_arch.empty());
    EXPECT_GE(facts.cpu_count, 1U);
    EXPECT_GT(facts.memory_total_bytes, gib / 8);
    EXPECT_GT(memory_available_bytes(), 0U);
    EXPECT_LE(memory_available_bytes(), facts.memory_total_bytes);
}

TEST_F(HostTest, without_a_group_the_machine_counts)
{
    put_memory();
    EXPECT_EQ(read_host_facts(paths_).memory_total_bytes, 16 * gib);
    EXPECT_EQ(memory_available_bytes(paths_), 8 * gib);
}

TEST_F(HostTest, version_2_group_limits_memory)
{
    put_memory();
    put("proc/self/cgroup", "0::/farm/agent\n");
    put("cgroup/farm/memory.max", "4294967296\n");
    put("cgroup/farm/memory.current", "3221225472\n");
    put("cgroup/farm/memory.stat", "anon 1\ninactive_file 1073741824\n");
    put("cgroup/farm/agent/memory.max", "max\n");
    EXPECT_EQ(read_host_facts(paths_).memory_total_bytes, 4 * gib);
    EXPECT_EQ(memory_available_bytes(paths_), 2 * gib);
}

TEST_F(HostTest, version_1_group_limits_memory)
{
    put_memory();
    put("proc/self/cgroup", "9:cpu,cpuacct:/x\n4:memory:/job\n0::/\n");
    put("cgroup/memory/job/memory.limit_in_bytes", "2147483648\n");
    put("cgroup/memory/job/memory.usage_in_bytes", "1073741824\n");
    put("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_EQ(read_host_facts(paths_).memory_total_bytes, 2 * gib);
    EXPECT_EQ(memory_available_bytes(paths_), gib);
}

TEST_F(HostTest, quota_limits_cpus_to_whole_ones_and_never_none)
{
    put("proc/self/cgroup", "0::/agent\n");
    put("cgroup/agent/cpu.max", "150000 100000\n");
    EXPECT_EQ(read_host_facts(paths_).cpu_count, 1U);
    put("cgroup/agent/cpu.max", "20000 100000\n");
    EXPECT_EQ(read_host_facts(paths_).cpu_count, 1U);
    auto const without = read_host_facts().cpu_count;
    put("cgroup/agent/cpu.max", "max 100000\n");
    EXPECT_EQ(read_host_facts(paths_).cpu_count, without);
}

TEST_F(HostTest, version_1_quota_limits_cpus)
{
    put("proc/self/cgroup", "3:cpu,cpuacct:/agent\n");
    put("cgroup/cpu/agent/cpu.cfs_period_us", "100000\n");
    put("cgroup/cpu/agent/cpu.cfs_quota_us", "100000\n");
    EXPECT_EQ(read_host_facts(paths_).cpu_count, 1U);
    auto const without = read_host_facts().cpu_count;
    put("cgroup/cpu/agent/cpu.cfs_quota_us", "-1\n");
    EXPECT_EQ(read_host_facts(paths_).cpu_count, without);
}

constexpr std::string_view fake_nvml = R"(
#include <stdio.h>
#define NUMBER ((unsigned long)device)
int nvmlInit_v2(void) { return INIT; }
int nvmlShutdown(void) { return 0; }
const char* nvmlErrorString(int code) { return "Driver Not Loaded"; }
int nvmlDeviceGetCount_v2(unsigned* count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device)
{
    *device = (void*)(index + 1UL);
    return 0;
}
int nvmlDeviceGetName(void* device, char* text, unsigned size)
{
    snprintf(text, size, "Fake %lu", NUMBER);
    return 0;
}
int nvmlDeviceGetUUID(void* device, char* text, unsigned size)
{
    snprintf(text, size, "GPU-%lu", NUMBER);
    return 0;
}
int nvmlDeviceGetMemoryInfo(void* device, unsigned long long* memory)
{
    memory[0] = 100;
    memory[1] = 60;
    memory[2] = 40;
    return 0;
}
int nvmlDeviceGetUtilizationRates(void* device, unsigned* rates)
{
    rates[0] = 55;
    rates[1] = 5;
    return 0;
}
struct info { unsigned pid; unsigned long long bytes; unsigned gpu; unsigned compute; };
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, struct info* infos)
{
    if (NUMBER == 2) { *count = 0; return 0; }
    if (*count < 100) { *count = 100; return 7; }
    *count = 2;
    infos[0].pid = 41;
    infos[0].bytes = 700;
    infos[1].pid = 42;
    infos[1].bytes = ~0ULL;
    return 0;
}
int nvmlDeviceGetGraphicsRunningProcesses_v2(void* device, unsigned* count, struct info* infos)
{
    *count = 1;
    infos[0].pid = 41;
    infos[0].bytes = NUMBER == 1 ? 700 : 30;
    return 0;
}
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts)
{
    *milliwatts = 123500;
    return NUMBER == 1 ? 0 : 3;
}
)";

class GpuTest : public HostTest {
protected:
    // Builds a library in place of NVIDIA's; empty where there is no C compiler.
    std::string build(int init_code)
    {
        put("nvml.c", fake_nvml);
        auto const library = folder_.path("nvml.so");
        auto const command = fmt::format("cc -shared -fPIC -w -DINIT={} -o {} {} 2>/dev/null",
            init_code, library, folder_.path("nvml.c"));
        return std::system(command.c_str()) == 0 ? library : "";
    }
};

TEST_F(GpuTest, machine_without_the_library_has_none)
{
    GpuProbe probe("libno-such-nvml.so.1");
    EXPECT_EQ(probe.read(), std::vector<Gpu> {});
    EXPECT_EQ(probe.problem(), "");
}

TEST_F(GpuTest, cards_are_read_and_what_a_card_does_not_tell_is_left_out)
{
    auto const library = build(0);
    if (library.empty())
        GTEST_SKIP() << "no C compiler to build a stand-in library with";
    GpuProbe probe(library);
    EXPECT_EQ(probe.read(),
        (std::vector<Gpu> { { "Fake 1", "GPU-1", 100, 60, 55, 123.5 },
            { "Fake 2", "GPU-2", 100, 60, 55, std::nullopt } }));
}

TEST_F(GpuTest, processes_are_counted_once_on_each_card)
{
    auto const library = build(0);
    if (library.empty())
        GTEST_SKIP() << "no C compiler to build a stand-in library with";
    GpuProbe probe(library);
    EXPECT_EQ(probe.processes(), (std::vector<GpuProcess> { { 41, 0, 700 }, { 41, 1, 30 } }));
    EXPECT_EQ(GpuProbe("libno-such-nvml.so.1").processes(), std::vector<GpuProcess> {});
}

TEST_F(GpuTest, library_without_its_driver_says_so)
{
    auto const library = build(9);
    if (library.empty())
        GTEST_SKIP() << "no C compiler to build a stand-in library with";
    GpuProbe probe(library);
    EXPECT_EQ(probe.read(), std::vector<Gpu> {});
    EXPECT_EQ(probe.problem(), library + " does not start: Driver Not Loaded");
}

TEST_F(GpuTest, library_that_is_something_else_says_so)
{
    GpuProbe probe("libc.so.6");
    EXPECT_EQ(probe.read(), std::vector<Gpu> {});
    EXPECT_EQ(probe.problem(), "libc.so.6 lacks a function; is the NVIDIA driver too old?");
}

}
}
