#pragma once

#include <openjd/diagnostic.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A YAML 1.2 or JSON document as a tree with positions, before anybody asks what it means.
namespace sidereal::openjd {

// One value. Keys of a map are unique and stand in `keys`, their values at the same index in
// `children`; the items of a list are `children` too.
struct Node {
    enum class Kind : std::uint8_t {
        null,
        boolean,
        integer,
        floating,
        string,
        list,
        map,
    };
    struct Key {
        std::string text;
        int line { 0 };
        int column { 0 };

        bool operator==(Key const&) const = default;
    };

    Kind kind { Kind::null };
    // A scalar as it is written, without quotes and escapes.
    std::string text;
    std::vector<Key> keys;
    std::vector<Node> children;
    int line { 0 };
    int column { 0 };

    bool operator==(Node const&) const = default;

    bool is_scalar() const { return kind != Kind::list && kind != Kind::map; }
    // Nothing if this is no map or has no such key.
    Node const* find(std::string_view key) const;
    // A whole number in the 64-bit range, in any notation of the core schema.
    std::optional<std::int64_t> as_int() const;
    // A finite number, whole or not.
    std::optional<double> as_float() const;
    bool is_true() const;
    // Scalars as text: whole numbers in base 10, everything else as written.
    std::string as_text() const;
};

// "a string", "a list", …, for messages.
std::string_view describe(Node::Kind kind);

struct DocumentLimits {
    std::size_t bytes { std::size_t { 1 } << 20 };
    std::size_t nodes { 200'000 };
    std::size_t depth { 64 };
};

// Text that begins with '{' or whose file name ends in .json is read as JSON, all other as YAML;
// what begins with '{' in a file named .yaml is YAML where it is no JSON.
// Aliases become copies, with the positions of what they repeat. Refused: duplicate keys, keys that
// are no scalars, aliases that exceed the limits when they are written out, tags other than those
// of the core schema, more than one document, bytes that are not UTF-8, NUL characters.
Checked<Node> parse_document(
    std::string_view text, std::string_view file_name, DocumentLimits const& limits = {});

namespace detail {

// The core schema's type of a plain YAML scalar.
Node::Kind resolve_plain(std::string_view text);
Checked<Node> parse_yaml(std::string_view text, std::string_view file_name, DocumentLimits const&);
Checked<Node> parse_json(std::string_view text, std::string_view file_name, DocumentLimits const&);

}

}
