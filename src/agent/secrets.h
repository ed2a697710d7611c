#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sidereal::agent {

// Values that a session's output must not show once they were declared with openjd_redacted_env.
// Owned by their session.
class Secrets {
public:
    // Of a value with several lines each is one of its own, since logs are read by lines.
    void add(std::string_view value);
    bool empty() const { return values_.empty(); }

    // With eight asterisks for each value; where values overlap, for all that they cover.
    std::string hide(std::string_view text) const;
    // A line of output as it may be kept: also the one that declares a secret.
    std::string hide_in_line(std::string_view line) const;

private:
    std::vector<std::string> values_;
};

// Whether some line in here may declare a secret.
bool mentions_secret(std::string_view bytes);

}
