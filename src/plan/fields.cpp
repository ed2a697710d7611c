#include <plan/fields.h>

#include <base/control_characters.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sidereal::plan {

namespace {

std::optional<double> as_number(Json const& value)
{
    if (value.is_double())
        return value.get_double();
    if (value.is_int64())
        return static_cast<double>(value.get_int64());
    if (value.is_uint64())
        return static_cast<double>(value.get_uint64());
    return {};
}

bool inside(double number, Range range)
{
    return std::isfinite(number) && number >= range.min && number <= range.max;
}

// The least that is not 0 is meant as "more than nothing".
std::string bounds(Range range, std::string_view from = "")
{
    if (range.min > 0 && range.min < 1e-4)
        return fmt::format("more than 0 and at most {}", range.max);
    return fmt::format("{}{} to {}", from, range.min, range.max);
}

std::string expected(std::string_view kind, Range range, Json const& value)
{
    return fmt::format("expected {} {}, not {}", kind, bounds(range, "from "), shown(value));
}

}

Status in_range(std::string_view name, double value, Range range)
{
    if (inside(value, range))
        return {};
    return fail(ErrorCode::invalid_input, "{} is {}: expected {}", name, value, bounds(range));
}

std::string shown(Json const& value)
{
    if (value.is_string()) {
        auto const text = std::string_view(value.get_string());
        return text.size() > 60 ? "a long text" : fmt::format("'{}'", text);
    }
    if (auto const number = as_number(value))
        return fmt::format("{}", *number);
    if (value.is_bool())
        return value.get_bool() ? "true" : "false";
    if (value.is_array())
        return "an array";
    return value.is_object() ? "an object" : "null";
}

Fields::Fields(JsonObject const& object, std::string where)
    : object_(object)
    , where_(std::move(where))
{
}

Json const* Fields::get(std::string_view name)
{
    skip(name);
    return find(object_, name);
}

void Fields::fault(std::string_view name, std::string const& what)
{
    if (!fault_)
        fault_ = Error { ErrorCode::invalid_input,
            fmt::format("{}: field '{}': {}", where_, name, what) };
}

std::string Fields::checked(std::string_view name, std::string_view text)
{
    if (has_control_characters(text, LineBreaks::allowed))
        fault(name, "expected a text without control characters");
    return std::string(text);
}

std::optional<std::string> Fields::maybe_text(std::string_view name)
{
    auto const* value = get(name);
    if (!value)
        return {};
    if (!value->is_string() || value->get_string().empty()) {
        fault(name, "expected a text, not " + shown(*value));
        return {};
    }
    return checked(name, value->get_string());
}

std::string Fields::text(std::string_view name)
{
    auto found = maybe_text(name);
    if (!found)
        fault(name, "is missing: expected a text");
    return found.value_or("");
}

std::string Fields::word(std::string_view name, std::vector<std::string_view> const& words)
{
    auto found = text(name);
    if (std::find(words.begin(), words.end(), found) == words.end())
        fault(name, fmt::format("expected one of {}, not '{}'", fmt::join(words, ", "), found));
    return found;
}

std::optional<double> Fields::maybe_number(std::string_view name, Range range)
{
    auto const* value = get(name);
    if (!value)
        return {};
    auto const number = as_number(*value);
    if (!number || !inside(*number, range)) {
        fault(name, expected("a number", range, *value));
        return {};
    }
    return number;
}

double Fields::number(std::string_view name, Range range)
{
    auto const found = maybe_number(name, range);
    if (!found)
        fault(name, "is missing: expected a number");
    return found.value_or(range.min);
}

std::optional<std::int64_t> Fields::maybe_count(std::string_view name, Range range)
{
    auto const* value = get(name);
    if (!value)
        return {};
    auto const number = as_number(*value);
    if (!number || !inside(*number, range) || *number != std::floor(*number)) {
        fault(name, expected("a whole number", range, *value));
        return {};
    }
    return static_cast<std::int64_t>(*number);
}

std::int64_t Fields::count(std::string_view name, Range range)
{
    auto const found = maybe_count(name, range);
    if (!found)
        fault(name, "is missing: expected a whole number");
    return found.value_or(static_cast<std::int64_t>(range.min));
}

std::optional<bool> Fields::maybe_truth(std::string_view name)
{
    auto const* value = get(name);
    if (!value)
        return {};
    if (!value->is_bool()) {
        fault(name, "expected true or false, not " + shown(*value));
        return {};
    }
    return value->get_bool();
}

bool Fields::truth(std::string_view name)
{
    auto const found = maybe_truth(name);
    if (!found)
        fault(name, "is missing: expected true or false");
    return found.value_or(false);
}

std::vector<double> Fields::numbers(std::string_view name, Range range)
{
    std::vector<double> found;
    auto const* value = get(name);
    if (!value)
        return found;
    if (!value->is_array()) {
        fault(name, "expected an array of numbers, not " + shown(*value));
        return found;
    }
    for (auto const& entry : value->get_array()) {
        auto const number = as_number(entry);
        auto const is_good = number && inside(*number, range);
        if (!is_good)
            fault(name, expected("numbers", range, entry));
        found.push_back(is_good ? *number : range.min);
    }
    return found;
}

std::vector<std::string> Fields::texts(std::string_view name)
{
    std::vector<std::string> found;
    auto const* value = get(name);
    if (!value)
        return found;
    if (!value->is_array()) {
        fault(name, "expected an array of texts, not " + shown(*value));
        return found;
    }
    for (auto const& entry : value->get_array()) {
        if (entry.is_string())
            found.push_back(checked(name, entry.get_string()));
        else
            fault(name, "expected texts, not " + shown(entry));
    }
    return found;
}

std::vector<JsonObject const*> Fields::objects(std::string_view name)
{
    std::vector<JsonObject const*> found;
    auto const* value = get(name);
    if (!value)
        return found;
    if (!value->is_array()) {
        fault(name, "expected an array of objects, not " + shown(*value));
        return found;
    }
    for (auto const& entry : value->get_array()) {
        if (entry.is_object())
            found.push_back(&entry.get_object());
        else
            fault(name, "expected objects, not " + shown(entry));
    }
    return found;
}

void Fields::take(Status const& part)
{
    if (!fault_ && !part)
        fault_ = part.error();
}

Status Fields::finish()
{
    for (auto const& pair : object_) {
        auto const name = std::string_view(pair.key());
        if (!known_.contains(name))
            fault(name,
                "is not known here; it may be one of "
                    + fmt::format("{}", fmt::join(known_, ", ")));
    }
    if (fault_)
        return tl::unexpected(*fault_);
    return {};
}

}
