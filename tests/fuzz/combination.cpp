#include <fuzz/fuzz.h>

#include <openjd/combination.h>

#include <algorithm>

namespace sidereal::fuzz {

static void collect(openjd::Combination const& node, std::vector<std::string_view>& names)
{
    if (node.kind == openjd::Combination::Kind::parameter)
        names.emplace_back(node.name);
    for (auto const& part : node.parts)
        collect(part, names);
}

void take(std::string_view input)
{
    std::vector<std::string_view> const names { "A", "B", "C", "Frame" };
    // Any of the names, so that short expressions can be right too.
    for (std::size_t count = 1; count <= names.size(); ++count) {
        std::vector<std::string_view> const some(
            names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count));
        auto const parsed = openjd::parse_combination(input, some);
        if (!parsed)
            continue;
        std::vector<std::string_view> found;
        collect(*parsed, found);
        std::ranges::sort(found);
        VERIFY(found == some);
    }
}

}
