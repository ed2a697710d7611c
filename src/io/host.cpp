#include <io/host.h>

#include <io/file.h>

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace sidereal::io {

namespace {

constexpr std::size_t file_limit_bytes = 1024UL * 1024;
constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();

std::string read_or_empty(std::string const& path)
{
    return read_file(path, file_limit_bytes).value_or("");
}

// The number a text begins with, blanks aside; nothing for "max".
std::optional<std::uint64_t> leading_number(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
    std::uint64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc {})
        return std::nullopt;
    return number;
}

// What follows "name" in a file of "name value" lines.
std::string_view value_of(std::string_view text, std::string_view name)
{
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        if (line.starts_with(name))
            return line.substr(name.size());
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    return {};
}

std::uint64_t meminfo_bytes(std::string_view meminfo, std::string_view name)
{
    return leading_number(value_of(meminfo, name)).value_or(0) * 1024;
}

// This process's group in the hierarchy of a controller: "0::/x" (v2), "4:memory:/x" (v1).
std::string cgroup_of(HostPaths const& paths, std::string_view controller)
{
    auto const table = read_or_empty(paths.proc + "/self/cgroup");
    std::string_view rest(table);
    while (!rest.empty()) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        line.remove_prefix(std::min(line.find(':') + 1, line.size()));
        auto const names = line.substr(0, line.find(':'));
        if (names.size() == line.size())
            continue;
        auto const path = line.substr(names.size() + 1);
        auto const listed = fmt::format(",{},", names);
        auto const is_found = controller.empty()
            ? names.empty()
            : listed.find(fmt::format(",{},", controller)) != std::string::npos;
        if (is_found)
            return std::string(path);
    }
    return "/";
}

// Calls `visit` with the folder of this process's group and of each group around it: a limit of an
// outer group holds for the inner ones. In a container the path is the host's, and only the mount's
// own top is there.
template<typename Visitor>
void each_group(std::string const& mount, std::string group, Visitor const& visit)
{
    while (group.size() > 1) {
        visit(mount + group);
        group.erase(group.rfind('/'));
    }
    visit(mount);
}

struct MemoryLimit {
    std::uint64_t total { no_limit };
    std::uint64_t available { no_limit };
};

void apply_limit(MemoryLimit& limit, std::string const& folder, std::string_view maximum_file,
    std::string_view usage_file, std::string_view cache_name)
{
    auto const maximum = leading_number(read_or_empty(fmt::format("{}/{}", folder, maximum_file)));
    if (!maximum)
        return;
    limit.total = std::min(limit.total, *maximum);
    auto const usage
        = leading_number(read_or_empty(fmt::format("{}/{}", folder, usage_file))).value_or(0);
    // File pages that nobody used lately are given back under pressure.
    auto const cache
        = leading_number(value_of(read_or_empty(folder + "/memory.stat"), cache_name)).value_or(0);
    auto const held = usage - std::min(usage, cache);
    limit.available = std::min(limit.available, *maximum - std::min(*maximum, held));
}

MemoryLimit memory_limit(HostPaths const& paths)
{
    MemoryLimit limit;
    each_group(paths.cgroup, cgroup_of(paths, ""), [&](std::string const& folder) {
        apply_limit(limit, folder, "memory.max", "memory.current", "inactive_file ");
    });
    each_group(
        paths.cgroup + "/memory", cgroup_of(paths, "memory"), [&](std::string const& folder) {
            apply_limit(limit, folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                "total_inactive_file ");
        });
    return limit;
}

// Whole cpus that a quota per period allows.
void apply_quota(
    std::uint32_t& cpus, std::optional<std::uint64_t> quota, std::optional<std::uint64_t> period)
{
    if (quota && period && *period > 0) {
        auto const whole = std::max<std::uint64_t>(*quota / *period, 1);
        cpus = static_cast<std::uint32_t>(std::min<std::uint64_t>(cpus, whole));
    }
}

std::uint32_t usable_cpus(HostPaths const& paths)
{
    // Larger machines have more cpus than cpu_set_t has bits, and say EINVAL.
    constexpr std::size_t most_cpus = 8192;
    std::vector<unsigned long> mask(most_cpus / (8 * sizeof(unsigned long)), 0);
    auto* const set = static_cast<cpu_set_t*>(static_cast<void*>(mask.data()));
    std::uint32_t cpus = 1;
    if (::sched_getaffinity(0, most_cpus / 8, set) == 0)
        cpus = static_cast<std::uint32_t>(std::max(CPU_COUNT_S(most_cpus / 8, set), 1));
    each_group(paths.cgroup, cgroup_of(paths, ""), [&](std::string const& folder) {
        auto const text = read_or_empty(folder + "/cpu.max");
        auto const blank = std::min(text.find(' '), text.size());
        apply_quota(
            cpus, leading_number(text), leading_number(std::string_view(text).substr(blank)));
    });
    each_group(paths.cgroup + "/cpu", cgroup_of(paths, "cpu"), [&](std::string const& folder) {
        // -1, which is no number here, stands for no limit.
        apply_quota(cpus, leading_number(read_or_empty(folder + "/cpu.cfs_quota_us")),
            leading_number(read_or_empty(folder + "/cpu.cfs_period_us")));
    });
    return cpus;
}

std::string cpu_model(HostPaths const& paths)
{
    auto const text = read_or_empty(paths.proc + "/cpuinfo");
    auto model = value_of(text, "model name");
    model.remove_prefix(std::min(model.find_first_not_of(" \t:"), model.size()));
    return std::string(model);
}

}

HostFacts read_host_facts(HostPaths const& paths)
{
    HostFacts facts;
    utsname names {};
    ::uname(&names);
    facts.hostname = names.nodename;
    facts.os_family = "linux";
    std::string_view const machine = names.machine;
    facts.cpu_arch = machine == "aarch64" ? "arm64" : std::string(machine);
    facts.cpu_model = cpu_model(paths);
    facts.cpu_count = usable_cpus(paths);
    auto const meminfo = read_or_empty(paths.proc + "/meminfo");
    facts.memory_total_bytes = std::min(
        meminfo_bytes(meminfo, "MemTotal:"), memory_limit(paths).total);
    return facts;
}

std::uint64_t memory_available_bytes(HostPaths const& paths)
{
    auto const meminfo = read_or_empty(paths.proc + "/meminfo");
    return std::min(meminfo_bytes(meminfo, "MemAvailable:"), memory_limit(paths).available);
}

}
