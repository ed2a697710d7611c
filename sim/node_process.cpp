// The processes of a simulated node: what starts, how long it runs, how it ends.
#include <sim/node_host.h>

#include <base/verify.h>

#include <algorithm>
#include <charconv>

namespace sidereal::sim {

using namespace std::chrono_literals;

namespace {

// The agent names a log after its attempt.
AttemptId attempt_of_log(std::string const& path)
{
    auto const name = std::string_view(path).substr(path.rfind('/') + 1);
    return parse_id<AttemptId>(name.substr(0, name.find('.'))).value_or(AttemptId {});
}

agent::ActionEnd exited(int code)
{
    agent::ActionEnd end;
    end.exit_code = code;
    if (code != 0)
        end.tail = "the renderer gave up\n";
    return end;
}

agent::ActionEnd killed_by(int signal)
{
    agent::ActionEnd end;
    end.signal = signal;
    return end;
}

}

void NodeHost::run(agent::RunAction const& action)
{
    auto process = admit(action);
    if (!process)
        return;
    auto const& script = process->script;
    services_.trace_event("node {} runs action {}: {} {} of attempt {}", peer_, action.action.value,
        static_cast<int>(script.kind), script.name, process->attempt.value);
    if (prng_.chance(work_.not_started)) {
        sessions_.ended(process->dir, script, false);
        services_.ledger.process_failed(process->attempt);
        agent::ActionEnd end;
        end.not_started = "no such file or directory";
        return tell_end(action.action, end);
    }
    auto const is_task = script.kind == Script::Kind::task;
    if (is_task)
        services_.ledger.process_starts(
            process->attempt, services_.ledger.node_of_key(fmt::format("key-{}", peer_)));
    auto const& started = processes_[action.action] = std::move(*process);
    check_room();
    if (script.kind == Script::Kind::exit
        && services_.options.mutation == Mutation::skip_environment_exit)
        return end_after(1ms, action.action, exited(0));
    draw_fate(action.action, started);
}

std::optional<NodeHost::Process> NodeHost::admit(agent::RunAction const& action)
{
    auto script = Script::parse(action.argv);
    if (!script) {
        services_.verdict.fail("node {} runs what no job asked for", peer_);
        return std::nullopt;
    }
    Process process { *script, {}, action.working_dir, 0, {}, services_.agenda.now() };
    openjd::Job const* spec = nullptr;
    std::size_t step = 0;
    if (script->kind != Script::Kind::exit) {
        process.attempt = attempt_of_log(action.log_path);
        auto const* attempt = services_.ledger.attempt(process.attempt);
        if (!attempt) {
            services_.verdict.fail("node {} runs attempt {}, which was never made durable", peer_,
                process.attempt.value);
            return std::nullopt;
        }
        spec = services_.ledger.specs().at(attempt->record.job).get();
        step = attempt->record.step;
        check_sight(action, attempt->record.gpus);
        if (script->kind == Script::Kind::task) {
            process.vcpus = attempt->record.vcpus;
            process.gpus = attempt->record.gpus;
            if (process.vcpus < farm::demand_of(spec->steps[step].requirements).vcpus())
                services_.verdict.fail(
                    "attempt {} got less than it asks for", process.attempt.value);
            std::vector<std::string> values;
            for (auto const& parameter :
                spec->steps[step].space.at(attempt->record.task, attempt->record.tasks))
                values.push_back(parameter.value);
            if (script->name != spec->steps[step].name || script->values != values)
                services_.verdict.fail(
                    "attempt {} runs another task than its own", process.attempt.value);
        }
    }
    if (script->kind != Script::Kind::exit
        || services_.options.mutation != Mutation::skip_environment_exit)
        sessions_.starts(process.dir, *script, spec, step, action.environment);
    if (script->kind == Script::Kind::enter
        && services_.options.mutation == Mutation::enter_environment_twice) {
        sessions_.ended(process.dir, *script, true);
        sessions_.starts(process.dir, *script, spec, step, action.environment);
    }
    return process;
}

void NodeHost::check_room()
{
    double vcpus = 0;
    for (auto const& [action, process] : processes_)
        vcpus += process.vcpus;
    if (vcpus > services_.options.vcpus[peer_] + 1e-9)
        services_.verdict.fail("node {} runs processes of {} vcpus and has {}", peer_, vcpus,
            services_.options.vcpus[peer_]);
    check_gpus();
}

void NodeHost::check_gpus() const
{
    std::map<std::string, double> taken;
    for (auto const& [action, process] : processes_)
        for (auto const& part : process.gpus)
            taken[part.uuid] += part.part;
    for (auto const& [uuid, part] : taken)
        if (part > 1 + 1e-9)
            services_.verdict.fail("node {} runs tasks with {} times {}", peer_, part, uuid);
}

void NodeHost::check_sight(agent::RunAction const& action, wire::GpuParts const& gpus)
{
    if (services_.options.gpus[peer_] == 0)
        return;
    std::string wanted = "SIDEREAL_GPUS=";
    for (auto const& part : gpus)
        wanted += (wanted.ends_with('=') ? "" : ",") + part.uuid;
    auto const& environment = action.environment;
    if (std::find(environment.begin(), environment.end(), wanted) == environment.end())
        services_.verdict.fail("node {} runs something that does not see {}", peer_, wanted);
}

void NodeHost::draw_fate(agent::ActionId action, Process const& process)
{
    auto const is_task = process.script.kind == Script::Kind::task;
    auto const longest = is_task ? work_.task_time_max : work_.task_time_max / 8;
    auto const time = draw_between(prng_, 1ms, std::max<Duration>(longest, 2ms));
    auto const fails = prng_.chance(is_task ? work_.fails : work_.fails / 4);
    if (is_task && prng_.chance(0.3))
        say(action, time / 2, "openjd_progress: 50");
    if (is_task && prng_.chance(0.1))
        say(action, time / 3, "openjd_status: half way");
    if (fails && prng_.chance(0.2))
        say(action, time / 2, "openjd_fail: no more light");
    if (fails && prng_.chance(0.3))
        print(action, time / 2, prng_.chance(0.5) ? "Stale file handle" : "std::bad_alloc");
    if (process.script.kind == Script::Kind::enter && !fails) {
        if (prng_.chance(0.5))
            say(action, time / 2, "openjd_env: " + SessionAudit::variable_of(process.script));
        else if (prng_.chance(work_.fails / 8))
            say(action, time / 2, "openjd_env: =nameless");
    }
    if (process.script.may_hang && prng_.chance(work_.hangs))
        return;
    auto const by_signal = fails && prng_.chance(0.2);
    end_after(time, action, by_signal ? killed_by(11) : exited(fails ? 1 : 0));
}

void NodeHost::say(agent::ActionId action, Duration after, std::string line)
{
    services_.agenda.after(after, [this, action, line = std::move(line), life = life_] {
        auto const found = processes_.find(action);
        if (life != life_ || found == processes_.end())
            return;
        VERIFY(agent::line_matters(line));
        auto const& process = found->second;
        if (line == "openjd_env: " + SessionAudit::variable_of(process.script))
            sessions_.variable_set(process.dir, process.script);
        handle([&](auto& agent, Now now, auto& effects) {
            agent.on_line(action, line, now, effects);
        });
    });
}

// Output that only log rules know.
void NodeHost::print(agent::ActionId action, Duration after, std::string line)
{
    services_.agenda.after(after, [this, action, line = std::move(line), life = life_] {
        if (life == life_ && processes_.contains(action))
            agent_->takes_line(action, line);
    });
}

void NodeHost::signal(agent::SignalAction const& signal)
{
    // Too late for the process, and yet the agent counts it as stopped.
    if (auto const over = untold_.find(signal.action); over != untold_.end())
        services_.ledger.process_failed(over->second);
    auto const found = processes_.find(signal.action);
    if (found == processes_.end())
        return;
    services_.ledger.process_failed(found->second.attempt);
    services_.trace_event("node {} signals action {}: {}", peer_, signal.action.value,
        static_cast<int>(signal.signal));
    if (signal.signal == agent::Signal::kill)
        return end_after(draw_between(prng_, 100us, 20ms), signal.action, killed_by(9));
    if (!prng_.chance(work_.ignores_terminate))
        end_after(draw_between(prng_, 1ms, 500ms), signal.action,
            prng_.chance(0.2) ? exited(0) : killed_by(15));
}

void NodeHost::end_after(Duration wait, agent::ActionId action, agent::ActionEnd end)
{
    services_.agenda.after(wait, [this, action, end = std::move(end), life = life_] {
        if (life == life_ && processes_.contains(action))
            end_process(action, end);
    });
}

void NodeHost::end_process(agent::ActionId action, agent::ActionEnd end)
{
    auto const process = processes_.extract(action).mapped();
    auto const well = end.exit_code == 0;
    services_.trace_event("node {}: action {} of attempt {} ends {}", peer_, action.value,
        process.attempt.value, std::string_view(well ? "well" : "badly"));
    sessions_.ended(process.dir, process.script, well);
    untold_[action] = process.attempt;
    if (well && process.script.kind == Script::Kind::task)
        services_.ledger.process_succeeded(process.attempt);
    if (!well)
        services_.ledger.process_failed(process.attempt);
    end.wall = services_.agenda.now() - process.since;
    end.cpu = end.wall * 9 / 10;
    end.max_rss_bytes = (std::uint64_t { 1 } + process.attempt.value * 37 % 700) << 20;
    tell_end(action, std::move(end));
}

void NodeHost::tell_end(agent::ActionId action, agent::ActionEnd end)
{
    services_.agenda.after(
        draw_between(prng_, 50us, 2ms), [this, action, end = std::move(end), life = life_] {
            if (life != life_ || !alive())
                return;
            untold_.erase(action);
            handle([&](auto& agent, Now now, auto& effects) {
                agent.on_action_ended(action, end, now, effects);
            });
        });
}

}
