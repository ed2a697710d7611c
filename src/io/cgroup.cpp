#include <io/cgroup.h>

#include <io/errno_error.h>
#include <io/file.h>
#include <io/spawn.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

namespace sidereal::io {

namespace {

constexpr std::size_t file_limit_bytes = 1024UL * 1024;
// How long a leaving agent waits for killed processes to be gone.
constexpr int farewell_turns = 50;
constexpr int farewell_turn_ms = 10;

std::string_view take_line(std::string_view& text)
{
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

std::string_view take_word(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    auto const word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

std::uint64_t number_in(std::string_view text)
{
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// From "name value" lines; 0 where the name is not there.
std::uint64_t value_of(std::string_view text, std::string_view name)
{
    while (!text.empty()) {
        auto line = take_line(text);
        if (take_word(line) == name)
            return number_in(take_word(line));
    }
    return 0;
}

bool has_word(std::string_view text, std::string_view wanted)
{
    auto line = take_line(text);
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        if (word == wanted)
            return true;
    }
    return false;
}

UniqueFd open_if_there(std::string const& path, int flags)
{
    return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
}

// From the beginning; the kernel makes the text anew each time.
std::string read_again(UniqueFd const& file)
{
    char text[4096];
    auto const got = file ? ::pread(file.get(), text, sizeof text, 0) : -1;
    return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string();
}

struct Mount {
    // The group that is at the mount's top, and where that is.
    std::string root;
    std::string point;
};

// proc(5): "id parent device root point options [tags] - type source options".
std::optional<Mount> cgroup_mount(std::string_view mountinfo)
{
    while (!mountinfo.empty()) {
        auto line = take_line(mountinfo);
        auto const dash = line.find(" - ");
        if (dash == std::string_view::npos || !line.substr(dash + 3).starts_with("cgroup2 "))
            continue;
        for (int field = 0; field < 3; ++field)
            take_word(line);
        auto const root = take_word(line);
        return Mount { std::string(root), std::string(take_word(line)) };
    }
    return std::nullopt;
}

// "0::/path", the line of version 2.
std::string own_group_of(std::string_view table)
{
    while (!table.empty()) {
        auto const line = take_line(table);
        if (line.starts_with("0::/"))
            return std::string(line.substr(3));
    }
    return {};
}

// Where this process's group is to be found as a folder.
Result<std::string> own_folder(CgroupPaths const& paths)
{
    auto const mount = cgroup_mount(TRY(read_file(paths.mountinfo)));
    if (!mount)
        return fail(ErrorCode::not_found, "no cgroup v2 hierarchy is mounted");
    auto group = own_group_of(TRY(read_file(paths.own_group)));
    auto const top = mount->root == "/" ? std::string() : mount->root;
    if (group.starts_with(top + '/') || group == top)
        group.erase(0, top.size());
    else
        group = "..";
    if (group.find("..") != std::string::npos)
        return fail(ErrorCode::not_found, "this process's own group is outside of the mount {}",
            mount->point);
    auto const end = group.find_last_not_of('/');
    group.erase(end == std::string::npos ? 0 : end + 1);
    return mount->point + group;
}

// Lets the groups below count their memory, where that is possible: a group that passes a
// controller on must have no processes of its own, the root of the whole tree excepted. So where
// this process is alone in its group it moves into one below; where others are there too, memory is
// not counted by groups.
void pass_memory_on(std::string const& folder)
{
    auto const says = [&](char const* file, std::string_view word) {
        auto const text = read_file(folder + '/' + file, file_limit_bytes).value_or("");
        return has_word(text, word);
    };
    if (!says("cgroup.controllers", "memory") || says("cgroup.subtree_control", "memory"))
        return;
    auto const is_root = !path_exists(folder + "/cgroup.type");
    auto const self = std::to_string(::getpid());
    auto const members = read_file(folder + "/cgroup.procs", file_limit_bytes).value_or("");
    if (!is_root && members == self + '\n' && make_directories(folder + "/agent", 0755))
        (void)write_file(folder + "/agent/cgroup.procs", self);
    // Refused where processes are left.
    (void)write_file(folder + "/cgroup.subtree_control", "+memory");
}

template<typename Visitor>
void each_folder(std::string const& path, Visitor const& visit)
{
    std::error_code failure;
    for (auto const& entry : std::filesystem::directory_iterator(path, failure)) {
        if (entry.is_directory(failure) && !entry.is_symlink(failure))
            visit(entry.path().string());
    }
}

// Groups within groups first. Only folders can be removed in this tree; the files go with them.
bool remove_group(std::string const& path)
{
    each_folder(path, remove_group);
    return ::rmdir(path.c_str()) == 0 || errno == ENOENT;
}

}

CgroupLeaf::~CgroupLeaf()
{
    if (folder_)
        ::rmdir(path_.c_str());
}

void CgroupLeaf::kill() const { (void)write_file(path_ + "/cgroup.kill", "1"); }

Result<Cgroup> Cgroup::make(std::string path)
{
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
        return fail_errno(errno, "cannot make the group {}", path);
    Cgroup group;
    group.kill_ = open_if_there(path + "/cgroup.kill", O_WRONLY);
    if (!group.kill_)
        return fail(ErrorCode::not_found, "{} has no cgroup.kill: Linux 5.14 has it", path);
    group.cpu_stat_ = open_if_there(path + "/cpu.stat", O_RDONLY);
    group.memory_peak_ = open_if_there(path + "/memory.peak", O_RDONLY);
    if (group.memory_peak_)
        group.memory_stat_ = open_if_there(path + "/memory.stat", O_RDONLY);
    group.memory_events_ = open_if_there(path + "/memory.events", O_RDONLY);
    group.path_ = std::move(path);
    return group;
}

Result<CgroupLeaf> Cgroup::leaf()
{
    while (true) {
        auto path = fmt::format("{}/{}", path_, ++last_leaf_);
        if (::mkdir(path.c_str(), 0755) == 0) {
            auto folder = open_if_there(path, O_RDONLY | O_DIRECTORY);
            if (!folder)
                return fail_errno(errno, "cannot open the group {}", path);
            return CgroupLeaf(std::move(path), std::move(folder));
        }
        // Some may be left from an earlier life.
        if (errno != EEXIST)
            return fail_errno(errno, "cannot make the group {}", path);
    }
}

Cgroup::Usage Cgroup::usage() const
{
    Usage usage;
    auto const cpu = read_again(cpu_stat_);
    usage.user_cpu = Duration(value_of(cpu, "user_usec"));
    usage.system_cpu = Duration(value_of(cpu, "system_usec"));
    usage.oom_kills = value_of(read_again(memory_events_), "oom_kill");
    auto const peak = read_again(memory_peak_);
    if (peak.empty())
        return usage;
    usage.peak_bytes = number_in(peak);
    auto const memory = read_again(memory_stat_);
    // Shared memory is among the files and cannot be given back.
    auto const files = value_of(memory, "file");
    usage.cache_bytes = files - std::min(files, value_of(memory, "shmem"));
    return usage;
}

Duration Cgroup::cpu() const { return Duration(value_of(read_again(cpu_stat_), "usage_usec")); }

std::vector<pid_t> Cgroup::processes() const
{
    std::vector<pid_t> found;
    each_folder(path_, [&](std::string const& leaf) {
        auto const text = read_file(leaf + "/cgroup.procs", file_limit_bytes).value_or("");
        for (std::string_view rest(text); !rest.empty();)
            found.push_back(static_cast<pid_t>(number_in(take_line(rest))));
    });
    return found;
}

void Cgroup::kill() const
{
    // Refused only where the group is gone, and with it all that was in it.
    (void)!::pwrite(kill_.get(), "1", 1, 0);
}

Result<CgroupBranch> CgroupBranch::make(std::string const& own_folder, std::string const& name)
{
    pass_memory_on(own_folder);
    CgroupBranch branch(own_folder + '/' + name);
    auto const top = TRY(Cgroup::make(branch.path_));
    top.kill();
    each_folder(branch.path_, [&](std::string path) { branch.dying_.push_back(std::move(path)); });
    branch.sweep();
    pass_memory_on(branch.path_);
    return branch;
}

Result<CgroupBranch> CgroupBranch::claim(std::string const& owner_dir, CgroupPaths const& paths)
{
    struct stat about { };
    if (::stat(owner_dir.c_str(), &about) != 0)
        return fail_errno(errno, "cannot look at {}", owner_dir);
    auto const above = TRY(own_folder(paths));
    auto branch = TRY(make(above, fmt::format("sidereal-{:x}-{:x}", about.st_dev, about.st_ino)));
    auto* const group = TRY(branch.group("first"));
    {
        auto const leaf = TRY(group->leaf());
        TRY(try_cgroup(leaf.fd()));
    }
    branch.end("first");
    return branch;
}

CgroupBranch::~CgroupBranch()
{
    while (!groups_.empty())
        end(std::string(groups_.begin()->first));
    for (int turn = 0; !dying_.empty() && turn < farewell_turns; ++turn) {
        ::poll(nullptr, 0, farewell_turn_ms);
        sweep();
    }
    if (!path_.empty())
        ::rmdir(path_.c_str());
}

Result<Cgroup*> CgroupBranch::group(std::string const& name)
{
    auto found = groups_.find(name);
    if (found == groups_.end()) {
        auto made = TRY(Cgroup::make(path_ + '/' + name));
        found = groups_.emplace(name, std::move(made)).first;
    }
    return &found->second;
}

void CgroupBranch::end(std::string const& name)
{
    auto const found = groups_.find(name);
    if (found == groups_.end())
        return;
    found->second.kill();
    groups_.erase(found);
    dying_.push_back(path_ + '/' + name);
    sweep();
}

void CgroupBranch::sweep() { std::erase_if(dying_, remove_group); }

bool CgroupBranch::measures_memory() const
{
    auto const passed_on = read_file(path_ + "/cgroup.subtree_control", file_limit_bytes);
    return passed_on && has_word(*passed_on, "memory");
}

}
