#pragma once

#include <base/json.h>

#include <boost/json/monotonic_resource.hpp>

#include <array>
#include <string_view>

namespace sidereal {

// Parses one document whose values all lie in one piece of memory and go away with it: for messages
// that are read once and dropped.
class JsonArena {
public:
    JsonArena() = default;
    JsonArena(JsonArena const&) = delete;
    JsonArena& operator=(JsonArena const&) = delete;

    // As parse_json; the value must not outlive the arena.
    Result<Json> parse(std::string_view text);

private:
    std::array<unsigned char, 16UL * 1024> first_;
    boost::json::monotonic_resource memory_ { first_.data(), first_.size() };
};

}
