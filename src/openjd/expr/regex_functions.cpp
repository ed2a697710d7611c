#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/unicode.h>
#include <openjd/text_rules.h>

namespace sidereal::openjd::expr {

namespace {

// Goes through the matches of a text from left to right. An empty match does not stand directly
// behind another match.
class Matches {
public:
    Matches(Regex const& regex, std::string_view text, Meter& meter)
        : regex_(regex)
        , text_(text)
        , meter_(meter)
    {
    }

    Outcome<std::optional<Match>> next()
    {
        while (from_ <= text_.size()) {
            TRY(meter_.spend(64 + 8 * regex_.groups()));
            auto match = regex_.find(text_, from_, Anchor::anywhere);
            auto const walked = (match ? match->end : text_.size()) - from_;
            TRY(meter_.spend(walked * regex_.weight() / 256));
            if (!match)
                break;
            auto const is_empty = match->begin == match->end;
            auto const is_behind = is_empty && last_end_ == match->begin;
            from_ = match->end;
            if (is_empty)
                step(match->end);
            if (is_behind)
                continue;
            last_end_ = match->end;
            return match;
        }
        return std::nullopt;
    }

private:
    // To the next character, or beyond the end.
    void step(std::size_t at)
    {
        if (at < text_.size())
            decode_utf8(text_, at);
        else
            ++at;
        from_ = at;
    }

    Regex const& regex_;
    std::string_view text_;
    Meter& meter_;
    std::size_t from_ { 0 };
    std::optional<std::size_t> last_end_;
};

Outcome<Regex const*> regex_of(Arguments arguments, Runtime& runtime)
{
    return runtime.regexes.get(arguments[1].text(), runtime.meter);
}

Value texts_of(std::vector<std::string_view> const& pieces, std::size_t from)
{
    std::vector<Value> out;
    for (auto i = from; i < pieces.size(); ++i)
        out.push_back(Value::of(std::string(pieces[i])));
    return Value::list(string_type, std::move(out));
}

template<Anchor anchor>
Outcome<Value> first_match(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const* regex = TRY(regex_of(arguments, runtime));
    TRY(runtime.meter.spend(64 + 16 * regex->groups() + text.size() * regex->weight() / 256));
    auto const match = regex->find(text, 0, anchor);
    if (!match)
        return Value();
    TRY(runtime.meter.reserve(match->groups.size() * (text.size() + sizeof(Value) * 3)));
    return texts_of(match->groups, 0);
}

Outcome<Value> all_matches(Arguments arguments, Runtime& runtime)
{
    auto const* regex = TRY(regex_of(arguments, runtime));
    Matches matches(*regex, arguments[0].text(), runtime.meter);
    std::vector<Value> out;
    std::uint64_t bytes = 0;
    auto const groups = regex->groups();
    while (auto const match = TRY(matches.next())) {
        bytes += (groups + 1) * (3 * sizeof(Value) + 64) + 2 * (match->end - match->begin);
        TRY(runtime.meter.reserve(bytes));
        if (groups > 1)
            out.push_back(texts_of(match->groups, 1));
        else
            out.push_back(Value::of(std::string(match->groups[groups])));
    }
    return Value::list(groups > 1 ? string_type.list() : string_type, std::move(out));
}

bool refers_to_group(std::string_view text)
{
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        auto const next = text[i + 1];
        auto const is_digit = next >= '0' && next <= '9';
        if (text[i] == '\\' && (is_digit || text.substr(i + 1).starts_with("g<")))
            return true;
        if (text[i] == '$' && (is_digit || next == '{'))
            return true;
    }
    return false;
}

Outcome<Value> substitute(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const& fresh = arguments[2].text();
    if (refers_to_group(fresh))
        return bad_value("'{}' refers to a group; the replacement is plain text", excerpt(fresh));
    auto const* regex = TRY(regex_of(arguments, runtime));
    Matches matches(*regex, text, runtime.meter);
    std::string out;
    std::size_t from = 0;
    while (auto const match = TRY(matches.next())) {
        TRY(runtime.meter.spend_text(fresh.size()));
        TRY(runtime.meter.reserve(2 * (out.size() + fresh.size()) + text.size()));
        out.append(text, from, match->begin - from);
        out += fresh;
        from = match->end;
    }
    out.append(text, from);
    return Value::of(std::move(out));
}

Outcome<Value> escape(Arguments arguments, Runtime& runtime)
{
    static constexpr std::string_view special = "\\.+*?()|[]{}^$#&-~";
    auto const& text = arguments[0].text();
    TRY(runtime.meter.spend(cost_of(arguments[0])));
    TRY(runtime.meter.reserve(2 * text.size()));
    std::string out;
    for (auto const c : text) {
        if (special.find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return Value::of(std::move(out));
}

// As in Python, 0 splits is no limit and a negative one allows none.
Outcome<Value> split(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const* regex = TRY(regex_of(arguments, runtime));
    auto const limit = arguments.size() > 2 ? arguments[2].integer() : 0;
    Matches matches(*regex, text, runtime.meter);
    std::vector<Value> out;
    std::size_t from = 0;
    std::uint64_t bytes = 0;
    for (std::int64_t done = 0; limit == 0 || done < limit; ++done) {
        auto const match = TRY(matches.next());
        if (!match)
            break;
        bytes += 2 * sizeof(Value) + 64 + match->begin - from;
        TRY(runtime.meter.reserve(bytes));
        out.push_back(Value::of(text.substr(from, match->begin - from)));
        from = match->end;
    }
    TRY(runtime.meter.reserve(bytes + text.size()));
    out.push_back(Value::of(text.substr(from)));
    return Value::list(string_type, std::move(out));
}

}

void add_regex_functions(Library& library)
{
    auto const text = string_type;
    auto const texts = string_type.list();
    library.add("re_match", { text, text }, texts.or_null(), first_match<Anchor::start>);
    library.add("re_search", { text, text }, texts.or_null(), first_match<Anchor::anywhere>);
    library.add("re_findall", { text, text }, texts | texts.list(), all_matches);
    library.add("re_sub", { text, text, text }, text, substitute);
    library.add("re_escape", { text }, text, escape);
    library.add("re_split", { text, text }, texts, split);
    library.add("re_split", { text, text, int_type }, texts, split);
}

}
