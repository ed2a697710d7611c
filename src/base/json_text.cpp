#include <base/json_text.h>

namespace sidereal {

namespace {

// Boost's own text has numbers such as 4.8E1.
void write(JsonWriter& json, Json const& value)
{
    switch (value.kind()) {
    case boost::json::kind::null: json.null(); break;
    case boost::json::kind::bool_: json.value(value.get_bool()); break;
    case boost::json::kind::int64: json.value(value.get_int64()); break;
    case boost::json::kind::uint64: json.value(value.get_uint64()); break;
    case boost::json::kind::double_: json.value(value.get_double()); break;
    case boost::json::kind::string: json.value(std::string_view(value.get_string())); break;
    case boost::json::kind::array:
        json.begin_array();
        for (auto const& item : value.get_array())
            write(json, item);
        json.end_array();
        break;
    case boost::json::kind::object:
        json.begin_object();
        for (auto const& field : value.get_object()) {
            json.key(field.key());
            write(json, field.value());
        }
        json.end_object();
        break;
    }
}

}

std::string json_text(Json const& value)
{
    JsonWriter json;
    write(json, value);
    return json.take();
}

}
