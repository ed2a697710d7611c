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
    // A text's value, of the type or null, which leaves its field out.
    using Resolve = std::function<expr::Outcome<expr::Value>(FormatString const&, expr::Type)>;

    ActionFiller(Resolve resolve, Limits const& limits, std::string_view file_name)
        : resolve_(std::move(resolve))
        , limits_(limits)
        , file_name_(file_name)
    {
    }

    void fill(Action& action);
    // But for what its hooks refer to.
    void fill(Environment& environment);
    Diagnostics take_faults() { return std::move(faults_); }

private:
    void complain(Reference const& reference, std::string message);
    std::optional<expr::Value> value(Reference const& reference, expr::Type type);
    std::optional<Duration> seconds(Reference const& reference, std::int64_t most);
    void fill_mode(std::optional<Cancelation>& cancelation);

    Resolve resolve_;
    Limits limits_;
    std::string file_name_;
    Diagnostics faults_;
};

}
