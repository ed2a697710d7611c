#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/unicode.h>

#include <algorithm>

// Case, padding, trimming, classes of characters.
namespace sidereal::openjd::expr {

namespace {

// Beyond ASCII a character costs several look-ups in tables.
Outcome<void> spend_characters(Value const& text, Meter& meter)
{
    TRY(meter.spend_text(text.text().size()));
    return text.is_ascii() ? Outcome<void>() : meter.spend(text.length() * 8);
}

template<std::string (*change)(std::string_view)>
Outcome<Value> changed(Arguments arguments, Runtime& runtime)
{
    auto const& value = arguments[0];
    TRY(spend_characters(value, runtime.meter));
    // No character has a case of more than three characters of three bytes.
    auto const growth = value.is_ascii() ? 1U : 9U;
    TRY(runtime.meter.reserve(growth * value.text().size()));
    return Value::of(change(value.text()));
}

template<Trait trait>
Outcome<Value> all_are(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(spend_characters(arguments[0], runtime.meter));
    for (std::size_t at = 0; at < text.size();) {
        if (!has_trait(decode_utf8(text, at), trait))
            return Value::of(false);
    }
    return Value::of(!text.empty());
}

// One letter of this case at least, and none of another.
template<Trait wanted, Trait other>
Outcome<Value> is_in_case(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(spend_characters(arguments[0], runtime.meter));
    bool found = false;
    for (std::size_t at = 0; at < text.size();) {
        auto const point = decode_utf8(text, at);
        if (has_trait(point, other) || has_trait(point, Trait::title))
            return Value::of(false);
        found = found || has_trait(point, wanted);
    }
    return Value::of(found);
}

Outcome<Value> is_ascii(Arguments arguments, Runtime& runtime)
{
    TRY(runtime.meter.spend(cost_of(arguments[0])));
    return Value::of(arguments[0].is_ascii());
}

// --- trimming ---

enum class Ends : std::uint8_t {
    left,
    right,
    both,
};

// `drop` says of a character whether it goes.
template<typename Drop>
std::string_view trimmed(std::string_view text, Ends ends, Drop drop)
{
    auto begin = text.size();
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        if (drop(decode_utf8(text, at)))
            continue;
        begin = std::min(begin, start);
        end = at;
    }
    if (ends == Ends::right)
        begin = 0;
    if (ends == Ends::left)
        end = text.size();
    return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

template<Ends ends>
Outcome<Value> strip(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(spend_characters(arguments[0], runtime.meter));
    TRY(runtime.meter.reserve(text.size()));
    auto const is_blank = [](char32_t point) { return has_trait(point, Trait::blank); };
    return Value::of(std::string(trimmed(text, ends, is_blank)));
}

template<Ends ends>
Outcome<Value> strip_these(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const& chars = arguments[1].text();
    TRY(spend_characters(arguments[0], runtime.meter));
    TRY(runtime.meter.spend(arguments[0].length() / 16 + arguments[1].length()));
    TRY(runtime.meter.reserve(text.size() + chars.size() * sizeof(char32_t)));
    std::vector<char32_t> dropped;
    for (std::size_t at = 0; at < chars.size();)
        dropped.push_back(decode_utf8(chars, at));
    std::sort(dropped.begin(), dropped.end());
    auto const is_dropped = [&dropped](char32_t point) {
        return std::binary_search(dropped.begin(), dropped.end(), point);
    };
    return Value::of(std::string(trimmed(text, ends, is_dropped)));
}

Outcome<Value> remove_prefix(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const& prefix = arguments[1].text();
    TRY(runtime.meter.spend(cost_of(arguments[0])));
    return text.starts_with(prefix) ? Value::of(text.substr(prefix.size())) : arguments[0];
}

Outcome<Value> remove_suffix(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const& suffix = arguments[1].text();
    TRY(runtime.meter.spend(cost_of(arguments[0])));
    return text.ends_with(suffix) ? Value::of(text.substr(0, text.size() - suffix.size()))
                                  : arguments[0];
}

// --- padding ---

// How many characters are missing; asks for them.
Outcome<std::uint64_t> missing(Value const& text, std::int64_t width, Runtime& runtime)
{
    auto const length = static_cast<std::int64_t>(text.length());
    auto const count = static_cast<std::uint64_t>(width > length ? width - length : 0);
    TRY(runtime.meter.reserve(text.text().size() + count));
    TRY(runtime.meter.spend_text(text.text().size() + count));
    return count;
}

Outcome<Value> pad_right(Arguments arguments, Runtime& runtime)
{
    auto const count = TRY(missing(arguments[0], arguments[1].integer(), runtime));
    return Value::of(arguments[0].text() + std::string(count, ' '));
}

Outcome<Value> pad_left(Arguments arguments, Runtime& runtime)
{
    auto const count = TRY(missing(arguments[0], arguments[1].integer(), runtime));
    return Value::of(std::string(count, ' ') + arguments[0].text());
}

Outcome<Value> pad_both(Arguments arguments, Runtime& runtime)
{
    auto const width = arguments[1].integer();
    auto const count = TRY(missing(arguments[0], width, runtime));
    // Python's choice of the side for the odd one.
    auto const left = count / 2 + (count & static_cast<std::uint64_t>(width) & 1);
    return Value::of(std::string(left, ' ') + arguments[0].text() + std::string(count - left, ' '));
}

Outcome<Value> fill(Value const& text, std::int64_t width, Runtime& runtime)
{
    auto const count = TRY(missing(text, width, runtime));
    auto out = text.text();
    auto const has_sign = out.starts_with('-') || out.starts_with('+');
    out.insert(has_sign ? 1 : 0, count, '0');
    return Value::of(std::move(out));
}

Outcome<Value> zero_fill(Arguments arguments, Runtime& runtime)
{
    auto const& value = arguments[0];
    auto const text = value.is(Kind::string) ? value : Value::of(value.to_text());
    return fill(text, arguments[1].integer(), runtime);
}

template<Ends ends>
void add_strip(Library& library, std::string_view name)
{
    library.add(name, { string_type }, string_type, strip<ends>);
    library.add(name, { string_type, string_type }, string_type, strip_these<ends>);
}

}

void add_string_functions(Library& library)
{
    auto const text = string_type;
    library.add("upper", { text }, text, changed<to_upper>);
    library.add("lower", { text }, text, changed<to_lower_case>);
    library.add("capitalize", { text }, text, changed<capitalize>);
    library.add("title", { text }, text, changed<to_title>);
    library.add("isdigit", { text }, bool_type, all_are<Trait::digit>);
    library.add("isalpha", { text }, bool_type, all_are<Trait::alphabetic>);
    library.add("isalnum", { text }, bool_type, all_are<Trait::alphanumeric>);
    library.add("isspace", { text }, bool_type, all_are<Trait::blank>);
    library.add("isupper", { text }, bool_type, is_in_case<Trait::upper, Trait::lower>);
    library.add("islower", { text }, bool_type, is_in_case<Trait::lower, Trait::upper>);
    library.add("isascii", { text }, bool_type, is_ascii);
    add_strip<Ends::both>(library, "strip");
    add_strip<Ends::left>(library, "lstrip");
    add_strip<Ends::right>(library, "rstrip");
    library.add("removeprefix", { text, text }, text, remove_prefix);
    library.add("removesuffix", { text, text }, text, remove_suffix);
    library.add("ljust", { text, int_type }, text, pad_right);
    library.add("rjust", { text, int_type }, text, pad_left);
    library.add("center", { text, int_type }, text, pad_both);
    for (auto const type : { text, int_type, float_type })
        library.add("zfill", { type, int_type }, text, zero_fill);
}

}
