#pragma once

#include <openjd/expr/dispatch.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

// Every function, property (".name") and operator ("+") of the language by its name.
class Library {
public:
    void add(std::string_view name, std::vector<Type> parameters, Type type, Implementation run)
    {
        add(name, { std::move(parameters), Gives::its_type, type, run });
    }
    void add(std::string_view name, std::vector<Type> parameters, Gives gives, Implementation run)
    {
        add(name, { std::move(parameters), gives, {}, run });
    }

    void keep_to_host(std::string_view name);

    Function const* find(std::string_view name) const;
    std::vector<std::string_view> callable_names() const;

private:
    void add(std::string_view name, Overload overload);

    std::map<std::string, Function, std::less<>> functions_;
};

Library const& library();

void add_operators(Library& library);
void add_conversions(Library& library);
void add_math(Library& library);
void add_list_functions(Library& library);
void add_string_functions(Library& library);
void add_string_searches(Library& library);
void add_regex_functions(Library& library);
void add_quoting(Library& library);
void add_path_functions(Library& library);

}
