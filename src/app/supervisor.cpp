#include <app/supervisor.h>

#include <io/loop.h>
#include <io/process.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace sidereal::app {

namespace {

struct Child {
    std::string name;
    io::ProcessHandle process;
    bool ended { false };
};

std::vector<std::string> own_environment()
{
    std::vector<std::string> variables;
    for (auto** entry = environ; *entry; ++entry)
        variables.emplace_back(*entry);
    return variables;
}

}

struct Supervisor::Impl {
    io::Loop loop;
    std::optional<io::ProcessRunner> processes;
    // Guards what follows: the thread writes, the command reads.
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::vector<Child> children;
    std::vector<std::string> ended;
    bool interrupted { false };
    bool stopping { false };
    std::thread thread;

    // Runs the task on the supervisor's thread and waits for it.
    template<typename Task>
    void on_thread(Task task)
    {
        std::mutex done_mutex;
        std::condition_variable done_changed;
        bool done = false;
        loop.post([&] {
            task();
            // Notified under the lock: the waiting side owns both and leaves at once.
            std::scoped_lock const lock(done_mutex);
            done = true;
            done_changed.notify_one();
        });
        std::unique_lock lock(done_mutex);
        done_changed.wait(lock, [&] { return done; });
    }

    void child_ended(std::string const& name)
    {
        std::scoped_lock const lock(mutex);
        for (auto& child : children) {
            if (child.name == name)
                child.ended = true;
        }
        if (!stopping)
            ended.push_back(name);
        changed.notify_all();
    }

    // One that is started again keeps its place in the order in which they are stopped.
    void keep(Child child)
    {
        std::scoped_lock const lock(mutex);
        auto const known = std::find_if(children.begin(), children.end(),
            [&](Child const& other) { return other.name == child.name; });
        if (known == children.end())
            children.push_back(std::move(child));
        else
            *known = std::move(child);
    }

    Result<io::ProcessHandle> spawn(
        std::string const& name, std::vector<std::string> argv, std::string const& log_path)
    {
        io::SpawnOptions options;
        options.argv = std::move(argv);
        options.environment = own_environment();
        options.log_path = log_path;
        options.line_wanted = [](std::string_view) { return false; };
        options.on_end = [this, name](io::ProcessEnd const&) { child_ended(name); };
        return processes->start(std::move(options));
    }
};

Supervisor::Supervisor()
    : impl_(std::make_unique<Impl>())
{
    impl_->loop.on_signal({ SIGINT, SIGTERM }, [impl = impl_.get()](int) {
        std::scoped_lock const lock(impl->mutex);
        impl->interrupted = true;
        impl->changed.notify_all();
    });
    impl_->thread = std::thread([impl = impl_.get()] {
        // Children die with the thread that started them, so this is where they are started.
        impl->processes.emplace(impl->loop);
        impl->loop.run();
        impl->processes.reset();
    });
}

Supervisor::~Supervisor()
{
    impl_->loop.stop();
    impl_->thread.join();
}

Status Supervisor::start(std::string name, std::vector<std::string> arguments, std::string log_path)
{
    std::vector<std::string> argv { "/proc/self/exe" };
    // The child's own /proc/self would be another program's while it is being started.
    std::string self(4096, '\0');
    auto const length = ::readlink("/proc/self/exe", self.data(), self.size());
    if (length > 0)
        argv[0] = self.substr(0, static_cast<std::size_t>(length));
    argv.insert(argv.end(), std::make_move_iterator(arguments.begin()),
        std::make_move_iterator(arguments.end()));

    Result<io::ProcessHandle> started = fail(ErrorCode::internal, "not started");
    impl_->on_thread([&] {
        started = impl_->spawn(name, std::move(argv), log_path);
        // Here, before the loop can hear that it has ended.
        if (started)
            impl_->keep({ name, *started });
    });
    TRY(std::move(started));
    return {};
}

std::vector<std::string> Supervisor::take_ended()
{
    std::scoped_lock const lock(impl_->mutex);
    return std::exchange(impl_->ended, {});
}

void Supervisor::stop_all(Duration grace)
{
    std::unique_lock lock(impl_->mutex);
    impl_->stopping = true;
    auto const count = impl_->children.size();
    for (auto i = count; i-- > 0;) {
        auto const process = impl_->children[i].process;
        auto const gone = [&] { return impl_->children[i].ended; };
        for (auto const signal : { SIGTERM, SIGKILL }) {
            if (gone())
                break;
            lock.unlock();
            impl_->on_thread([&] { (void)impl_->processes->signal_group(process, signal); });
            lock.lock();
            impl_->changed.wait_for(lock, grace, gone);
        }
    }
}

bool Supervisor::interrupted() const
{
    std::scoped_lock const lock(impl_->mutex);
    return impl_->interrupted;
}

void Supervisor::wait()
{
    std::unique_lock lock(impl_->mutex);
    impl_->changed.wait(lock, [&] { return impl_->interrupted || !impl_->ended.empty(); });
}

}
