#pragma once

#include <base/time.h>
#include <openjd/format_string.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What an environment or a step runs on its host.
namespace sidereal::openjd {

// A text with references whose value is known later, and where it stands, in case that value turns
// out wrong.
struct Reference {
    FormatString text;
    int line { 0 };
    int column { 0 };
    std::string path;
};

struct Cancelation {
    enum class Mode : std::uint8_t {
        terminate,
        notify_then_terminate,
    };
    Mode mode { Mode::terminate };
    // Time between the notice and the hard kill; the default depends on the action (120 s for
    // onRun, 30 s otherwise) and is filled in.
    Duration notify_period {};
    // Given by reference; nothing once that is resolved.
    std::optional<Reference> mode_text {};
    std::optional<Reference> notify_period_text {};
};

// As templates spell it.
std::string_view to_string(Cancelation::Mode mode);

struct Action {
    FormatString command;
    std::vector<FormatString> args;
    // Nothing if the template gives none; onExit then has default_exit_limit.
    std::optional<Duration> timeout;
    // Given by reference; nothing once that is resolved.
    std::optional<Reference> timeout_text;
    // Nothing said: killed outright.
    std::optional<Cancelation> cancelation;
};
constexpr Duration default_exit_limit = std::chrono::seconds(300);

enum class LineEnds : std::uint8_t {
    as_given,
    lf,
    crlf,
};

struct EmbeddedFile {
    std::string name;
    std::string filename;
    bool runnable { false };
    FormatString data;
    LineEnds line_ends { LineEnds::as_given };
};

std::string with_line_ends(std::string text, LineEnds line_ends);

// Names for expressions, one after the other; a later one may use those before it.
using LetBindings = std::vector<expr::LetBinding>;

// Run instead of what is inside the environment: other environments' actions and tasks. Their
// limits may refer to WrappedAction.*, so that references are kept until they run.
struct WrapHooks {
    Action env_enter;
    Action task_run;
    Action env_exit;
};

struct Environment {
    std::string name;
    std::map<std::string, FormatString> variables;
    LetBindings lets;
    std::optional<Action> on_enter;
    std::optional<Action> on_exit;
    std::optional<WrapHooks> hooks;
    std::vector<EmbeddedFile> files;
    // Its template or the job's declares REDACTED_ENV_VARS.
    bool sets_redacted { false };
};

}
