#include <app/agent_host.h>

#include <app/note_log.h>
#include <base/verify.h>
#include <io/clock.h>
#include <io/file.h>
#include <wire/codec.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace sidereal::app {

namespace {

// Longer than the brain holds a call.
constexpr auto call_timeout = std::chrono::seconds(25);
constexpr auto log_pruning_pause = std::chrono::minutes(10);

agent::ActionEnd to_action_end(io::ProcessEnd const& end)
{
    agent::ActionEnd action;
    action.exit_code = end.exit_code;
    action.signal = end.signal;
    action.wall = end.wall;
    action.cpu = end.user_cpu + end.system_cpu;
    action.max_rss_bytes = end.max_rss_bytes;
    action.max_vram_bytes = end.max_vram_bytes;
    action.tail = end.tail;
    action.oom_killed = end.oom_killed;
    return action;
}

// A session's folder gives its cgroup the name.
std::string name_of(std::string const& session_dir)
{
    return session_dir.substr(session_dir.rfind('/') + 1);
}

// What the brain says in words when it does not take a call.
Error refusal(io::HttpResponse const& response)
{
    Error error { error_code_of_http(response.status),
        fmt::format("the brain answered with status {}", response.status) };
    auto const body = parse_json(response.body);
    if (!body || !body->is_object())
        return error;
    auto const told = get_object(body->get_object(), "error");
    if (told)
        error.message = get_string(**told, "message").value_or(error.message);
    return error;
}

}

AgentHost::AgentHost(io::Loop& loop, io::Log& log, agent::Config config, FindBrain find_brain,
    std::optional<io::CgroupBranch> cgroups, LogLimits log_limits)
    : loop_(loop)
    , log_(log)
    , log_keeper_(config.logs_dir, log_limits)
    , agent_(std::move(config))
    , find_brain_(std::move(find_brain))
    , cgroups_(std::move(cgroups))
    , processes_(loop)
{
}

void AgentHost::start()
{
    processes_.list_gpu_processes([this] { return gpus_.processes(); });
    prune_logs();
    turn([this](Now now, agent::Effects& effects) { agent_.on_start(now, effects); });
}

void AgentHost::prune_logs()
{
    std::set<AttemptId> live;
    for (auto const& attempts : { agent_.holding(), agent_.running() })
        live.insert(attempts.begin(), attempts.end());
    auto const pruned = log_keeper_.prune(live, io::now().wall);
    if (pruned.files > 0)
        log_.info("logs_pruned", { { "files", pruned.files }, { "bytes", pruned.bytes } });
    if (!pruned.failure.empty())
        log_.warning("log_not_pruned", { { "reason", pruned.failure } });
    loop_.call_after(log_pruning_pause, [this] { prune_logs(); });
}

void AgentHost::stop()
{
    turn([this](Now now, agent::Effects& effects) { agent_.on_stop(now, effects); });
}

void AgentHost::turn(std::function<void(Now, agent::Effects&)> const& event)
{
    auto const now = io::now();
    agent::Effects effects;
    event(now, effects);
    for (auto const& note : effects.notes)
        write_note(log_, note);
    for (auto& effect : effects.list)
        std::visit([this](auto& one) { carry_out(one); }, effect);
    arm_timer(now);
}

void AgentHost::arm_timer(Now now)
{
    auto const wake = agent_.next_wake();
    if (!wake || (timer_ && timer_at_ <= *wake))
        return;
    loop_.cancel(timer_);
    timer_at_ = std::max(*wake, now.mono);
    timer_ = loop_.call_at(timer_at_, [this] {
        timer_ = {};
        turn([this](Now at, agent::Effects& effects) { agent_.on_tick(at, effects); });
    });
}

Result<AgentHost::Line*> AgentHost::free_line()
{
    if (!address_)
        address_ = TRY(find_brain_());
    auto const free = std::find_if(
        lines_.begin(), lines_.end(), [](Line const& line) { return !line.busy; });
    VERIFY(free != lines_.end());
    if (!free->client || free->address != *address_) {
        free->client = std::make_unique<io::HttpClient>(loop_, address_->host, address_->port);
        free->address = *address_;
    }
    return &*free;
}

void AgentHost::carry_out(agent::CallBrain& effect)
{
    auto const number = effect.request.number;
    auto const found = free_line();
    if (!found)
        return call_failed(number, found.error());
    auto* free = *found;
    free->busy = true;
    io::HttpRequestOut request;
    request.method = "POST";
    request.target = "/v1/sync";
    request.headers.add("Content-Type", "application/json");
    request.body = wire::encode(effect.request);
    free->client->request(std::move(request), call_timeout,
        [this, number, line = free](
            Result<io::HttpResponse> response) { answered(number, *line, std::move(response)); });
}

void AgentHost::call_failed(std::uint64_t number, Error error)
{
    loop_.post([this, number, error = std::move(error)] {
        turn([&](Now now, agent::Effects& effects) {
            agent_.on_call_failed(number, error, now, effects);
        });
    });
}

void AgentHost::answered(std::uint64_t number, Line& line, Result<io::HttpResponse> response)
{
    line.busy = false;
    if (!response) {
        address_.reset();
        return call_failed(number, response.error());
    }
    if (response->status != 200)
        return call_failed(number, refusal(*response));
    auto const reply = wire::decode_sync_reply(response->body);
    if (!reply)
        return call_failed(number, reply.error());
    turn([&](Now now, agent::Effects& effects) { agent_.on_reply(number, *reply, now, effects); });
}

void AgentHost::carry_out(agent::MakeSessionDir& effect)
{
    // If this fails, the first action there fails and says so in its own attempt.
    if (auto const made = io::make_directories(effect.path, 0700); !made)
        log_.error("session_folder_not_made", { { "reason", made.error().message } });
}

void AgentHost::carry_out(agent::RemoveSessionDir& effect)
{
    // First what still runs: it might write there.
    processes_.end_leftovers(effect.path);
    if (cgroups_)
        cgroups_->end(name_of(effect.path));
    if (auto const removed = io::remove_tree(effect.path); !removed)
        log_.warning("session_folder_left", { { "reason", removed.error().message } });
}

Status AgentHost::put_into_cgroup(io::SpawnOptions& options)
{
    auto* const group = TRY(cgroups_->group(name_of(options.working_dir)));
    options.leaf.emplace(TRY(group->leaf()));
    options.cgroup = group;
    return {};
}

void AgentHost::carry_out(agent::RunAction& effect)
{
    auto const action = effect.action;
    auto const run = [&]() -> Result<io::ProcessHandle> {
        for (auto const& file : effect.files)
            TRY(io::write_file(file.path, file.data, file.runnable ? 0700 : 0600));
        io::SpawnOptions options;
        options.measures_vram = effect.has_gpus;
        if (effect.enters)
            options.leaves_to = effect.working_dir;
        options.argv = std::move(effect.argv);
        options.environment = std::move(effect.environment);
        options.working_dir = std::move(effect.working_dir);
        if (auto const put = cgroups_ ? put_into_cgroup(options) : Status {}; !put)
            log_.warning("action_without_cgroup", { { "reason", put.error().message } });
        options.log_path = std::move(effect.log_path);
        options.line_wanted = [this, action](std::string_view line) {
            return agent_.takes_line(action, line);
        };
        options.on_sample = [this, action](io::ProcessSample const& sample) {
            turn([&](Now now, agent::Effects& effects) {
                agent_.on_sample(
                    action, { sample.rss_bytes, sample.cpu, sample.output_bytes }, now, effects);
            });
        };
        options.mask.wanted = [this, action](
                                  std::string_view bytes) { return agent_.hides(action, bytes); };
        options.mask.may_be_wanted = agent::may_declare_secret;
        options.mask.shown = [this, action](
                                 std::string_view line) { return agent_.shown(action, line); };
        options.on_line = [this, action](std::string_view line) {
            turn([&](Now now, agent::Effects& effects) {
                agent_.on_line(action, line, now, effects);
            });
        };
        options.on_end = [this, action](io::ProcessEnd end) {
            running_.erase(action);
            if (end.log_lost_bytes > 0) {
                log_.error(
                    "log_lost", { { "bytes", end.log_lost_bytes }, { "reason", end.log_error } });
                end.tail += fmt::format("\n{} bytes of this output are not in the log: {}\n",
                    end.log_lost_bytes, end.log_error);
            }
            turn([&](Now now, agent::Effects& effects) {
                agent_.on_action_ended(action, to_action_end(end), now, effects);
            });
        };
        return processes_.start(std::move(options));
    };
    auto const started = run();
    if (started) {
        running_[action] = *started;
        return;
    }
    loop_.post([this, action, reason = started.error().message] {
        turn([&](Now now, agent::Effects& effects) {
            agent::ActionEnd end;
            end.not_started = reason;
            agent_.on_action_ended(action, end, now, effects);
        });
    });
}

void AgentHost::carry_out(agent::SignalAction& effect)
{
    if (effect.cancel_info) {
        if (auto const told = io::write_file(effect.cancel_info->path, effect.cancel_info->data);
            !told)
            log_.warning("cancel_info_not_written", { { "reason", told.error().message } });
    }
    auto const running = running_.find(effect.action);
    if (running == running_.end())
        return;
    auto const signal = effect.signal == agent::Signal::kill ? SIGKILL : SIGTERM;
    // A process that has just ended needs no signal.
    (void)processes_.signal_group(running->second, signal);
}

void AgentHost::carry_out(agent::ReadLogFile& effect)
{
    wire::LogChunk chunk;
    chunk.request = effect.request.request;
    chunk.offset = effect.request.offset;
    chunk.attempt_ended = effect.attempt_ended;
    auto const size = io::file_size(effect.path);
    auto const gone = !size && effect.attempt_ended ? log_keeper_.why_gone(effect.request.attempt)
                                                    : std::nullopt;
    // An attempt that has printed nothing has no file.
    if (gone) {
        chunk.failure = *gone;
    } else if (size || size.error().code == ErrorCode::not_found) {
        chunk.log_size = size.value_or(0);
        auto data = size ? io::read_file_range(effect.path, chunk.offset, effect.request.max_bytes)
                         : Result<std::string>(std::string());
        if (data)
            chunk.data = std::move(*data);
        else
            chunk.failure = data.error().message;
    } else {
        chunk.failure = size.error().message;
    }
    loop_.post([this, chunk = std::move(chunk)] {
        turn([&](Now now, agent::Effects& effects) { agent_.on_log_read(chunk, now, effects); });
    });
}

void AgentHost::carry_out(agent::Stop&) { loop_.stop(); }

}
