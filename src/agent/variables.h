#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::agent {

// The environment variables of a session's actions: the node's, and on top of them one layer for
// each environment that has been entered. Within a layer, unset beats set.
class Variables {
public:
    // Entries are "NAME=value".
    explicit Variables(std::vector<std::string> const& base);

    void set_base(std::string_view name, std::string value);
    void push_layer();
    void pop_layer();
    std::size_t layers() const { return layers_.size(); }
    void set(std::string_view name, std::string value);
    // The same, as an action has said it.
    void tell(std::string_view name, std::string value);
    // Said by an action that sets no variables of the session, such as a task: only own() has it.
    void remember(std::string_view name, std::string value);
    void forget(std::string_view name);
    void unset(std::string_view name);

    // Those that the session's environments have set, and those that any action has said so far, as
    // "NAME=value": what hooks are told.
    std::vector<std::string> own() const;
    // All of them as "NAME=value"; those of `extra`, written likewise, replace the others.
    std::vector<std::string> with(std::vector<std::string> const& extra);

private:
    struct Layer {
        std::map<std::string, std::string, std::less<>> sets;
        std::set<std::string, std::less<>> unsets;
        // Of the sets, those that an action has said.
        std::set<std::string, std::less<>> told;
    };
    void flatten();

    std::map<std::string, std::string, std::less<>> base_;
    std::vector<Layer> layers_;
    std::map<std::string, std::string, std::less<>> remembered_;
    std::vector<std::string> flat_;
    bool flat_is_current_ { false };
};

}
