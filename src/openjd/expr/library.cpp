#include <openjd/expr/library.h>

#include <base/verify.h>

#include <openjd/text_rules.h>

namespace sidereal::openjd::expr {

void Library::add(std::string_view name, Overload overload)
{
    auto& function = functions_[std::string(name)];
    function.name = name;
    function.overloads.push_back(std::move(overload));
}

void Library::keep_to_host(std::string_view name)
{
    auto const found = functions_.find(name);
    VERIFY(found != functions_.end());
    found->second.host_only = true;
}

Function const* Library::find(std::string_view name) const
{
    auto const found = functions_.find(name);
    return found == functions_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Library::callable_names() const
{
    std::vector<std::string_view> out;
    for (auto const& [name, function] : functions_) {
        if (is_identifier(name))
            out.push_back(name);
    }
    return out;
}

Library const& library()
{
    static Library const all = [] {
        Library out;
        add_operators(out);
        add_conversions(out);
        add_math(out);
        add_list_functions(out);
        add_string_functions(out);
        add_string_searches(out);
        add_regex_functions(out);
        add_quoting(out);
        add_path_functions(out);
        return out;
    }();
    return all;
}

}
