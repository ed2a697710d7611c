#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace sidereal::sim {

// The first broken promise that a checker saw, in words.
class Verdict {
public:
    template<typename... Args>
    void fail(fmt::format_string<Args...> format, Args&&... args)
    {
        if (failure_.empty())
            failure_ = fmt::format(format, std::forward<Args>(args)...);
    }

    bool failed() const { return !failure_.empty(); }
    std::string const& failure() const { return failure_; }

private:
    std::string failure_;
};

}
