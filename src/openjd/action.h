#pragma once

#include <openjd/job.h>
#include <openjd/limits.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal::openjd {

// What actions give by reference gets its value, and the reference goes.
class ActionFiller {
public:
    // A text's value; nothing stands for a field that is left out.
    using Resolve = std::function<Result<std::optional<std::string>>(FormatString const&)>;

    ActionFiller(Resolve resolve, Limits const& limits, std::string_view file_name)
        : resolve_(std::move(resolve))
        , limits_(limits)
        , file_name_(file_name)
    {
    }

    void fill(Action& action);
    void fill(Environment& environment);
    Diagnostics take_faults() { return std::move(faults_); }

private:
    std::optional<Duration> seconds(Reference const& reference, std::int64_t most);

    Resolve resolve_;
    Limits limits_;
    std::string file_name_;
    Diagnostics faults_;
};

}
