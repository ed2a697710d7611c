#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/unicode.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <cstring>

// Finding, replacing, splitting and joining.
namespace sidereal::openjd::expr {

namespace {

Outcome<void> check_sought(Value const& sought, std::string_view what)
{
    if (sought.text().empty())
        return bad_value("the {} is empty; every place would match it", what);
    return {};
}

// Two-way search takes time with both lengths only.
Outcome<void> spend_search(Arguments arguments, Meter& meter)
{
    return meter.spend(cost_of(arguments[0]) + cost_of(arguments[1]));
}

// memmem is linear; std::string::find is not.
std::size_t find_from(std::string_view text, std::string_view sought, std::size_t from)
{
    if (from > text.size())
        return std::string_view::npos;
    auto const* found = memmem(
        text.data() + from, text.size() - from, sought.data(), sought.size());
    return found == nullptr
        ? std::string_view::npos
        : static_cast<std::size_t>(static_cast<char const*>(found) - text.data());
}

// The last place; by the first place in both texts turned round.
std::size_t find_last(std::string_view text, std::string_view sought)
{
    std::string const back(text.rbegin(), text.rend());
    std::string const back_sought(sought.rbegin(), sought.rend());
    auto const found = find_from(back, back_sought, 0);
    return found == std::string::npos ? found : text.size() - found - sought.size();
}

Outcome<Value> starts_with(Arguments arguments, Runtime& runtime)
{
    TRY(runtime.meter.spend(cost_of(arguments[1])));
    return Value::of(arguments[0].text().starts_with(arguments[1].text()));
}

Outcome<Value> ends_with(Arguments arguments, Runtime& runtime)
{
    TRY(runtime.meter.spend(cost_of(arguments[1])));
    return Value::of(arguments[0].text().ends_with(arguments[1].text()));
}

Outcome<Value> count(Arguments arguments, Runtime& runtime)
{
    TRY(check_sought(arguments[1], "text to count"));
    TRY(spend_search(arguments, runtime.meter));
    auto const& text = arguments[0].text();
    auto const& sought = arguments[1].text();
    std::int64_t found = 0;
    for (auto at = find_from(text, sought, 0); at != std::string::npos;
         at = find_from(text, sought, at + sought.size()))
        ++found;
    TRY(runtime.meter.spend(static_cast<std::uint64_t>(found) * 2));
    return Value::of(found);
}

enum class From : std::uint8_t {
    left,
    right,
};
enum class Absent : std::uint8_t {
    is_minus_one,
    is_fault,
};

template<From from, Absent absent>
Outcome<Value> place_of(Arguments arguments, Runtime& runtime)
{
    TRY(check_sought(arguments[1], "text to find"));
    TRY(spend_search(arguments, runtime.meter));
    auto const& text = arguments[0].text();
    auto const& sought = arguments[1].text();
    if (from == From::right) {
        TRY(runtime.meter.reserve(text.size() + sought.size()));
        TRY(runtime.meter.spend(cost_of(arguments[0])));
    }
    auto const at = from == From::left ? find_from(text, sought, 0) : find_last(text, sought);
    if (at != std::string::npos)
        return Value::of(static_cast<std::int64_t>(count_code_points(text.substr(0, at))));
    if (absent == Absent::is_fault)
        return bad_value("'{}' is not in '{}'", excerpt(sought), excerpt(text));
    return Value::of(std::int64_t { -1 });
}

Outcome<Value> replace(Arguments arguments, Runtime& runtime)
{
    TRY(check_sought(arguments[1], "text to replace"));
    auto const found = TRY(count(arguments.first(2), runtime)).integer();
    auto const& text = arguments[0].text();
    auto const& old = arguments[1].text();
    auto const& fresh = arguments[2].text();
    auto const size = text.size() + static_cast<std::uint64_t>(found) * fresh.size();
    TRY(runtime.meter.reserve(size));
    TRY(runtime.meter.spend_text(size));
    std::string out;
    std::size_t from = 0;
    for (auto at = find_from(text, old, 0); at != std::string::npos;
         at = find_from(text, old, from)) {
        out.append(text, from, at - from);
        out += fresh;
        from = at + old.size();
    }
    out.append(text, from);
    return Value::of(std::move(out));
}

// --- splitting ---

// Pieces of a text, with their cost asked for one by one.
class Pieces {
public:
    Pieces(Value const& text, Meter& meter)
        : meter_(meter)
        , text_(text.text())
    {
    }

    Outcome<void> add(std::size_t from, std::size_t end)
    {
        TRY(meter_.spend(4));
        bytes_ += sizeof(Value) * 2 + 64 + (end - from);
        TRY(meter_.reserve(bytes_));
        list_.push_back(Value::of(std::string(text_.substr(from, end - from))));
        return {};
    }

    Value take() { return Value::list(string_type, std::move(list_)); }
    Value take_reversed()
    {
        std::reverse(list_.begin(), list_.end());
        return take();
    }

private:
    Meter& meter_;
    std::string_view text_;
    std::vector<Value> list_;
    std::uint64_t bytes_ { 0 };
};

Outcome<Value> split_at_blanks(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(runtime.meter.spend((arguments[0].is_ascii() ? 1U : 64U) * cost_of(arguments[0])));
    Pieces pieces(arguments[0], runtime.meter);
    auto begin = std::string::npos;
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        auto const is_blank = has_trait(decode_utf8(text, at), Trait::blank);
        if (!is_blank && begin == std::string::npos)
            begin = start;
        if (is_blank && begin != std::string::npos) {
            TRY(pieces.add(begin, start));
            begin = std::string::npos;
        }
    }
    if (begin != std::string::npos)
        TRY(pieces.add(begin, text.size()));
    return pieces.take();
}

// A negative limit is none.
std::uint64_t split_limit(Arguments arguments)
{
    if (arguments.size() < 3 || arguments[2].integer() < 0)
        return UINT64_MAX;
    return static_cast<std::uint64_t>(arguments[2].integer());
}

Outcome<Value> split(Arguments arguments, Runtime& runtime)
{
    TRY(check_sought(arguments[1], "separator"));
    TRY(spend_search(arguments, runtime.meter));
    auto const& text = arguments[0].text();
    auto const& separator = arguments[1].text();
    Pieces pieces(arguments[0], runtime.meter);
    std::size_t from = 0;
    for (auto left = split_limit(arguments); left > 0; --left) {
        auto const at = find_from(text, separator, from);
        if (at == std::string::npos)
            break;
        TRY(pieces.add(from, at));
        from = at + separator.size();
    }
    TRY(pieces.add(from, text.size()));
    return pieces.take();
}

Outcome<Value> split_from_right(Arguments arguments, Runtime& runtime)
{
    TRY(check_sought(arguments[1], "separator"));
    TRY(spend_search(arguments, runtime.meter));
    TRY(spend_search(arguments, runtime.meter));
    auto const& text = arguments[0].text();
    auto const& separator = arguments[1].text();
    TRY(runtime.meter.reserve(text.size() + separator.size()));
    std::string const back(text.rbegin(), text.rend());
    std::string const back_separator(separator.rbegin(), separator.rend());
    Pieces pieces(arguments[0], runtime.meter);
    std::size_t from = 0;
    for (auto left = split_limit(arguments); left > 0; --left) {
        auto const at = find_from(back, back_separator, from);
        if (at == std::string::npos)
            break;
        TRY(pieces.add(text.size() - at, text.size() - from));
        from = at + separator.size();
    }
    TRY(pieces.add(0, text.size() - from));
    return pieces.take_reversed();
}

Outcome<Value> join(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    auto const& separator = arguments[1].text();
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < list.size(); ++i)
        size += list.at(i).text().size() + separator.size();
    TRY(runtime.meter.spend(list.size()));
    TRY(runtime.meter.spend_text(size));
    TRY(runtime.meter.reserve(size));
    std::string out;
    out.reserve(size);
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0)
            out += separator;
        out += list.at(i).text();
    }
    return Value::of(std::move(out));
}

}

void add_string_searches(Library& library)
{
    auto const text = string_type;
    auto const texts = string_type.list();
    library.add("startswith", { text, text }, bool_type, starts_with);
    library.add("endswith", { text, text }, bool_type, ends_with);
    library.add("count", { text, text }, int_type, count);
    library.add("find", { text, text }, int_type, place_of<From::left, Absent::is_minus_one>);
    library.add("rfind", { text, text }, int_type, place_of<From::right, Absent::is_minus_one>);
    library.add("index", { text, text }, int_type, place_of<From::left, Absent::is_fault>);
    library.add("rindex", { text, text }, int_type, place_of<From::right, Absent::is_fault>);
    library.add("replace", { text, text, text }, text, replace);
    library.add("split", { text }, texts, split_at_blanks);
    library.add("split", { text, text }, texts, split);
    library.add("split", { text, text, int_type }, texts, split);
    library.add("rsplit", { text }, texts, split_at_blanks);
    library.add("rsplit", { text, text }, texts, split_from_right);
    library.add("rsplit", { text, text, int_type }, texts, split_from_right);
    for (auto const list : { empty_list_type, string_type.list(), path_type.list() })
        library.add("join", { list, text }, text, join);
}

}
