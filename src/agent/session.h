#pragma once

#include <agent/effects.h>
#include <agent/log_watch.h>
#include <agent/prepared_job.h>
#include <agent/progress.h>
#include <agent/script_texts.h>
#include <agent/secrets.h>
#include <agent/session_input.h>
#include <agent/variables.h>
#include <base/id.h>
#include <base/result.h>
#include <base/time.h>
#include <openjd/job.h>
#include <wire/protocol.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::agent {

// An Open Job Description session: environments of the job and of one step are entered in order,
// then any number of its tasks run, then the entered environments are left in reverse. Once
// an action has failed or was stopped only exits run. At most one action at a time. A value that
// somebody else drives: it asks for its actions through Turn::effects.
class Session {
public:
    Session(std::shared_ptr<PreparedJob const> job, std::size_t step, SessionPlace place);

    // Nothing runs, nothing has failed, close() was not called.
    bool takes_task() const { return !action_ && !task_ && !failed_ && !closing_; }
    bool closed() const { return closed_; }
    bool failed() const { return failed_; }
    Secrets const& secrets() const { return secrets_; }
    // The action that runs now, and in words for people: "entering environment 'Maya'".
    std::optional<ActionId> action() const;
    std::string doing() const;

    // Enters what is not entered yet, then runs the task. Only where takes_task().
    void run(TaskRun task, Turn& turn);
    // Ends the running action, if any, and its task.
    void stop(StopRequest const& request, Turn& turn);
    // Once the present task is over, leave the environments and remove the folder.
    void close(Turn& turn);

    // Every line of the running action's output; true: on_line is to hear of it as well.
    bool takes_line(std::string_view line);
    std::optional<ProgressLine> on_line(std::string_view line, Turn& turn);
    void on_action_ended(ActionEnd const& end, Turn& turn);
    void on_tick(Turn& turn);
    std::optional<Mono> next_wake() const;

private:
    enum class Kind : std::uint8_t { enter, task, exit };
    struct Running {
        ActionId id;
        Kind kind { Kind::task };
        std::optional<openjd::Cancelation> cancelation;
        Mono since {};
        std::optional<Duration> limit;
        std::optional<Mono> deadline;
        std::optional<StopRequest> stopped;
        std::optional<Mono> kill_at;
        bool killed { false };
        // Variables whose values are hidden are set; they are hidden in any case.
        bool sets_redacted { false };
        std::optional<std::string> declared_failure;
        LogWatch watch;
    };
    using Files = std::vector<openjd::EmbeddedFile>;
    // Of an environment or a step: what its actions share.
    struct Script {
        Files const* files;
        std::vector<std::string> const* paths;
        openjd::LetBindings const* lets;
        // What is around it.
        openjd::expr::Names const* outer;
    };
    // What is to run next.
    struct Wanted {
        Kind kind;
        openjd::Action const* spec;
        // Of its environment; of a task, how many are around it.
        std::size_t index;
    };
    // Ready to run: the action's limits are worked out.
    struct Ready {
        RunAction run;
        openjd::Action action;
    };

    void select_step(std::size_t step);
    void allocate_paths();
    void open(Turn& turn);
    void advance(Turn& turn);
    void make_subfolders(Turn& turn) const;
    void change_step(Turn& turn);
    void enter_next(Turn& turn);
    void start_task(Turn& turn);
    void exit_last(Turn& turn);
    void link_names();
    Script script_of(Kind kind, std::size_t index) const;
    Status open(ScriptTexts& texts, Kind kind, std::size_t index, RunAction& run);
    // Of the environments around it, the one that wraps its actions, if any.
    std::optional<std::size_t> wrapper_of(Wanted const& wanted) const;
    bool sets_redacted(Wanted const& wanted) const;
    void tell_wrapped(
        ScriptTexts& texts, Wanted const& wanted, std::vector<std::string> const& argv) const;
    Result<Ready> prepare(Wanted const& wanted);
    void start(Wanted const& wanted, Turn& turn);
    void kill(Turn& turn);

    void settle(Running const& over, ActionEnd const& end, Turn& turn);
    void enter_failed(wire::Ended end, Turn& turn);
    void end_task(wire::Ended end, Turn& turn);
    void exit_failed(std::string const& fault, Turn& turn);
    wire::Ended verdict(Running const& over, ActionEnd const& end) const;
    bool ran_out_of_memory(Running const& over, ActionEnd const& end) const;
    void explain(Running const& over, ActionEnd const& end, wire::Ended& result) const;

    std::shared_ptr<PreparedJob const> job_;
    std::size_t step_;
    SessionPlace place_;
    std::vector<openjd::Environment const*> environments_;
    // Paths of embedded files: of each environment, then the step's.
    std::vector<std::vector<std::string>> paths_;
    std::vector<std::string> subfolders_;
    // Session.*, and paths where rules map them; then those of the step.
    openjd::expr::Names names_;
    openjd::expr::Names step_names_;
    Variables variables_;
    Secrets secrets_;

    std::optional<TaskRun> task_;
    wire::Usage usage_;
    Mono task_since_ {};
    std::optional<Running> action_;
    bool opened_ { false };
    bool rules_written_ { false };
    bool failed_ { false };
    bool closing_ { false };
    bool closed_ { false };
};

}
