#pragma once

#include <base/json.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::plan {

struct Range {
    double min { 0 };
    double max { 1e15 };
};

// Reads one object strictly and remembers the first fault, which names the place and the field:
// wrong types, numbers out of range, missing fields and, at the end, names that nobody asked for.
class Fields {
public:
    // `where` begins each message: "file.json: devices[3]". The object must outlive this.
    Fields(JsonObject const& object, std::string where);

    std::string text(std::string_view name);
    std::optional<std::string> maybe_text(std::string_view name);
    // One of these words.
    std::string word(std::string_view name, std::vector<std::string_view> const& words);
    double number(std::string_view name, Range range);
    std::optional<double> maybe_number(std::string_view name, Range range);
    std::int64_t count(std::string_view name, Range range);
    std::optional<std::int64_t> maybe_count(std::string_view name, Range range);
    bool truth(std::string_view name);
    std::optional<bool> maybe_truth(std::string_view name);
    std::vector<double> numbers(std::string_view name, Range range);
    std::vector<std::string> texts(std::string_view name);
    // Empty if it is absent.
    std::vector<JsonObject const*> objects(std::string_view name);
    // Known, and not of interest.
    void skip(std::string_view name) { known_.insert(std::string(name)); }

    // "file.json: devices[3] 'rtx-9'" from now on.
    void call(std::string_view id) { where_ += " '" + std::string(id) + "'"; }
    std::string const& where() const { return where_; }
    void fault(std::string_view name, std::string const& what);
    // What is wrong with a part of it, told as it is.
    void take(Status const& part);
    Status finish();

private:
    Json const* get(std::string_view name);
    std::string checked(std::string_view name, std::string_view text);

    JsonObject const& object_;
    std::string where_;
    std::set<std::string, std::less<>> known_;
    std::optional<Error> fault_;
};

// Refuses what lies outside, not-a-number among it: "years is 0: expected 0.1 to 50".
Status in_range(std::string_view name, double value, Range range);

// "a text", "12", "an object": what stands there, for a message.
std::string shown(Json const& value);

}
