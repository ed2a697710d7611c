#include <sim/session_audit.h>

#include <algorithm>

namespace sidereal::sim {

std::optional<Script> Script::parse(std::vector<std::string> const& argv)
{
    if (argv.size() < 3 || argv[0] != "sim")
        return std::nullopt;
    Script script;
    auto words = argv;
    if (words.back() == "may-hang") {
        script.may_hang = true;
        words.pop_back();
    }
    if (words[1] == "task") {
        script.name = words[2];
        script.values.assign(words.begin() + 3, words.end());
        return script;
    }
    if (words.size() != 4 || (words[1] != "enter" && words[1] != "exit"))
        return std::nullopt;
    script.kind = words[1] == "enter" ? Kind::enter : Kind::exit;
    script.place = static_cast<std::size_t>(words[2][0] - '0');
    script.name = words[3];
    return script;
}

void SessionAudit::made(std::string const& dir)
{
    if (!sessions_.try_emplace(dir).second)
        verdict_.fail("session folder {} is made twice", dir);
}

void SessionAudit::removed(std::string const& dir)
{
    auto const found = sessions_.find(dir);
    if (found == sessions_.end())
        return verdict_.fail("session folder {} is removed and was never made", dir);
    auto const& session = found->second;
    if (session.busy)
        return verdict_.fail("session folder {} is removed while an action runs in it", dir);
    check_exits_between(session, session.last_exit.value_or(session.entered), 0);
    sessions_.erase(found);
}

void SessionAudit::check_exits_between(Session const& session, std::size_t from, std::size_t to)
{
    for (auto place = from; place-- > to;) {
        if (session.environments[place]->on_exit)
            verdict_.fail("environment {} was entered and not left in its turn",
                session.environments[place]->name);
    }
}

void SessionAudit::starts(std::string const& dir, Script const& script, openjd::Job const* spec,
    std::size_t step, std::vector<std::string> const& environment)
{
    auto const found = sessions_.find(dir);
    if (found == sessions_.end())
        return verdict_.fail("an action runs in {}, which is no session's folder", dir);
    auto& session = found->second;
    if (session.busy)
        return verdict_.fail("two actions run in session {}", dir);
    session.busy = true;
    if (!session.known && spec) {
        for (auto const* list : { &spec->environments, &spec->steps[step].environments })
            for (auto const& each : *list)
                session.environments.push_back(&each);
        session.known = true;
    }
    if (script.kind == Script::Kind::enter)
        enters(session, script);
    else if (script.kind == Script::Kind::task)
        runs_task(session, environment);
    else
        exits(session, script);
}

std::size_t SessionAudit::after_silent(Session const& session)
{
    auto place = session.entered;
    while (place < session.environments.size() && !session.environments[place]->on_enter)
        ++place;
    return place;
}

void SessionAudit::enters(Session& session, Script const& script)
{
    if (session.last_exit || session.failed)
        return verdict_.fail("environment {} is entered in a session that is over", script.name);
    if (after_silent(session) != script.place)
        return verdict_.fail(
            "environment {} at {} is entered out of order", script.name, script.place);
    session.entered = script.place + 1;
}

void SessionAudit::runs_task(Session& session, std::vector<std::string> const& environment)
{
    if (session.last_exit || session.failed)
        return verdict_.fail("a task runs in a session that is over");
    session.entered = after_silent(session);
    if (session.entered != session.environments.size())
        return verdict_.fail(
            "a task runs outside of environment {}", session.environments[session.entered]->name);
    for (auto const& variable : session.variables)
        if (std::find(environment.begin(), environment.end(), variable) == environment.end())
            verdict_.fail("a task runs without {}, which its environment set", variable);
}

void SessionAudit::exits(Session& session, Script const& script)
{
    auto const last = session.last_exit.value_or(after_silent(session));
    if (script.place >= last)
        return verdict_.fail("environment {} is left out of order or twice", script.name);
    if (last > script.place + 1)
        check_exits_between(session, std::min(last, session.entered), script.place + 1);
    session.last_exit = script.place;
}

void SessionAudit::variable_set(std::string const& dir, Script const& script)
{
    if (auto const found = sessions_.find(dir); found != sessions_.end())
        found->second.variables.push_back(variable_of(script));
}

void SessionAudit::ended(std::string const& dir, Script const& script, bool well)
{
    auto const found = sessions_.find(dir);
    if (found == sessions_.end())
        return;
    found->second.busy = false;
    if (script.kind != Script::Kind::exit && !well)
        found->second.failed = true;
}

}
