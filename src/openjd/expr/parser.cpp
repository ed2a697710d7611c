#include <openjd/expr/parser.h>

#include <openjd/expr/dispatch.h>
#include <openjd/expr/token_cursor.h>
#include <openjd/expr/tree_builder.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sidereal::openjd::expr {

namespace {

constexpr std::array<std::string_view, 35> keywords { "False", "None", "True", "and", "as",
    "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield" };

// Recursive descent over the tokens, one function a line of the grammar.
class Parser : private TokenCursor {
public:
    Parser(std::string_view text, Tokens tokens)
        : TokenCursor(std::move(tokens))
        , builder_(text)
    {
    }

    Outcome<Tree> parse()
    {
        if (now().kind == TokenKind::end)
            return syntax("the expression is empty");
        auto const root = TRY(conditional());
        if (now().kind != TokenKind::end)
            return unexpected("an operator or the end");
        return builder_.finish(root);
    }

private:
    // --- operators, loosest first ---

    class Nesting {
    public:
        explicit Nesting(std::size_t& depth)
            : depth_(depth)
        {
            ++depth_;
        }
        ~Nesting() { --depth_; }
        Nesting(Nesting const&) = delete;
        Nesting& operator=(Nesting const&) = delete;
        bool is_too_deep() const { return depth_ > max_depth; }

    private:
        std::size_t& depth_;
    };

    tl::unexpected<Fault> too_deep() const
    {
        return syntax(fmt::format("the expression is more than {} levels deep", max_depth));
    }

    Outcome<NodeId> conditional()
    {
        Nesting const nesting(depth_);
        if (nesting.is_too_deep())
            return too_deep();
        auto const begin = now().begin;
        auto const value = TRY(any_of());
        if (!accept_word("if"))
            return value;
        auto const condition = TRY(any_of());
        if (!accept_word("else"))
            return unexpected("'else'");
        auto const other = TRY(conditional());
        return make(NodeKind::conditional, begin, { condition, value, other });
    }

    Outcome<NodeId> any_of() { return chain(NodeKind::logical_or, "or", &Parser::all_of); }
    Outcome<NodeId> all_of() { return chain(NodeKind::logical_and, "and", &Parser::negation); }

    Outcome<NodeId> chain(
        NodeKind kind, std::string_view word, Outcome<NodeId> (Parser::*operand)())
    {
        auto const begin = now().begin;
        std::vector<NodeId> operands { TRY((this->*operand)()) };
        while (accept_word(word))
            operands.push_back(TRY((this->*operand)()));
        if (operands.size() == 1)
            return operands[0];
        return make(kind, begin, operands);
    }

    Outcome<NodeId> negation()
    {
        auto const begin = now().begin;
        if (!accept_word("not"))
            return comparison();
        Nesting const nesting(depth_);
        if (nesting.is_too_deep())
            return too_deep();
        auto const operand = TRY(negation());
        return make(NodeKind::logical_not, begin, { operand });
    }

    std::optional<Comparison> accept_comparison()
    {
        static constexpr std::array<std::pair<std::string_view, Comparison>, 6> table { {
            { "==", Comparison::equal },
            { "!=", Comparison::not_equal },
            { "<", Comparison::less },
            { "<=", Comparison::less_or_equal },
            { ">", Comparison::greater },
            { ">=", Comparison::greater_or_equal },
        } };
        for (auto const& [text, comparison] : table) {
            if (accept_symbol(text))
                return comparison;
        }
        if (accept_word("in"))
            return Comparison::in;
        if (is_word(now(), "not") && is_word(ahead(1), "in")) {
            at_ += 2;
            return Comparison::not_in;
        }
        return std::nullopt;
    }

    Outcome<NodeId> comparison()
    {
        auto const begin = now().begin;
        std::vector<NodeId> operands { TRY(sum()) };
        std::vector<Comparison> comparisons;
        auto const caret = now().begin;
        while (auto const found = accept_comparison()) {
            comparisons.push_back(*found);
            operands.push_back(TRY(sum()));
        }
        if (comparisons.empty())
            return operands[0];
        Node node { .kind = NodeKind::compare };
        node.index = builder_.add_comparisons(comparisons);
        return place(node, begin, caret, operands);
    }

    Outcome<NodeId> sum()
    {
        auto const begin = now().begin;
        auto left = TRY(product());
        for (;;) {
            auto const caret = now().begin;
            Arithmetic operation = Arithmetic::add;
            if (accept_symbol("-"))
                operation = Arithmetic::subtract;
            else if (!accept_symbol("+"))
                return left;
            auto const right = TRY(product());
            left = TRY(arithmetic(operation, begin, caret, left, right));
        }
    }

    Outcome<NodeId> product()
    {
        static constexpr std::array<std::pair<std::string_view, Arithmetic>, 4> table { {
            { "*", Arithmetic::multiply },
            { "/", Arithmetic::divide },
            { "//", Arithmetic::floor_divide },
            { "%", Arithmetic::modulo },
        } };
        auto const begin = now().begin;
        auto left = TRY(unary());
        for (;;) {
            auto const caret = now();
            auto const* const row = std::find_if(table.begin(), table.end(),
                [&](auto const& one) { return is_symbol(caret, one.first); });
            if (row == table.end())
                return left;
            ++at_;
            auto const right = TRY(unary());
            left = TRY(arithmetic(row->second, begin, caret.begin, left, right));
        }
    }

    Outcome<NodeId> unary()
    {
        auto const begin = now().begin;
        auto const is_minus = is_symbol(now(), "-");
        if (!is_minus && !is_symbol(now(), "+"))
            return power();
        ++at_;
        Nesting const nesting(depth_);
        if (nesting.is_too_deep())
            return too_deep();
        auto const operand = TRY(unary());
        // The smallest int is written as minus a number that alone is none.
        if (is_minus && builder_.node(operand).kind == NodeKind::too_large)
            return constant(Value::of(std::numeric_limits<std::int64_t>::min()), begin);
        return make(is_minus ? NodeKind::negate : NodeKind::plus, begin, { operand });
    }

    Outcome<NodeId> power()
    {
        auto const begin = now().begin;
        auto const base = TRY(postfix());
        auto const caret = now().begin;
        if (!accept_symbol("**"))
            return base;
        Nesting const nesting(depth_);
        if (nesting.is_too_deep())
            return too_deep();
        auto const exponent = TRY(unary());
        return arithmetic(Arithmetic::power, begin, caret, base, exponent);
    }

    // --- operands ---

    Outcome<NodeId> postfix()
    {
        auto const begin = now().begin;
        auto node = TRY(primary());
        for (;;) {
            if (is_symbol(now(), "["))
                node = TRY(subscript(node, begin));
            else if (is_symbol(now(), "."))
                node = TRY(member(node, begin));
            else if (is_symbol(now(), "("))
                return syntax("only a function or method can be called");
            else
                return node;
        }
    }

    Outcome<NodeId> primary()
    {
        auto const token = now();
        switch (token.kind) {
        case TokenKind::integer: return integer();
        case TokenKind::floating: return floating();
        case TokenKind::string: return string();
        case TokenKind::name: return word();
        default: break;
        }
        if (is_symbol(token, "["))
            return list();
        if (!accept_symbol("("))
            return unexpected("a value");
        auto const inner = TRY(conditional());
        if (is_symbol(now(), ",") || is_symbol(ahead(0), "*"))
            return syntax("there are no tuples; use a list: [a, b]");
        if (is_word(now(), "for"))
            return syntax("a loop stands in brackets: [x for x in list]");
        if (!accept_symbol(")"))
            return unexpected("')'");
        return inner;
    }

    Outcome<NodeId> constant(Value value, std::uint32_t begin)
    {
        Node node { .kind = NodeKind::constant };
        node.index = builder_.add_constant(std::move(value));
        return place(node, begin, begin, {});
    }

    static std::string without_underscores(std::string_view text)
    {
        std::string out(text);
        out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
        return out;
    }

    Outcome<NodeId> integer()
    {
        auto const token = now();
        auto const digits = without_underscores(token.text);
        auto const kind = digits.size() > 1 ? digits[1] | 0x20 : 0;
        auto const base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
        std::uint64_t number = 0;
        auto const* const end = digits.data() + digits.size();
        auto const read = std::from_chars(digits.data() + (base == 10 ? 0 : 2), end, number, base);
        constexpr std::uint64_t limit = std::uint64_t { 1 } << 63;
        if (read.ec != std::errc {} || number > limit)
            return syntax("the number is beyond 64 bits; an int is -2^63 to 2^63-1");
        ++at_;
        if (number == limit)
            return place(Node { .kind = NodeKind::too_large }, token.begin, token.begin, {});
        return constant(Value::of(static_cast<std::int64_t>(number)), token.begin);
    }

    Outcome<NodeId> floating()
    {
        auto const token = now();
        auto const digits = without_underscores(token.text);
        double number = 0;
        auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        // Out of range is said of too small numbers too; those are zero.
        auto const is_tiny = read.ec == std::errc::result_out_of_range
            && (digits.find("e-") != std::string::npos || digits.find("E-") != std::string::npos);
        if (read.ec != std::errc {} && !is_tiny)
            return syntax("the number is too large for a float");
        ++at_;
        // Written as Python would write it back, unless it already is a plain decimal.
        auto const is_plain = digits.front() != '.' && digits.back() != '.'
            && token.text.size() == digits.size();
        return constant(Value::of(is_tiny ? 0.0 : number, is_plain ? digits : ""), token.begin);
    }

    Outcome<NodeId> string()
    {
        auto const begin = now().begin;
        std::string content;
        while (now().kind == TokenKind::string)
            content += tokens_.contents[tokens_.list[at_++].content];
        return constant(Value::of(std::move(content)), begin);
    }

    Outcome<NodeId> word()
    {
        auto const token = now();
        if (token.text == "True" || token.text == "true" || token.text == "False"
            || token.text == "false") {
            ++at_;
            return constant(Value::of((token.text[0] | 0x20) == 't'), token.begin);
        }
        if (token.text == "None" || token.text == "null") {
            ++at_;
            return constant(Value(), token.begin);
        }
        if (is_keyword(token.text))
            return unexpected("a value");
        ++at_;
        if (is_symbol(now(), "("))
            return call(token, {}, token.begin, false);
        auto const local = std::find(locals_.begin(), locals_.end(), token.text);
        if (local == locals_.end())
            return dotted_name(token);
        Node node { .kind = NodeKind::local };
        node.index = static_cast<std::uint32_t>(local - locals_.begin());
        return place(node, token.begin, token.begin, {});
    }

    // Everything up to a method: what is symbol and what property, the symbols will tell.
    Outcome<NodeId> dotted_name(Token const& first)
    {
        DottedName name { std::string(first.text), { first.end - first.begin }, { first.begin } };
        while (is_symbol(now(), ".") && ahead(1).kind == TokenKind::name
            && !is_symbol(ahead(2), "(")) {
            auto const& part = ahead(1);
            name.text += '.';
            name.text += part.text;
            name.ends.push_back(static_cast<std::uint32_t>(name.text.size()));
            name.places.push_back(part.begin);
            at_ += 2;
        }
        if (name.ends.size() > max_depth)
            return too_deep();
        Node node { .kind = NodeKind::name };
        node.index = builder_.add_name(std::move(name));
        return place(node, first.begin, first.begin, {});
    }

    Outcome<NodeId> member(NodeId base, std::uint32_t begin)
    {
        ++at_;
        auto const token = now();
        if (token.kind != TokenKind::name)
            return unexpected("the name of a property or method");
        ++at_;
        if (is_symbol(now(), "("))
            return call(token, { base }, begin, true);
        Node node { .kind = NodeKind::property };
        node.index = builder_.add_property(token.text);
        return place(node, begin, token.begin, { base });
    }

    // The name has been read, the bracket has not.
    Outcome<NodeId> call(
        Token const& name, std::vector<NodeId> arguments, std::uint32_t begin, bool is_method)
    {
        if (name.text.starts_with("__"))
            return syntax_at(name, fmt::format("'{}' cannot be called", excerpt(name.text)));
        auto const* function = find_function(name.text);
        if (function == nullptr)
            return syntax_at(name, unknown_function(name.text, is_method));
        ++at_;
        while (!is_symbol(now(), ")")) {
            if (is_symbol(now(), "*") || is_symbol(now(), "**"))
                return syntax("arguments cannot be unpacked");
            arguments.push_back(TRY(conditional()));
            if (is_word(now(), "for"))
                return syntax("a loop stands in brackets: [x for x in list]");
            if (!accept_symbol(","))
                break;
        }
        if (!accept_symbol(")"))
            return unexpected("',' or ')'");
        Node node { .kind = NodeKind::call, .is_method = is_method };
        node.index = builder_.add_function(function);
        return place(node, begin, name.begin, arguments);
    }

    Outcome<NodeId> list()
    {
        auto const begin = now().begin;
        auto const variable = loop_variable();
        ++at_;
        if (variable != nullptr)
            return comprehension(begin, *variable);
        std::vector<NodeId> elements;
        while (!is_symbol(now(), "]")) {
            if (is_symbol(now(), "*"))
                return syntax("lists cannot be unpacked; join them with +");
            elements.push_back(TRY(conditional()));
            if (!accept_symbol(","))
                break;
        }
        if (!accept_symbol("]"))
            return unexpected("',' or ']'");
        return make(NodeKind::list, begin, elements);
    }

    // The token behind the `for` of the bracket that opens here; null if it has none.
    Token const* loop_variable() const
    {
        std::size_t open = 0;
        for (auto at = at_; at + 1 < tokens_.list.size(); ++at) {
            auto const& token = tokens_.list[at];
            auto const is_bracket = token.kind == TokenKind::symbol && token.text.size() == 1;
            if (is_bracket && (token.text == "[" || token.text == "("))
                ++open;
            if (is_bracket && (token.text == "]" || token.text == ")") && --open == 0)
                return nullptr;
            if (open == 1 && is_word(token, "for") && !is_symbol(tokens_.list[at - 1], "."))
                return &tokens_.list[at + 1];
        }
        return nullptr;
    }

    Outcome<void> check_variable(Token const& token) const
    {
        if (token.kind != TokenKind::name)
            return syntax_at(token, "a loop needs one name: [x for x in list]");
        if (is_keyword(token.text) || !is_user_identifier(token.text))
            return syntax_at(token,
                fmt::format("a loop's name begins with a small letter or _, not '{}'",
                    excerpt(token.text)));
        if (std::find(locals_.begin(), locals_.end(), token.text) != locals_.end())
            return syntax_at(token,
                fmt::format("'{}' is the name of the loop around this one", excerpt(token.text)));
        return {};
    }

    Outcome<NodeId> comprehension(std::uint32_t begin, Token const& variable)
    {
        TRY(check_variable(variable));
        locals_.push_back(variable.text);
        auto const element = TRY(conditional());
        if (!accept_word("for"))
            return unexpected("'for'");
        ++at_;
        if (!accept_word("in"))
            return unexpected("'in'");
        locals_.pop_back();
        auto const iterable = TRY(any_of());
        locals_.push_back(variable.text);
        std::vector<NodeId> children { iterable, element };
        if (accept_word("if"))
            children.push_back(TRY(any_of()));
        if (is_word(now(), "for") || is_word(now(), "async"))
            return syntax("a list has one loop; use flatten() around a list of lists");
        if (is_word(now(), "if"))
            return syntax("a loop has one condition; join them with 'and'");
        if (!accept_symbol("]"))
            return unexpected("']'");
        locals_.pop_back();
        Node node { .kind = NodeKind::comprehension };
        node.index = builder_.add_local(locals_.size(), variable.text);
        return place(node, begin, begin, children);
    }

    Outcome<NodeId> subscript(NodeId base, std::uint32_t begin)
    {
        auto const caret = now().begin;
        ++at_;
        std::vector<NodeId> children { base, no_node, no_node, no_node };
        std::size_t part = 1;
        if (is_symbol(now(), "]"))
            return syntax("an index or a slice is missing");
        while (!is_symbol(now(), "]")) {
            if (accept_symbol(":")) {
                if (++part > 3)
                    return syntax_at(tokens_.list[at_ - 1], "a slice has at most three parts");
                continue;
            }
            if (children[part] != no_node)
                return unexpected("']' or ':'");
            children[part] = TRY(conditional());
            if (is_symbol(now(), ","))
                return syntax("an index is one number");
        }
        ++at_;
        if (part > 1)
            return place(Node { .kind = NodeKind::slice }, begin, caret, children);
        children.resize(2);
        return place(Node { .kind = NodeKind::subscript }, begin, caret, children);
    }

    // --- nodes ---

    Outcome<NodeId> make(NodeKind kind, std::uint32_t begin, std::vector<NodeId> const& children)
    {
        return place(Node { .kind = kind }, begin, begin, children);
    }
    Outcome<NodeId> arithmetic(
        Arithmetic operation, std::uint32_t begin, std::uint32_t caret, NodeId left, NodeId right)
    {
        Node node { .kind = NodeKind::arithmetic, .arithmetic = operation };
        return place(node, begin, caret, { left, right });
    }
    Outcome<NodeId> place(
        Node node, std::uint32_t begin, std::uint32_t caret, std::vector<NodeId> const& children)
    {
        node.begin = begin;
        node.end = tokens_.list[at_ - 1].end;
        node.caret = caret;
        auto const id = builder_.add(node, children);
        if (builder_.height(id) > max_depth)
            return too_deep();
        return id;
    }

    std::size_t depth_ { 0 };
    // The loops around the place, outermost first.
    std::vector<std::string_view> locals_;
    TreeBuilder builder_;
};

}

Outcome<Tree> parse_tree(std::string_view text)
{
    if (text.size() > max_expression_bytes)
        return fault(
            FaultKind::syntax, "the expression has more than {} bytes", max_expression_bytes);
    if (auto const bad = find_bad_utf8(text)) {
        auto const place = static_cast<std::uint32_t>(*bad);
        return tl::unexpected<Fault>(
            Fault { "the expression is not UTF-8", FaultKind::syntax, false, place, place, place });
    }
    return Parser(text, TRY(read_tokens(text))).parse();
}

bool is_keyword(std::string_view word)
{
    return std::binary_search(keywords.begin(), keywords.end(), word);
}

bool is_user_identifier(std::string_view word)
{
    return is_identifier(word) && (word[0] == '_' || (word[0] >= 'a' && word[0] <= 'z'));
}

}
