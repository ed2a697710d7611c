#include <io/spawn.h>

#include <base/verify.h>
#include <io/errno_error.h>

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstdint>
#include <string_view>

namespace sidereal::io {

namespace {

constexpr std::size_t stack_bytes = 64UL * 1024;
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

enum class Step : std::uint8_t {
    none,
    prepare,
    change_folder,
    execute,
};

// What the child needs, and where it leaves word when it fails.
struct ChildOrder {
    char const* program;
    char* const* argv;
    char* const* environment;
    char const* working_dir;
    int null_device;
    int output;
    pid_t parent;
    Step failed_step;
    int error;
};

// Runs in the parent's memory while the parent's thread sleeps: async-signal-safe calls only, and
// no instrumentation, whose own state this would confuse.
__attribute__((no_sanitize("address", "thread", "undefined"))) int run_child(void* argument)
{
    auto* const order = static_cast<ChildOrder*>(argument);
    auto const give_up = [order](Step step) {
        order->error = errno;
        order->failed_step = step;
        ::_exit(127);
    };
    if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(Step::prepare);
    // The parent may have died before the line above.
    if (::getppid() != order->parent)
        ::_exit(127);
    if (::dup2(order->null_device, 0) < 0 || ::dup2(order->output, 1) < 0
        || ::dup2(order->output, 2) < 0)
        give_up(Step::prepare);
    if (order->working_dir && ::chdir(order->working_dir) != 0)
        give_up(Step::change_folder);
    // What we open is close-on-exec; what whoever started us left open may not be.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);

    // Handlers go before the mask: they must not run here, in the parent's memory.
    struct sigaction standard { };
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal)
        ::sigaction(signal, &standard, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(order->program, order->argv, order->environment);
    give_up(Step::execute);
    return 127;
}

// clone3 has no wrapper in glibc, and syscall(2) cannot return on the child's new stack. Moving the
// child by a write to cgroup.procs instead would take a lock over all processes of the machine: a
// quarter of a millisecond or more for each start. Returns like clone(2).
pid_t clone_into_cgroup(clone_args& how, int (*run)(void*), void* argument)
{
#if defined(__x86_64__)
    long result = SYS_clone3;
    asm volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "mov %[argument], %%rdi\n\t"
        "call *%[run]\n\t"
        "mov %%eax, %%edi\n\t"
        "mov %[exit], %%eax\n\t"
        "syscall\n\t"
        "hlt\n"
        "1:"
        : "+a"(result)
        : "D"(&how), "S"(sizeof how), [run] "r"(run), [argument] "r"(argument), [exit] "i"(SYS_exit)
        : "rcx", "r11", "memory");
    if (result >= 0)
        return static_cast<pid_t>(result);
    errno = static_cast<int>(-result);
#else
    (void)how, (void)run, (void)argument;
    errno = ENOSYS;
#endif
    return -1;
}

// As vfork does: this thread sleeps until the child has its own memory, or has ended.
pid_t clone_child(void* stack, int cgroup, int& pidfd, int (*run)(void*), void* argument)
{
    if (cgroup < 0)
        return ::clone(run, static_cast<char*>(stack) + stack_bytes,
            CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, argument, &pidfd);
    clone_args how {};
    how.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP;
    how.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    how.exit_signal = SIGCHLD;
    how.stack = reinterpret_cast<std::uintptr_t>(stack);
    how.stack_size = stack_bytes;
    how.cgroup = static_cast<__u64>(cgroup);
    return clone_into_cgroup(how, run, argument);
}

__attribute__((no_sanitize("address", "thread", "undefined"))) int end_at_once(void*)
{
    ::_exit(0);
}

// All signals blocked on this thread for as long as it lives.
class BlockedSignals {
public:
    BlockedSignals()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    BlockedSignals(BlockedSignals const&) = delete;
    BlockedSignals& operator=(BlockedSignals const&) = delete;

private:
    sigset_t before_;
};

// Descriptors 0 to 2 are the child's: ours must not stand there, should this process have closed
// its own.
Result<UniqueFd> above_standard(UniqueFd fd)
{
    if (fd.get() > 2)
        return fd;
    UniqueFd higher(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
    if (!higher)
        return fail_errno(errno, "cannot copy a descriptor");
    return higher;
}

void fill_pointers(std::vector<char*>& into, std::span<std::string const> texts)
{
    into.clear();
    for (auto const& text : texts)
        into.push_back(const_cast<char*>(text.c_str()));
    into.push_back(nullptr);
}

std::string_view path_of(std::span<std::string const> environment)
{
    for (std::string_view const entry : environment) {
        if (entry.starts_with("PATH="))
            return entry.substr(5);
    }
    return default_path;
}

tl::unexpected<Error> start_failure(SpawnWhat const& what, ChildOrder const& order)
{
    auto const& name = what.argv.front();
    auto const reason = errno_text(order.error);
    if (order.failed_step == Step::change_folder) {
        return fail(errno_code(order.error), "cannot start {}: working folder {}: {}", name,
            what.working_dir, reason);
    }
    if (order.failed_step == Step::execute && order.error == ENOENT) {
        struct stat about { };
        auto const* const missing = ::stat(order.program, &about) == 0
            ? "its interpreter (the #! line or the loader) is not there"
            : "no such file";
        return fail(ErrorCode::not_found, "cannot start {}: {}", name, missing);
    }
    if (order.failed_step == Step::execute && order.error == ENOEXEC) {
        return fail(ErrorCode::invalid_input,
            "cannot start {}: neither a program for this machine nor a script with a #! line",
            name);
    }
    return fail(errno_code(order.error), "cannot start {}: {}", name, reason);
}

}

Result<std::string> find_program(std::string const& name, std::span<std::string const> environment)
{
    if (name.empty())
        return fail(ErrorCode::invalid_input, "cannot start a program without a name");
    if (name.find('/') != std::string::npos)
        return name;
    auto const path = path_of(environment);
    auto found_unusable = false;
    auto rest = path;
    std::string candidate;
    for (;;) {
        auto const colon = rest.find(':');
        auto const folder = rest.substr(0, colon);
        candidate.assign(folder).append("/").append(name);
        struct stat about { };
        if (folder.starts_with('/') && ::stat(candidate.c_str(), &about) == 0
            && S_ISREG(about.st_mode)) {
            if (::access(candidate.c_str(), X_OK) == 0)
                return candidate;
            found_unusable = true;
        }
        if (colon == std::string_view::npos)
            break;
        rest.remove_prefix(colon + 1);
    }
    if (found_unusable) {
        return fail(
            ErrorCode::io_failed, "cannot start {}: found on PATH but not executable", name);
    }
    return fail(ErrorCode::not_found, "cannot start {}: not found on PATH (PATH={})", name, path);
}

Status try_cgroup(int cgroup)
{
    void* const stack = ::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    VERIFY(stack != MAP_FAILED);
    int pidfd = -1;
    pid_t pid = -1;
    int error = 0;
    {
        BlockedSignals const blocked;
        pid = clone_child(stack, cgroup, pidfd, end_at_once, nullptr);
        error = errno;
    }
    ::munmap(stack, stack_bytes);
    if (pid < 0)
        return fail_errno(error, "the system starts no process in a cgroup");
    UniqueFd const closing(pidfd);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (status != 0)
        return fail(ErrorCode::io_failed, "the system kills what is started in a cgroup");
    return {};
}

Spawner::Spawner()
    : stack_(::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0))
    , null_device_(::open("/dev/null", O_RDONLY | O_CLOEXEC))
{
    VERIFY(stack_ != MAP_FAILED);
    VERIFY(null_device_);
    if (auto higher = above_standard(std::move(null_device_)))
        null_device_ = *std::move(higher);
    // Inherited as ignored, it would make the kernel reap our children before we read their end.
    struct sigaction current { };
    ::sigaction(SIGCHLD, nullptr, &current);
    if (current.sa_handler == SIG_IGN)
        ::signal(SIGCHLD, SIG_DFL);
}

Spawner::~Spawner() { ::munmap(stack_, stack_bytes); }

Result<SpawnedChild> Spawner::spawn(SpawnWhat const& what)
{
    if (what.argv.empty())
        return fail(ErrorCode::invalid_input, "cannot start a program without a name");
    auto const program = TRY(find_program(what.argv.front(), what.environment));
    fill_pointers(argv_, what.argv);
    fill_pointers(environment_, what.environment);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail_errno(errno, "cannot start {}: no pipe", what.argv.front());
    UniqueFd reading(ends[0]);
    auto const writing = TRY(above_standard(UniqueFd(ends[1])));

    ChildOrder order { program.c_str(), argv_.data(), environment_.data(),
        what.working_dir.empty() ? nullptr : what.working_dir.c_str(), null_device_.get(),
        writing.get(), ::getpid(), Step::none, 0 };
    int pidfd = -1;
    pid_t pid = -1;
    int error = 0;
    {
        BlockedSignals const blocked;
        pid = clone_child(stack_, what.cgroup, pidfd, run_child, &order);
        error = errno;
    }
    if (pid < 0)
        return fail_errno(error, "cannot start {}", what.argv.front());
    SpawnedChild child { pid, UniqueFd(pidfd), std::move(reading) };
    if (order.failed_step != Step::none) {
        ::waitpid(pid, nullptr, 0);
        return start_failure(what, order);
    }
    ::fcntl(child.output.get(), F_SETFL, O_NONBLOCK);
    return child;
}

}
