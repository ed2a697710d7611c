#include <fuzz/document.h>

#include <openjd/path_mapping.h>

#include <algorithm>

// A line with a path, then the rules.
void sidereal::fuzz::take(std::string_view input)
{
    auto const end = std::min(input.find('\n'), input.size());
    auto const path = input.substr(0, end);
    auto const document = input.substr(std::min(end + 1, input.size()));
    VERIFY(openjd::map_path({}, path) == path);
    auto const rules = openjd::parse_path_rules(document, "fuzz.json");
    if (!rules)
        return verify_faults(rules.error());
    auto const again = openjd::parse_path_rules(openjd::to_json(*rules), "again.json");
    VERIFY(rules->empty() || (again && *again == *rules));
    // Separators may be told once where the rule repeats them.
    auto const first_part = [](std::string_view text) {
        auto const start = std::min(text.find_first_not_of("/\\"), text.size());
        return text.substr(start, std::min(text.find_first_of("/\\", start), text.size()) - start);
    };
    auto const mapped = openjd::map_path(*rules, path);
    VERIFY(mapped == path
        || std::any_of(rules->begin(), rules->end(), [&](openjd::PathRule const& rule) {
               return first_part(rule.destination).empty()
                   || first_part(mapped) == first_part(rule.destination);
           }));
}
