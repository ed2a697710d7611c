#include <openjd/expr/context.h>

namespace sidereal::openjd::expr {

Value const* Names::find(std::string_view name) const
{
    for (auto const* table = this; table != nullptr; table = table->outer) {
        if (auto const found = table->values.find(name); found != table->values.end())
            return &found->second;
    }
    return nullptr;
}

std::vector<std::string_view> Names::all() const
{
    std::vector<std::string_view> out;
    for (auto const* table = this; table != nullptr; table = table->outer) {
        for (auto const& [name, value] : table->values)
            out.push_back(name);
    }
    return out;
}

}
