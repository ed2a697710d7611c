#include <cli/fields.h>

#include <fmt/chrono.h>

#include <cctype>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace sidereal::cli {

namespace {

Json const* look_up(Json const& object, std::string_view name)
{
    return object.is_object() ? find(object.get_object(), name) : nullptr;
}

}

std::string text_at(Json const& object, std::string_view name)
{
    auto const* found = look_up(object, name);
    return found && found->is_string() ? std::string(found->get_string()) : std::string {};
}

std::optional<double> maybe_number_at(Json const& object, std::string_view name)
{
    auto const* found = look_up(object, name);
    if (!found || !found->is_number())
        return std::nullopt;
    if (found->is_double())
        return found->get_double();
    if (found->is_uint64())
        return static_cast<double>(found->get_uint64());
    return static_cast<double>(found->get_int64());
}

double number_at(Json const& object, std::string_view name)
{
    return maybe_number_at(object, name).value_or(0);
}

std::uint64_t count_at(Json const& object, std::string_view name)
{
    auto const* found = look_up(object, name);
    if (found && found->is_uint64())
        return found->get_uint64();
    if (found && found->is_int64() && found->get_int64() >= 0)
        return static_cast<std::uint64_t>(found->get_int64());
    return 0;
}

bool truth_at(Json const& object, std::string_view name)
{
    auto const* found = look_up(object, name);
    return found && found->is_bool() && found->get_bool();
}

JsonArray const& list_at(Json const& object, std::string_view name)
{
    static JsonArray const empty;
    auto const* found = look_up(object, name);
    return found && found->is_array() ? found->get_array() : empty;
}

Json const& object_at(Json const& object, std::string_view name)
{
    static Json const empty = JsonObject {};
    auto const* found = look_up(object, name);
    return found && found->is_object() ? *found : empty;
}

bool has_ended(Json const& job) { return !text_at(job, "ended_at").empty(); }

double time_at(Json const& object, std::string_view name)
{
    auto const text = text_at(object, name);
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    double second = 0;
    if (std::sscanf(
            text.c_str(), "%d-%u-%uT%d:%d:%lf", &year, &month, &day, &hour, &minute, &second)
        != 6)
        return 0;
    using namespace std::chrono;
    sys_days const date { std::chrono::year { year } / std::chrono::month { month }
        / std::chrono::day { day } };
    return static_cast<double>(date.time_since_epoch().count()) * 86400 + hour * 3600 + minute * 60
        + second;
}

std::string local_time_at(Json const& object, std::string_view name)
{
    auto const seconds = static_cast<std::time_t>(time_at(object, name));
    std::tm parts {};
    if (seconds == 0 || !::localtime_r(&seconds, &parts))
        return text_at(object, name);
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", parts);
}

std::string task_label(Json const& place)
{
    auto const& parameters = object_at(place, "parameters").get_object();
    if (parameters.empty())
        return "step " + text_at(place, "step");
    if (parameters.size() == 1) {
        std::string name(parameters.begin()->key());
        for (auto& letter : name)
            letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        return fmt::format(
            "{} {}", name, text_at(object_at(place, "parameters"), parameters.begin()->key()));
    }
    std::string label;
    for (auto const& field : parameters)
        label += fmt::format("{}{}={}", label.empty() ? "" : " ", std::string_view(field.key()),
            text_at(object_at(place, "parameters"), field.key()));
    return label;
}

}
