#include <openjd/template_fields.h>

#include <base/control_characters.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace sidereal::openjd {

namespace {

// Of a field that exists only in templates that declare an extension.
std::optional<Extension> extension_of(std::string_view field)
{
    static constexpr std::array<std::pair<std::string_view, Extension>, 11> table { {
        { "let", Extension::expr },
        { "chunks", Extension::task_chunking },
        { "bash", Extension::feature_bundle_1 },
        { "python", Extension::feature_bundle_1 },
        { "cmd", Extension::feature_bundle_1 },
        { "powershell", Extension::feature_bundle_1 },
        { "node", Extension::feature_bundle_1 },
        { "endOfLine", Extension::feature_bundle_1 },
        { "onWrapEnvEnter", Extension::wrap_actions },
        { "onWrapTaskRun", Extension::wrap_actions },
        { "onWrapEnvExit", Extension::wrap_actions },
    } };
    for (auto const& [name, extension] : table) {
        if (name == field)
            return extension;
    }
    return std::nullopt;
}

bool is_gated(FaultList const& faults, std::string_view field)
{
    auto const extension = extension_of(field);
    return extension && !faults.declares(*extension);
}

std::string needs(Extension extension, std::string_view thing)
{
    return fmt::format("{} belongs to the extension {}: list it under 'extensions' to use it",
        thing, to_string(extension));
}

std::string unknown_field(
    FaultList const& faults, std::string_view field, std::vector<std::string_view> names)
{
    auto message = fmt::format("unknown field '{}'", excerpt(field));
    if (faults.full())
        return message;
    std::erase_if(names, [&](std::string_view name) { return is_gated(faults, name); });
    auto const hint = did_you_mean(field, names);
    return message + (hint.empty() ? "; known here: " + comma_list(names) : hint);
}

}

void FaultList::add(int line, int column, std::string path, std::string message)
{
    if (full()) {
        has_more_ = true;
        return;
    }
    faults_.push_back({ file_name_, line, column, std::move(path), std::move(message) });
}

bool FaultList::may_have(FormatString const& string, Limits const& limits)
{
    auto const bytes = string.expression_bytes();
    expression_bytes_ += bytes;
    expressions_ += bytes > 0 ? string.references() : 0;
    return expressions_ <= limits.expressions && expression_bytes_ <= limits.expression_bytes;
}

Diagnostics FaultList::take()
{
    std::stable_sort(faults_.begin(), faults_.end(), [](auto const& a, auto const& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    if (has_more_) {
        auto const line = faults_.empty() ? 1 : faults_.back().line;
        faults_.push_back({ file_name_, line, 1, {}, "and more faults" });
    }
    return std::move(faults_);
}

Place Place::item(std::size_t index) const
{
    return { *faults_, node_->children[index], fmt::format("{}[{}]", path_, index) };
}

Place Place::member(std::size_t index) const
{
    auto const key = excerpt(node_->keys[index].text);
    return { *faults_, node_->children[index], path_.empty() ? key : path_ + "." + key };
}

void Place::complain(std::string message) const
{
    complain_at(node_->line, node_->column, std::move(message));
}

void Place::complain_at(int line, int column, std::string message) const
{
    faults_->add(line, column, path_, std::move(message));
}

void Place::expected(std::string_view wanted) const
{
    fault("expected {}, found {}", wanted, describe(node_->kind));
}

bool Place::require(Extension extension, std::string_view thing) const
{
    if (declares(extension))
        return true;
    complain(needs(extension, thing));
    return false;
}

Fields::Fields(Place place, std::initializer_list<std::string_view> known)
    : place_(std::move(place))
{
    if (!is_object()) {
        place_.expected("an object");
        return;
    }
    auto const& faults = place_.faults();
    if (faults.full())
        return;
    std::vector<std::string_view> const names(known);
    auto const& keys = place_.node().keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto const& key = keys[i];
        if (std::find(names.begin(), names.end(), key.text) == names.end())
            place_.complain_at(key.line, key.column, unknown_field(faults, key.text, names));
        else if (is_gated(faults, key.text))
            place_.complain_at(key.line, key.column,
                needs(*extension_of(key.text), fmt::format("the field '{}'", key.text)));
    }
}

std::optional<Place> Fields::get(std::string_view name) const
{
    return is_gated(place_.faults(), name) ? std::nullopt : find_field(place_, name);
}

std::optional<Place> find_field(Place const& object, std::string_view name)
{
    auto const& keys = object.node().keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].text != name)
            continue;
        if (object.node().children[i].kind == Node::Kind::null)
            return std::nullopt;
        return object.member(i);
    }
    return std::nullopt;
}

std::optional<Place> Fields::need(std::string_view name) const
{
    auto found = get(name);
    if (!found && is_object())
        place_.fault("the field '{}' is missing", name);
    return found;
}

bool obeys(Place const& place, std::string_view text, TextRule const& rule)
{
    auto const length = count_code_points(text);
    if (length < rule.least) {
        place.fault("must have at least {} character{}", rule.least, rule.least == 1 ? "" : "s");
        return false;
    }
    if (length > rule.most) {
        place.fault("has {} characters; at most {} are allowed", length, rule.most);
        return false;
    }
    if (rule.controls == TextRule::Controls::allowed)
        return true;
    bool const breaks = rule.controls == TextRule::Controls::line_breaks;
    if (has_control_characters(text, breaks ? LineBreaks::allowed : LineBreaks::refused)) {
        place.complain(breaks ? "control characters other than line breaks and tabs are not allowed"
                              : "control characters (line breaks and tabs too) are not allowed");
        return false;
    }
    return true;
}

std::optional<std::string> read_text(Place const& place, TextRule const& rule)
{
    if (place.node().kind != Node::Kind::string) {
        place.expected("a string (in quotes, if it looks like something else)");
        return std::nullopt;
    }
    auto const& text = place.node().text;
    return obeys(place, text, rule) ? std::optional(text) : std::nullopt;
}

std::optional<std::string> read_identifier(Place const& place, Limits const& limits)
{
    auto text = read_text(place, { 1, limits.identifier, TextRule::Controls::allowed });
    if (text && !is_identifier(*text)) {
        place.fault("'{}' is no name: letters, digits and _ are allowed, and no digit first",
            excerpt(*text));
        return std::nullopt;
    }
    return text;
}

std::optional<FormatString> read_format(Place const& place)
{
    if (place.node().kind != Node::Kind::string) {
        place.expected("a string (in quotes, if it looks like something else)");
        return std::nullopt;
    }
    if (place.faults().full())
        return std::nullopt;
    auto const& text = place.node().text;
    auto const dialect = place.declares(Extension::expr) ? Dialect::expressions : Dialect::names;
    Limits const limits;
    // What is over once is over for good: nothing more is read.
    auto parsed = place.faults().may_have({}, limits) ? FormatString::parse(text, dialect)
                                                      : FormatString();
    if (!parsed) {
        place.complain(expr::render(parsed.error(), text));
        return std::nullopt;
    }
    if (place.faults().may_have(*parsed, limits))
        return std::move(*parsed);
    place.fault("the document has more expressions than are read: {} with {} bytes",
        limits.expressions, limits.expression_bytes);
    return std::nullopt;
}

std::optional<std::int64_t> read_int(Place const& place, std::int64_t least, std::int64_t most)
{
    auto const value = place.node().as_int();
    if (!value) {
        place.expected("a whole number");
        return std::nullopt;
    }
    if (*value < least || *value > most) {
        place.fault("{} is outside {} to {}", *value, least, most);
        return std::nullopt;
    }
    return value;
}

std::optional<bool> read_bool(Place const& place)
{
    if (place.node().kind == Node::Kind::boolean)
        return place.node().is_true();
    place.expected("true or false");
    return std::nullopt;
}

std::optional<std::size_t> read_word(Place const& place, std::vector<std::string_view> const& words)
{
    auto const& text = place.node().text;
    auto const found = std::find(words.begin(), words.end(), text);
    if (place.node().kind == Node::Kind::string && found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    if (place.node().is_scalar())
        place.fault("'{}' is not known here; allowed: {}", excerpt(text), comma_list(words));
    else
        place.expected("one of " + comma_list(words));
    return std::nullopt;
}

std::vector<Place> read_list(Place const& place, CountRule const& rule)
{
    std::vector<Place> out;
    auto const& node = place.node();
    if (node.kind != Node::Kind::list) {
        place.expected("a list");
        return out;
    }
    auto const count = node.children.size();
    if (count < rule.least)
        place.fault("the list has {} items; at least {} must be there", count, rule.least);
    if (count > rule.most)
        place.fault("the list has {} items; at most {} are allowed", count, rule.most);
    for (std::size_t i = 0; i < std::min(count, rule.most); ++i)
        out.push_back(place.item(i));
    return out;
}

std::string read_description(Fields const& fields, Limits const& limits)
{
    auto const place = fields.get("description");
    if (!place)
        return {};
    return read_text(*place, { 1, limits.description, TextRule::Controls::line_breaks })
        .value_or("");
}

}
