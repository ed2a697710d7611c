#pragma once

#include <openjd/job.h>
#include <sim/verdict.h>
#include <wire/protocol.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sidereal::sim {

// What a simulated command line says that it is.
struct Script {
    enum class Kind : std::uint8_t { enter, task, exit };
    Kind kind { Kind::task };
    std::size_t place { 0 }; // of an environment in its session
    std::string name;
    std::vector<std::string> values; // of a task
    bool may_hang { false };

    // Nothing if it is not a command of job_maker.h.
    static std::optional<Script> parse(std::vector<std::string> const& argv);
};

// Watches the sessions of one agent life: environments are entered in order, tasks run inside all
// of them, what was entered is left in reverse and once, then the folder goes.
class SessionAudit {
public:
    explicit SessionAudit(Verdict& verdict)
        : verdict_(verdict)
    {
    }

    void made(std::string const& dir);
    void removed(std::string const& dir);
    // `spec` and `step`: whose session it is; an exit's session is known already.
    void starts(std::string const& dir, Script const& script, openjd::Job const* spec,
        std::size_t step, std::vector<std::string> const& environment);
    void variable_set(std::string const& dir, Script const& script);
    void ended(std::string const& dir, Script const& script, bool well);
    void forget_all() { sessions_.clear(); }
    bool empty() const { return sessions_.empty(); }

    static std::string variable_of(Script const& script) { return "SIM_" + script.name + "=1"; }

private:
    struct Session {
        std::vector<openjd::Environment const*> environments;
        bool known { false };
        bool busy { false };
        std::size_t entered { 0 }; // environments before this place
        bool failed { false }; // only exits run from now on
        std::optional<std::size_t> last_exit;
        std::vector<std::string> variables;
    };

    // Environments from `entered` on that are entered without a command.
    static std::size_t after_silent(Session const& session);
    void enters(Session& session, Script const& script);
    void runs_task(Session& session, std::vector<std::string> const& environment);
    void exits(Session& session, Script const& script);
    void check_exits_between(Session const& session, std::size_t from, std::size_t to);

    Verdict& verdict_;
    std::map<std::string, Session> sessions_;
};

}
