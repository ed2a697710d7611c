#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/pure_path.h>
#include <openjd/text_rules.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

// Taking a path apart takes as long as this many additions.
constexpr std::uint64_t parsing = 24;

Outcome<PurePath> parsed(Value const& path, Runtime& runtime)
{
    TRY(runtime.meter.spend(parsing + path.text().size() / 8));
    TRY(runtime.meter.reserve(path.text().size() * (sizeof(std::string) + 1)));
    return PurePath::parse(path.text(), runtime.context.path_format);
}

Value list_of_texts(std::vector<std::string> texts)
{
    std::vector<Value> out;
    for (auto& text : texts)
        out.push_back(Value::of(std::move(text)));
    return Value::list(string_type, std::move(out));
}

// --- properties ---

Outcome<Value> name_of(Arguments arguments, Runtime& runtime)
{
    return Value::of(TRY(parsed(arguments[0], runtime)).name());
}

Outcome<Value> stem_of(Arguments arguments, Runtime& runtime)
{
    auto const path = TRY(parsed(arguments[0], runtime));
    return Value::of(split_name(path.name()).stem);
}

Outcome<Value> suffix_of(Arguments arguments, Runtime& runtime)
{
    auto const path = TRY(parsed(arguments[0], runtime));
    return Value::of(split_name(path.name()).suffix);
}

Outcome<Value> suffixes_of_path(Arguments arguments, Runtime& runtime)
{
    auto const path = TRY(parsed(arguments[0], runtime));
    return list_of_texts(suffixes_of(path.name()));
}

Outcome<Value> parent_of(Arguments arguments, Runtime& runtime)
{
    auto path = TRY(parsed(arguments[0], runtime));
    if (!path.parts.empty())
        path.parts.pop_back();
    return Value::path(path.text());
}

Outcome<Value> parts_of(Arguments arguments, Runtime& runtime)
{
    auto path = TRY(parsed(arguments[0], runtime));
    if (auto anchor = path.anchor(); !anchor.empty())
        path.parts.insert(path.parts.begin(), std::move(anchor));
    TRY(runtime.meter.spend(path.parts.size()));
    return list_of_texts(std::move(path.parts));
}

// --- making paths ---

Outcome<Value> path_of_text(Arguments arguments, Runtime& runtime)
{
    TRY(runtime.meter.spend(parsing));
    TRY(runtime.meter.reserve(arguments[0].text().size() * (sizeof(std::string) + 1)));
    return Value::path(normal_path(arguments[0].text(), runtime.context.path_format));
}

Outcome<Value> path_of_parts(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(cost_of(list) + list.size() * Cost { parsing, parsing }));
    TRY(runtime.meter.reserve(list.bytes() * 2));
    auto const format = runtime.context.path_format;
    if (list.size() > 0 && is_uri(list.at(0).text(), format)) {
        auto text = list.at(0).text();
        for (std::size_t i = 1; i < list.size(); ++i)
            text += "/" + list.at(i).text();
        return Value::path(std::move(text));
    }
    auto path = PurePath::parse("", format);
    for (std::size_t i = 0; i < list.size(); ++i)
        path = path.joined(PurePath::parse(list.at(i).text(), format));
    return Value::path(path.text());
}

Outcome<Value> child_of(Arguments arguments, Runtime& runtime)
{
    auto const path = TRY(parsed(arguments[0], runtime));
    auto const& text = arguments[1].text();
    auto child = TRY(parsed(arguments[1], runtime));
    // A URI keeps what is behind it as it is written.
    if (path.is_uri && !child.is_uri && child.root.empty() && child.drive.empty()) {
        child.parts = { text };
        if (runtime.context.path_format == HostFormat::windows)
            std::replace(child.parts[0].begin(), child.parts[0].end(), '\\', '/');
        if (text.empty())
            child.parts.clear();
    }
    return Value::path(path.joined(child).text());
}

Outcome<Value> appended(Arguments arguments, Runtime& runtime)
{
    auto const& path = arguments[0].text();
    auto const& suffix = arguments[1].text();
    TRY(runtime.meter.spend_text(path.size() + suffix.size()));
    TRY(runtime.meter.reserve((path.size() + suffix.size()) * (sizeof(std::string) + 1)));
    return Value::path(normal_path(path + suffix, runtime.context.path_format));
}

// --- changing the last part ---

Outcome<void> check_has_name(PurePath const& path, Value const& value)
{
    if (path.name().empty())
        return bad_value("'{}' has no last part to change", excerpt(value.text()));
    return {};
}

bool has_separator(std::string_view text, PurePath const& path)
{
    return text.find('/') != std::string_view::npos
        || (!path.is_uri && path.format == HostFormat::windows
            && text.find('\\') != std::string_view::npos);
}

Outcome<Value> renamed(PurePath path, std::string name)
{
    if (name.empty() || name == "." || has_separator(name, path))
        return bad_value("'{}' is no name of a file", excerpt(name));
    path.parts.back() = std::move(name);
    return Value::path(path.text());
}

Outcome<Value> with_name(Arguments arguments, Runtime& runtime)
{
    auto path = TRY(parsed(arguments[0], runtime));
    TRY(check_has_name(path, arguments[0]));
    return renamed(std::move(path), arguments[1].text());
}

Outcome<Value> with_stem(Arguments arguments, Runtime& runtime)
{
    auto path = TRY(parsed(arguments[0], runtime));
    TRY(check_has_name(path, arguments[0]));
    auto const& stem = arguments[1].text();
    auto const suffix = split_name(path.name()).suffix;
    if (stem.empty())
        return bad_value("an empty stem would leave '{}' as the name", excerpt(suffix));
    return renamed(std::move(path), stem + suffix);
}

Outcome<Value> with_suffix(Arguments arguments, Runtime& runtime)
{
    auto path = TRY(parsed(arguments[0], runtime));
    TRY(check_has_name(path, arguments[0]));
    auto const& suffix = arguments[1].text();
    if (!suffix.empty() && (suffix[0] != '.' || suffix == "." || has_separator(suffix, path)))
        return bad_value("'{}' is no suffix; one begins with a dot, such as .exr", excerpt(suffix));
    auto name = split_name(path.name()).stem + suffix;
    return renamed(std::move(path), std::move(name));
}

Outcome<Value> path_with_number(Arguments arguments, Runtime& runtime)
{
    auto path = TRY(parsed(arguments[0], runtime));
    TRY(check_has_name(path, arguments[0]));
    auto name = TRY(number_name(path.name(), arguments[1].integer()));
    return renamed(std::move(path), std::move(name));
}

Outcome<Value> text_with_number(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(runtime.meter.spend(parsing));
    TRY(runtime.meter.spend_text(text.size()));
    TRY(runtime.meter.reserve(2 * text.size()));
    auto const format = runtime.context.path_format;
    auto const is_windows = format == HostFormat::windows && !is_uri(text, format);
    auto const slash = text.find_last_of(is_windows ? "/\\" : "/");
    auto const begin = slash == std::string::npos ? 0 : slash + 1;
    if (begin == text.size())
        return bad_value("'{}' has no last part to change", excerpt(text));
    auto const name = TRY(number_name(text.substr(begin), arguments[1].integer()));
    return Value::of(text.substr(0, begin) + name);
}

// --- questions ---

Outcome<Value> as_posix(Arguments arguments, Runtime& runtime)
{
    auto text = arguments[0].text();
    TRY(runtime.meter.spend_text(text.size()));
    auto const format = runtime.context.path_format;
    if (format == HostFormat::windows && !is_uri(text, format))
        std::replace(text.begin(), text.end(), '\\', '/');
    return Value::of(std::move(text));
}

Outcome<Value> is_absolute(Arguments arguments, Runtime& runtime)
{
    return Value::of(TRY(parsed(arguments[0], runtime)).is_absolute());
}

Outcome<Value> is_relative_to(Arguments arguments, Runtime& runtime)
{
    auto const path = TRY(parsed(arguments[0], runtime));
    auto const other = TRY(parsed(arguments[1], runtime));
    return Value::of(path.covered_by(other).has_value());
}

Outcome<Value> relative_to(Arguments arguments, Runtime& runtime)
{
    auto const path = TRY(parsed(arguments[0], runtime));
    auto const covered = path.covered_by(TRY(parsed(arguments[1], runtime)));
    if (!covered)
        return bad_value(
            "'{}' is not below '{}'", excerpt(arguments[0].text()), excerpt(arguments[1].text()));
    std::string rest;
    for (auto i = *covered; i < path.parts.size(); ++i) {
        if (i > *covered)
            rest += path.is_uri || path.format == HostFormat::posix ? '/' : '\\';
        rest += path.parts[i];
    }
    return Value::path(rest.empty() ? "." : rest);
}

Outcome<Value> apply_path_mapping(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    if (runtime.context.host != Host::here)
        return Value::unresolved(path_type);
    if (runtime.context.path_rules == nullptr)
        return Value::path(text);
    for (auto const& rule : *runtime.context.path_rules) {
        TRY(runtime.meter.spend(2 * parsing + (text.size() + rule.source.size()) / 32));
        TRY(runtime.meter.reserve(text.size() * (sizeof(std::string) + 1)));
        if (auto mapped = apply_rule(rule, text, runtime.context.path_format))
            return Value::path(std::move(*mapped));
    }
    return Value::path(text);
}

}

void add_path_functions(Library& library)
{
    auto const path = path_type;
    auto const texts = string_type.list();
    library.add(".name", { path }, string_type, name_of);
    library.add(".stem", { path }, string_type, stem_of);
    library.add(".suffix", { path }, string_type, suffix_of);
    library.add(".suffixes", { path }, texts, suffixes_of_path);
    library.add(".parent", { path }, path, parent_of);
    library.add(".parts", { path }, texts, parts_of);
    library.add("path", { string_type }, path, path_of_text);
    library.add("path", { texts | empty_list_type }, path, path_of_parts);
    for (auto const type : { string_type, path_type })
        library.add("/", { path, type }, path, child_of);
    library.add("+", { path, string_type }, path, appended);
    library.add("with_name", { path, string_type }, path, with_name);
    library.add("with_stem", { path, string_type }, path, with_stem);
    library.add("with_suffix", { path, string_type }, path, with_suffix);
    library.add("with_number", { path, int_type }, path, path_with_number);
    library.add("with_number", { string_type, int_type }, string_type, text_with_number);
    library.add("as_posix", { path }, string_type, as_posix);
    library.add("is_absolute", { path }, bool_type, is_absolute);
    // Text is taken for a path where one is asked for.
    for (auto const type : { path_type, string_type }) {
        library.add("is_relative_to", { path, type }, bool_type, is_relative_to);
        library.add("relative_to", { path, type }, path, relative_to);
    }
    library.add("apply_path_mapping", { string_type }, path, apply_path_mapping);
    library.keep_to_host("apply_path_mapping");
}

}
