#include <openjd/document.h>

#include <openjd/text_rules.h>

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::string_view core_tags = "tag:yaml.org,2002:";

// Owns a libyaml event.
class Event {
public:
    Event() = default;
    Event(Event const&) = delete;
    Event& operator=(Event const&) = delete;
    ~Event() { yaml_event_delete(&event_); }

    yaml_event_t* get() { return &event_; }
    yaml_event_type_t type() const { return event_.type; }
    int line() const { return static_cast<int>(event_.start_mark.line) + 1; }
    int column() const { return static_cast<int>(event_.start_mark.column) + 1; }
    yaml_event_t const* operator->() const { return &event_; }

private:
    yaml_event_t event_ {};
};

std::string_view view(yaml_char_t const* text)
{
    return text ? std::string_view(reinterpret_cast<char const*>(text)) : std::string_view();
}

// Composes one document from libyaml's events. Recursion is bounded by the depth limit.
class Composer {
public:
    Composer(std::string_view text, std::string_view file_name, DocumentLimits const& limits)
        : file_name_(file_name)
        , limits_(limits)
    {
        yaml_parser_initialize(&parser_);
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(
            &parser_, reinterpret_cast<unsigned char const*>(text.data()), text.size());
    }
    Composer(Composer const&) = delete;
    Composer& operator=(Composer const&) = delete;
    ~Composer() { yaml_parser_delete(&parser_); }

    Checked<Node> compose();

private:
    tl::unexpected<Diagnostics> refuse(int line, int column, std::string message) const
    {
        return tl::unexpected(
            Diagnostics { { std::string(file_name_), line, column, {}, std::move(message) } });
    }
    Checked<void> next(Event& event);
    Checked<Node> node(Event const& event, std::size_t depth);
    Checked<void> content(Node& out, Event const& event, std::size_t depth);
    Checked<void> list(Node& out, std::size_t depth);
    Checked<void> map(Node& out, std::size_t depth);
    Checked<void> scalar(Node& out, Event const& event) const;
    Checked<void> remember(yaml_char_t const* anchor, Node const& node);
    Checked<void> repeat(Node& out, Event const& event, std::size_t depth);
    Checked<void> spend(Node const& copy, std::size_t depth, Node const& place);

    std::string_view file_name_;
    DocumentLimits limits_;
    yaml_parser_t parser_ {};
    std::size_t nodes_ { 0 };
    // Bytes of text that were written once and stand in the tree again.
    std::size_t repeated_bytes_ { 0 };
    std::map<std::string, Node, std::less<>> anchors_;
};

Checked<void> Composer::next(Event& event)
{
    if (yaml_parser_parse(&parser_, event.get()))
        return {};
    auto const* const problem = parser_.problem ? parser_.problem : "out of memory";
    auto const mark = parser_.problem_mark;
    auto message = fmt::format("not valid YAML: {}", problem);
    if (parser_.context)
        message += fmt::format(" ({})", parser_.context);
    return refuse(static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1, message);
}

// A copy counts as if it were written out, wherever it is kept: a short text must not become a
// large tree.
Checked<void> Composer::spend(Node const& copy, std::size_t depth, Node const& place)
{
    repeated_bytes_ += copy.text.size();
    for (auto const& key : copy.keys)
        repeated_bytes_ += key.text.size();
    if (++nodes_ > limits_.nodes || repeated_bytes_ > limits_.bytes)
        return refuse(place.line, place.column,
            fmt::format("anchors and aliases make this document too large: more than {} values or "
                        "{} bytes",
                limits_.nodes, limits_.bytes));
    if (!copy.is_scalar() && depth >= limits_.depth)
        return refuse(
            place.line, place.column, fmt::format("nested deeper than {} levels", limits_.depth));
    for (auto const& child : copy.children)
        TRY(spend(child, depth + 1, place));
    return {};
}

Checked<void> Composer::remember(yaml_char_t const* anchor, Node const& node)
{
    if (!anchor)
        return {};
    TRY(spend(node, 0, node));
    anchors_.insert_or_assign(std::string(view(anchor)), node);
    return {};
}

Checked<void> Composer::repeat(Node& out, Event const& event, std::size_t depth)
{
    auto const name = view(event->data.alias.anchor);
    auto const found = anchors_.find(name);
    if (found == anchors_.end())
        return refuse(out.line, out.column,
            fmt::format("alias '*{0}': no anchor '&{0}' stands before it", excerpt(name)));
    TRY(spend(found->second, depth, out));
    out = found->second;
    return {};
}

Checked<void> Composer::scalar(Node& out, Event const& event) const
{
    auto const& data = event->data.scalar;
    out.text.assign(reinterpret_cast<char const*>(data.value), data.length);
    if (out.text.find('\0') != std::string::npos)
        return refuse(event.line(), event.column(), "a NUL character in a string");
    auto const tag = view(data.tag);
    auto const plain = data.plain_implicit != 0 && data.style == YAML_PLAIN_SCALAR_STYLE;
    if (tag.empty()) {
        out.kind = plain ? detail::resolve_plain(out.text) : Node::Kind::string;
        return {};
    }
    static constexpr std::pair<std::string_view, Node::Kind> kinds[] = {
        { "null", Node::Kind::null }, { "bool", Node::Kind::boolean },
        { "int", Node::Kind::integer }, { "float", Node::Kind::floating }
    };
    if (tag == "!" || tag == "tag:yaml.org,2002:str") {
        out.kind = Node::Kind::string;
        return {};
    }
    for (auto const& [name, kind] : kinds) {
        if (tag.starts_with(core_tags) && tag.substr(core_tags.size()) == name
            && detail::resolve_plain(out.text) == kind) {
            out.kind = kind;
            return {};
        }
    }
    return refuse(event.line(), event.column(),
        fmt::format("tag '{}' does not suit '{}'", excerpt(tag), excerpt(out.text)));
}

Checked<Node> Composer::node(Event const& event, std::size_t depth)
{
    Node out;
    out.line = event.line();
    out.column = event.column();
    if (++nodes_ > limits_.nodes)
        return refuse(out.line, out.column,
            fmt::format("more than {} values in one document", limits_.nodes));
    bool const is_collection = event.type() == YAML_SEQUENCE_START_EVENT
        || event.type() == YAML_MAPPING_START_EVENT;
    if (is_collection && depth >= limits_.depth)
        return refuse(
            out.line, out.column, fmt::format("nested deeper than {} levels", limits_.depth));
    TRY(content(out, event, depth));
    return out;
}

Checked<void> Composer::content(Node& out, Event const& event, std::size_t depth)
{
    switch (event.type()) {
    case YAML_SCALAR_EVENT:
        TRY(scalar(out, event));
        return remember(event->data.scalar.anchor, out);
    case YAML_SEQUENCE_START_EVENT:
        TRY(list(out, depth + 1));
        return remember(event->data.sequence_start.anchor, out);
    case YAML_MAPPING_START_EVENT:
        TRY(map(out, depth + 1));
        return remember(event->data.mapping_start.anchor, out);
    case YAML_ALIAS_EVENT: return repeat(out, event, depth);
    default: return refuse(out.line, out.column, "not valid YAML: a value is missing");
    }
}

Checked<void> Composer::list(Node& out, std::size_t depth)
{
    out.kind = Node::Kind::list;
    for (;;) {
        Event event;
        TRY(next(event));
        if (event.type() == YAML_SEQUENCE_END_EVENT)
            return {};
        out.children.push_back(TRY(node(event, depth)));
    }
}

Checked<void> Composer::map(Node& out, std::size_t depth)
{
    out.kind = Node::Kind::map;
    std::set<std::string, std::less<>> seen;
    for (;;) {
        Event key_event;
        TRY(next(key_event));
        if (key_event.type() == YAML_MAPPING_END_EVENT)
            return {};
        auto key = TRY(node(key_event, depth));
        if (!key.is_scalar())
            return refuse(key.line, key.column,
                fmt::format("a key must be a word, not {}; text that begins with '{{' needs quotes",
                    describe(key.kind)));
        if (!seen.insert(key.text).second)
            return refuse(
                key.line, key.column, fmt::format("key '{}' stands here twice", excerpt(key.text)));
        Event value_event;
        TRY(next(value_event));
        out.children.push_back(TRY(node(value_event, depth)));
        out.keys.push_back({ std::move(key.text), key.line, key.column });
    }
}

Checked<Node> Composer::compose()
{
    Event begin;
    TRY(next(begin));
    Event document;
    TRY(next(document));
    if (document.type() == YAML_STREAM_END_EVENT)
        return refuse(1, 1, "the document is empty");
    Event first;
    TRY(next(first));
    auto root = TRY(node(first, 0));
    Event end;
    TRY(next(end));
    Event after;
    TRY(next(after));
    if (after.type() != YAML_STREAM_END_EVENT)
        return refuse(after.line(), after.column(), "a second document; one file holds one");
    return root;
}

}

Checked<Node> detail::parse_yaml(
    std::string_view text, std::string_view file_name, DocumentLimits const& limits)
{
    return Composer(text, file_name, limits).compose();
}

}
