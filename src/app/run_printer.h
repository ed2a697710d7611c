#pragma once

#include <base/time.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sidereal::app {

struct RunSummary {
    std::string job;
    // Empty: all steps.
    std::string step;
    // Empty: everything went well.
    std::string fault;
    // The working folder that was kept, if it was.
    std::string preserved;
    Duration duration {};
    std::uint64_t tasks_run { 0 };
};

// Prints what `openjd run` does: each line of a child as it is, behind the time and a tab. For
// programs (json, yaml) that goes to standard error, so that the result stands alone.
class RunPrinter {
public:
    RunPrinter(std::string output, std::string timestamps);

    void line(std::string_view text);
    void event(std::string_view text);
    void finish(RunSummary const& summary);

private:
    std::string time() const;

    std::string output_;
    std::string timestamps_;
    Mono began_;
};

}
