#include <openjd/document.h>

#include <openjd/text_rules.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <fmt/format.h>

#include <set>
#include <utility>

namespace sidereal::openjd {

namespace {

using boost::json::error_code;

// Walks over the text token by token, in step with the parser's events: the parser says what a
// token means, the cursor says where it stands.
class Cursor {
public:
    explicit Cursor(std::string_view text)
        : text_(text)
    {
    }

    int line() const { return line_; }
    int column() const { return column_; }

    // To the first byte of the next token; commas and colons carry no event.
    void seek()
    {
        while (at_ < text_.size()
            && std::string_view(" \t\r\n,:").find(text_[at_]) != std::string_view::npos)
            step();
    }
    void skip_bracket() { step(); }
    void skip_string()
    {
        step();
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\')
                step();
            step();
        }
        step();
    }
    // Of a number or a word: up to what cannot be part of it.
    std::string_view skip_word()
    {
        auto const start = at_;
        while (at_ < text_.size()
            && std::string_view(" \t\r\n,:]}").find(text_[at_]) == std::string_view::npos)
            step();
        return text_.substr(start, at_ - start);
    }
    void skip_to(std::size_t offset)
    {
        while (at_ < offset)
            step();
    }

private:
    void step()
    {
        if (at_ >= text_.size())
            return;
        auto const byte = static_cast<unsigned char>(text_[at_++]);
        if (byte == '\n') {
            ++line_;
            column_ = 1;
        } else if ((byte & 0xc0) != 0x80) {
            ++column_;
        }
    }

    std::string_view text_;
    std::size_t at_ { 0 };
    int line_ { 1 };
    int column_ { 1 };
};

struct State {
    Cursor cursor;
    DocumentLimits limits;
    std::size_t nodes { 0 };
    // The maps and lists that are open; the last one is the innermost.
    std::vector<Node> open;
    std::vector<std::set<std::string, std::less<>>> seen_keys;
    std::string pending;
    Node root;
    std::optional<Diagnostic> fault;
};

// Event receiver of boost::json::basic_parser; the function names and the constants are its.
class Handler {
public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    explicit Handler(State& state)
        : state_(state)
    {
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& failure) { return open(Node::Kind::map, failure); }
    bool on_array_begin(error_code& failure) { return open(Node::Kind::list, failure); }
    bool on_object_end(std::size_t, error_code&) { return close(); }
    bool on_array_end(std::size_t, error_code&) { return close(); }
    bool on_string_part(boost::json::string_view part, std::size_t, error_code&)
    {
        state_.pending.append(part.data(), part.size());
        return true;
    }
    bool on_string(boost::json::string_view part, std::size_t, error_code& failure);
    bool on_key_part(boost::json::string_view part, std::size_t size, error_code& failure)
    {
        return on_string_part(part, size, failure);
    }
    bool on_key(boost::json::string_view part, std::size_t, error_code& failure);
    bool on_number_part(boost::json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t, boost::json::string_view, error_code& failure)
    {
        return word(Node::Kind::integer, failure);
    }
    bool on_uint64(std::uint64_t, boost::json::string_view, error_code& failure)
    {
        return word(Node::Kind::integer, failure);
    }
    bool on_double(double, boost::json::string_view, error_code& failure)
    {
        return word(Node::Kind::floating, failure);
    }
    bool on_bool(bool, error_code& failure) { return word(Node::Kind::boolean, failure); }
    bool on_null(error_code& failure) { return word(Node::Kind::null, failure); }
    bool on_comment_part(boost::json::string_view, error_code&) { return true; }
    bool on_comment(boost::json::string_view, error_code&) { return true; }

private:
    bool refuse(error_code& failure, std::string message);
    bool begin(Node& node, error_code& failure);
    bool open(Node::Kind kind, error_code& failure);
    bool close();
    bool word(Node::Kind kind, error_code& failure);
    bool place(Node node);

    State& state_;
};

bool Handler::refuse(error_code& failure, std::string message)
{
    failure = boost::json::error::syntax;
    state_.fault = Diagnostic { {}, state_.cursor.line(), state_.cursor.column(), {},
        std::move(message) };
    return false;
}

bool Handler::begin(Node& node, error_code& failure)
{
    state_.cursor.seek();
    node.line = state_.cursor.line();
    node.column = state_.cursor.column();
    if (++state_.nodes > state_.limits.nodes)
        return refuse(
            failure, fmt::format("more than {} values in one document", state_.limits.nodes));
    return true;
}

bool Handler::open(Node::Kind kind, error_code& failure)
{
    Node node;
    node.kind = kind;
    if (!begin(node, failure))
        return false;
    if (state_.open.size() >= state_.limits.depth)
        return refuse(failure, fmt::format("nested deeper than {} levels", state_.limits.depth));
    state_.cursor.skip_bracket();
    state_.open.push_back(std::move(node));
    state_.seen_keys.emplace_back();
    return true;
}

bool Handler::close()
{
    state_.cursor.seek();
    state_.cursor.skip_bracket();
    auto node = std::move(state_.open.back());
    state_.open.pop_back();
    state_.seen_keys.pop_back();
    return place(std::move(node));
}

bool Handler::place(Node node)
{
    if (state_.open.empty())
        state_.root = std::move(node);
    else
        state_.open.back().children.push_back(std::move(node));
    return true;
}

bool Handler::word(Node::Kind kind, error_code& failure)
{
    Node node;
    node.kind = kind;
    if (!begin(node, failure))
        return false;
    node.text = state_.cursor.skip_word();
    // Boost calls a whole number outside 64 bits a double.
    if (kind == Node::Kind::floating && node.text.find_first_of(".eE") == std::string::npos)
        node.kind = Node::Kind::integer;
    return place(std::move(node));
}

bool Handler::on_string(boost::json::string_view part, std::size_t, error_code& failure)
{
    Node node;
    node.kind = Node::Kind::string;
    if (!begin(node, failure))
        return false;
    node.text = std::exchange(state_.pending, {}).append(part.data(), part.size());
    if (node.text.find('\0') != std::string::npos)
        return refuse(failure, "a NUL character in a string");
    state_.cursor.skip_string();
    return place(std::move(node));
}

bool Handler::on_key(boost::json::string_view part, std::size_t, error_code& failure)
{
    Node::Key key;
    key.text = std::exchange(state_.pending, {}).append(part.data(), part.size());
    state_.cursor.seek();
    key.line = state_.cursor.line();
    key.column = state_.cursor.column();
    if (!state_.seen_keys.back().insert(key.text).second)
        return refuse(failure, fmt::format("key '{}' stands here twice", excerpt(key.text)));
    if (key.text.find('\0') != std::string::npos)
        return refuse(failure, "a NUL character in a key");
    state_.cursor.skip_string();
    state_.open.back().keys.push_back(std::move(key));
    return true;
}

}

Checked<Node> detail::parse_json(
    std::string_view text, std::string_view file_name, DocumentLimits const& limits)
{
    State state { .cursor = Cursor(text),
        .limits = limits,
        .nodes = 0,
        .open = {},
        .seen_keys = {},
        .pending = {},
        .root = {},
        .fault = {} };
    boost::json::parse_options options;
    options.max_depth = limits.depth + 1;
    boost::json::basic_parser<Handler> parser(options, state);
    error_code failure;
    auto const consumed = parser.write_some(false, text.data(), text.size(), failure);
    if (!failure && consumed < text.size())
        failure = boost::json::error::extra_data;
    if (!failure)
        return std::move(state.root);
    if (!state.fault) {
        Cursor place(text);
        place.skip_to(consumed);
        place.seek();
        state.fault = Diagnostic { {}, place.line(), place.column(), {},
            fmt::format("not valid JSON: {}", failure.message()) };
    }
    state.fault->file = file_name;
    return tl::unexpected(Diagnostics { *state.fault });
}

}
