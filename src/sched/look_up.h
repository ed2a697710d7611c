#pragma once

#include <string_view>

namespace sidereal::sched {

// The project, then what it lies in, up to the root.
template<typename Visit>
bool any_project(std::string_view project, Visit const& visit)
{
    while (!visit(project)) {
        auto const slash = project.rfind('/');
        if (slash == std::string_view::npos)
            return false;
        project = project.substr(0, slash);
    }
    return true;
}

template<typename Map, typename Key>
typename Map::mapped_type const* look_up(Map const& map, Key const& key)
{
    auto const found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

}
