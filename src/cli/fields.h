#pragma once

#include <base/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Forgiving look-ups in the API's answers: what a newer or older brain does not say is empty.
namespace sidereal::cli {

std::string text_at(Json const& object, std::string_view name);
double number_at(Json const& object, std::string_view name);
std::optional<double> maybe_number_at(Json const& object, std::string_view name);
std::uint64_t count_at(Json const& object, std::string_view name);
bool truth_at(Json const& object, std::string_view name);
JsonArray const& list_at(Json const& object, std::string_view name);
// An empty object if there is none.
Json const& object_at(Json const& object, std::string_view name);

// A time in RFC 3339 and UTC: as seconds since 1970, 0 if there is none, and as a person's clock
// shows it.
double time_at(Json const& object, std::string_view name);
std::string local_time_at(Json const& object, std::string_view name);

// Of a job: nothing of it waits any more.
bool has_ended(Json const& job);

// What a person calls a task: "frame 12", "Frame=12 Layer=sky", "step Film".
std::string task_label(Json const& place);

}
