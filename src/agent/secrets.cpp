#include <agent/secrets.h>

#include <agent/agent.h>
#include <openjd/directive.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sidereal::agent {

namespace {

constexpr std::string_view mask = "********";
constexpr std::string_view declaration = "openjd_redacted_env";

// In any case: a directive in capitals is a mistake, and its value as secret as any.
bool begins_alike(std::string_view text, std::string_view lower_case)
{
    auto const length = std::min(text.size(), lower_case.size());
    return std::equal(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length),
        lower_case.begin(), [](char found, char wanted) {
            return found == wanted || (found >= 'A' && found <= 'Z' && found - 'A' + 'a' == wanted);
        });
}

bool declares(std::string_view line)
{
    return line.size() >= declaration.size() && begins_alike(line, declaration);
}

}

void Secrets::add(std::string_view value)
{
    while (!value.empty()) {
        auto const end = std::min(value.find_first_of("\r\n"), value.size());
        auto const line = value.substr(0, end);
        value.remove_prefix(std::min(end + 1, value.size()));
        auto const is_new = std::find(values_.begin(), values_.end(), line) == values_.end();
        // Asterisks give nothing away, and would be hidden again and again.
        if (line.find_first_not_of('*') != std::string_view::npos && is_new)
            values_.emplace_back(line);
    }
}

std::string Secrets::hide(std::string_view text) const
{
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (auto const& value : values_) {
        for (auto at = text.find(value); at != std::string_view::npos;
             at = text.find(value, at + 1))
            found.emplace_back(at, at + value.size());
    }
    std::sort(found.begin(), found.end());
    std::string shown;
    std::size_t done = 0;
    for (auto const& [begin, end] : found) {
        if (begin >= done) {
            shown.append(text, done, begin - done);
            shown += mask;
        }
        done = std::max(done, end);
    }
    return shown.append(text.substr(done));
}

std::string Secrets::hide_in_line(std::string_view line) const
{
    if (!declares(line))
        return hide(line);
    auto shown = std::string(line.substr(0, declaration.size())) + ": ";
    auto const directive = openjd::parse_directive(line);
    if (directive && directive->kind == openjd::Directive::Kind::set_env)
        shown += directive->name + '=';
    return shown.append(mask);
}

bool mentions_secret(std::string_view bytes)
{
    // The underscore is the same in any case, rare, and found fast.
    auto const lead = declaration.find('_');
    for (auto at = bytes.find('_'); at != std::string_view::npos; at = bytes.find('_', at + 1)) {
        if (at >= lead && declares(bytes.substr(at - lead)))
            return true;
    }
    return false;
}

bool may_declare_secret(std::string_view beginning) { return begins_alike(beginning, declaration); }

}
