#include <io/process.h>

#include <base/verify.h>
#include <io/clock.h>
#include <io/errno_error.h>
#include <io/process_output.h>
#include <io/process_scan.h>
#include <io/spawn.h>
#include <io/watch.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sidereal::io {

namespace {

constexpr std::size_t read_buffer_bytes = 64UL * 1024;
// A chatty child gets this many buffers in one turn of the loop, then others have theirs.
constexpr int reads_per_turn = 4;
constexpr Duration leftover_grace = std::chrono::milliseconds(250);
constexpr Duration sample_pause = std::chrono::seconds(1);

Duration to_duration(timeval const& time)
{
    return std::chrono::seconds(time.tv_sec) + Duration(time.tv_usec);
}

std::uint64_t rss_bytes(rusage const& usage)
{
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void kill_all(pid_t leader, Cgroup const* cgroup)
{
    ::kill(-leader, SIGKILL);
    if (cgroup)
        cgroup->kill();
}

std::uint64_t peak_of_one(rusage const& usage, std::uint64_t sampled_bytes)
{
    if (sampled_bytes == 0)
        return rss_bytes(usage);
    // The kernel's figure is not the child's when it is no larger than our own.
    rusage own {};
    ::getrusage(RUSAGE_SELF, &own);
    return rss_bytes(usage) <= rss_bytes(own) ? sampled_bytes
                                              : std::max(rss_bytes(usage), sampled_bytes);
}

void add_cgroup_usage(ProcessEnd& end, Cgroup::Usage const& before, Cgroup::Usage const& after)
{
    end.oom_killed = after.oom_kills > before.oom_kills;
    auto const user = after.user_cpu - before.user_cpu;
    auto const system = after.system_cpu - before.system_cpu;
    // Of a short process the group may lack the last microseconds.
    if (user + system > end.user_cpu + end.system_cpu) {
        end.user_cpu = user;
        end.system_cpu = system;
    }
    // An old peak is another process's. The cache that is left was, most likely, there at the peak
    // too, and no program needs it.
    if (after.peak_bytes && before.peak_bytes && *after.peak_bytes > *before.peak_bytes)
        end.max_rss_bytes = std::max(
            end.max_rss_bytes, *after.peak_bytes - std::min(*after.peak_bytes, after.cache_bytes));
}

struct Process {
    Process(LogFiles& logs, SpawnOptions& options)
        : output(logs, options)
        , cgroup(options.cgroup)
        , leaf(std::move(options.leaf))
        , measures_vram(options.measures_vram)
        , leaves_to(std::move(options.leaves_to))
        , on_sample(std::move(options.on_sample))
        , on_end(std::move(options.on_end))
    {
    }

    std::uint64_t id { 0 };
    pid_t pid { 0 };
    Mono started {};
    Mono ended {};
    ProcessOutput output;
    Cgroup* cgroup;
    std::optional<CgroupLeaf> leaf;
    bool measures_vram;
    std::string leaves_to;
    Cgroup::Usage cgroup_before {};
    Function<void(ProcessSample const&)> on_sample;
    Function<void(ProcessEnd)> on_end;
    std::unique_ptr<Watch> exit_watch;
    // Gone once the output was read to its end.
    std::unique_ptr<Watch> output_watch;
    bool has_exited { false };
    bool killed_leftovers { false };
    TimerId grace_timer;
    std::uint64_t sampled_rss_bytes { 0 };
    std::uint64_t sampled_vram_bytes { 0 };
};

}

struct ProcessRunner::Impl {
    explicit Impl(Loop& on_loop)
        : loop(on_loop)
        , read_buffer(read_buffer_bytes)
    {
    }

    void on_readable(Process& process);
    // Whether the pipe is at its end.
    bool read_output(Process& process);
    void on_exit(Process& process);
    void on_grace_over(Process& process);
    void finish(Process& process);
    void arm_sampling();
    // The kernel gave its number to a new process: nobody is left in it.
    void forget_group(pid_t group);
    std::vector<std::pair<std::uint64_t, ProcessSample>> look() const;
    void sample();
    void sample_vram(std::vector<std::pair<std::uint64_t, ProcessSample>> const& sampled);

    Loop& loop;
    Spawner spawner;
    LogFiles logs;
    std::vector<char> read_buffer;
    Function<std::vector<GpuProcess>()> gpu_processes;
    std::uint64_t last_id { 0 };
    std::unordered_map<std::uint64_t, std::unique_ptr<Process>> processes;
    // Groups whose leader has ended, by owner.
    std::map<std::string, std::vector<pid_t>> left;
    TimerId sample_timer;
};

ProcessRunner::ProcessRunner(Loop& loop)
    : impl_(std::make_unique<Impl>(loop))
{
}

ProcessRunner::~ProcessRunner()
{
    for (auto const& [id, process] : impl_->processes) {
        kill_all(process->pid, process->cgroup);
        impl_->loop.cancel(process->grace_timer);
        ::waitpid(process->pid, nullptr, 0);
    }
    while (!impl_->left.empty())
        end_leftovers(std::string(impl_->left.begin()->first));
    impl_->loop.cancel(impl_->sample_timer);
}

Result<ProcessHandle> ProcessRunner::start(SpawnOptions options)
{
    auto const before = options.cgroup ? options.cgroup->usage() : Cgroup::Usage {};
    auto const started = mono_now();
    auto child = TRY(impl_->spawner.spawn({ options.argv, options.environment, options.working_dir,
        options.leaf ? options.leaf->fd() : -1 }));
    impl_->forget_group(child.pid);
    auto const id = ++impl_->last_id;
    auto process = std::make_unique<Process>(impl_->logs, options);
    process->id = id;
    process->pid = child.pid;
    process->started = started;
    process->cgroup_before = before;
    auto* const raw = process.get();
    auto* const impl = impl_.get();
    process->output_watch = std::make_unique<Watch>(
        impl->loop, std::move(child.output), [impl, raw] { impl->on_readable(*raw); });
    process->exit_watch = std::make_unique<Watch>(
        impl->loop, std::move(child.pidfd), [impl, raw] { impl->on_exit(*raw); });
    process->output_watch->await_readable();
    process->exit_watch->await_readable();
    impl_->processes.emplace(id, std::move(process));
    impl_->arm_sampling();
    return ProcessHandle { id };
}

void ProcessRunner::Impl::on_readable(Process& process)
{
    if (!read_output(process)) {
        process.output_watch->await_readable();
        return;
    }
    process.output_watch.reset();
    if (process.has_exited)
        finish(process);
}

bool ProcessRunner::Impl::read_output(Process& process)
{
    for (int count = 0; count < reads_per_turn; ++count) {
        auto const got = ::read(process.output_watch->fd(), read_buffer.data(), read_buffer.size());
        if (got == 0)
            return true;
        if (got < 0)
            return errno != EAGAIN && errno != EINTR;
        auto const bytes = static_cast<std::size_t>(got);
        process.output.take({ read_buffer.data(), bytes });
    }
    return false;
}

void ProcessRunner::Impl::on_exit(Process& process)
{
    process.has_exited = true;
    process.ended = mono_now();
    if (!process.output_watch) {
        finish(process);
        return;
    }
    if (read_output(process)) {
        process.output_watch.reset();
        finish(process);
        return;
    }
    // Either more is there than one turn takes, or somebody else still holds the pipe open.
    process.grace_timer = loop.call_after(
        leftover_grace, [this, &process] { on_grace_over(process); });
}

void ProcessRunner::Impl::on_grace_over(Process& process)
{
    process.grace_timer = {};
    if (!read_output(process)) {
        process.killed_leftovers = process.leaves_to.empty();
        if (process.killed_leftovers)
            ::kill(-process.pid, SIGKILL);
        read_output(process);
    }
    process.output_watch.reset();
    finish(process);
}

void ProcessRunner::Impl::finish(Process& process)
{
    // Before wait4 frees the number: a group of that number is ours until then.
    if (process.leaves_to.empty())
        ::kill(-process.pid, SIGKILL);
    int status = 0;
    rusage usage {};
    VERIFY(::wait4(process.pid, &status, 0, &usage) == process.pid);
    // As long as somebody is in the group nobody else gets its number.
    if (!process.leaves_to.empty() && ::kill(-process.pid, 0) == 0)
        left[process.leaves_to].push_back(process.pid);
    loop.cancel(process.grace_timer);

    ProcessEnd end;
    if (WIFEXITED(status))
        end.exit_code = WEXITSTATUS(status);
    else
        end.signal = WTERMSIG(status);
    end.wall = process.ended - process.started;
    end.user_cpu = to_duration(usage.ru_utime);
    end.system_cpu = to_duration(usage.ru_stime);
    end.max_rss_bytes = peak_of_one(usage, process.sampled_rss_bytes);
    end.max_vram_bytes = process.sampled_vram_bytes;
    if (process.cgroup)
        add_cgroup_usage(end, process.cgroup_before, process.cgroup->usage());
    end.killed_leftovers = process.killed_leftovers;
    process.output.finish(end);
    auto const on_end = std::move(process.on_end);
    processes.erase(process.id);
    if (on_end)
        on_end(std::move(end));
}

void ProcessRunner::Impl::forget_group(pid_t group)
{
    for (auto& [owner, groups] : left)
        std::erase(groups, group);
}

void ProcessRunner::Impl::arm_sampling()
{
    if (!sample_timer)
        sample_timer = loop.call_after(sample_pause, [this] { sample(); });
}

std::vector<std::pair<std::uint64_t, ProcessSample>> ProcessRunner::Impl::look() const
{
    auto const old_enough = mono_now() - sample_pause;
    std::vector<std::pair<std::uint64_t, ProcessSample>> samples;
    std::vector<std::size_t> without_cgroup;
    std::vector<pid_t> leaders;
    for (auto const& [id, process] : processes) {
        if (process->started > old_enough || process->has_exited)
            continue;
        ProcessSample sample;
        sample.output_bytes = process->output.taken_bytes();
        if (process->cgroup) {
            sample.rss_bytes = rss_bytes_of(process->cgroup->processes());
            sample.cpu = process->cgroup->cpu();
        } else {
            without_cgroup.push_back(samples.size());
            leaders.push_back(process->pid);
        }
        samples.emplace_back(id, sample);
    }
    if (leaders.empty())
        return samples;
    auto const uses = group_use(leaders);
    for (std::size_t i = 0; i < uses.size(); ++i) {
        samples[without_cgroup[i]].second.rss_bytes = uses[i].rss_bytes;
        samples[without_cgroup[i]].second.cpu = uses[i].cpu;
    }
    return samples;
}

void ProcessRunner::Impl::sample()
{
    sample_timer = {};
    // Before somebody else's process gets the number.
    for (auto& [owner, groups] : left)
        std::erase_if(groups, [](pid_t group) { return ::kill(-group, 0) != 0; });
    auto const samples = look();
    sample_vram(samples);
    if (!processes.empty())
        arm_sampling();
    for (auto const& [id, sample] : samples) {
        // Whoever hears of one may end another.
        auto const found = processes.find(id);
        if (found == processes.end())
            continue;
        auto& process = *found->second;
        process.sampled_rss_bytes = std::max(process.sampled_rss_bytes, sample.rss_bytes);
        if (process.on_sample)
            process.on_sample(sample);
    }
}

void ProcessRunner::Impl::sample_vram(
    std::vector<std::pair<std::uint64_t, ProcessSample>> const& sampled)
{
    std::vector<Process*> measured;
    for (auto const& [id, sample] : sampled)
        if (auto* const process = processes.at(id).get(); process->measures_vram)
            measured.push_back(process);
    if (measured.empty() || !gpu_processes)
        return;
    auto const users = gpu_processes();
    for (auto* const process : measured) {
        auto const members = process->cgroup ? process->cgroup->processes() : std::vector<pid_t> {};
        std::map<std::size_t, std::uint64_t> sums;
        for (auto const& user : users) {
            auto const is_ours = process->cgroup
                ? std::find(members.begin(), members.end(), user.pid) != members.end()
                : descends_from(user.pid, process->pid);
            if (is_ours)
                sums[user.gpu] += user.memory_bytes;
        }
        for (auto const& [gpu, bytes] : sums)
            process->sampled_vram_bytes = std::max(process->sampled_vram_bytes, bytes);
    }
}

void ProcessRunner::list_gpu_processes(Function<std::vector<GpuProcess>()> list)
{
    impl_->gpu_processes = std::move(list);
}

Status ProcessRunner::signal_group(ProcessHandle process, int signal)
{
    auto const found = impl_->processes.find(process.value);
    if (found == impl_->processes.end())
        return fail(ErrorCode::not_found, "the process has ended already");
    if (signal == SIGKILL && found->second->leaf)
        found->second->leaf->kill();
    if (::kill(-found->second->pid, signal) != 0)
        return fail_errno(errno, "cannot send signal {} to process {}", signal, found->second->pid);
    return {};
}

void ProcessRunner::end_leftovers(std::string const& owner)
{
    auto const groups = impl_->left.extract(owner);
    if (groups.empty())
        return;
    for (auto const group : groups.mapped())
        kill_rest_of_group(group);
}

std::optional<int> ProcessRunner::pid_of(ProcessHandle process) const
{
    auto const found = impl_->processes.find(process.value);
    return found == impl_->processes.end() ? std::nullopt : std::optional(found->second->pid);
}

std::uint64_t ProcessRunner::sampled_rss_bytes(ProcessHandle process) const
{
    auto const found = impl_->processes.find(process.value);
    return found == impl_->processes.end() ? 0 : found->second->sampled_rss_bytes;
}

std::size_t ProcessRunner::running_count() const { return impl_->processes.size(); }

}
