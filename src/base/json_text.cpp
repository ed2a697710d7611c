#include <base/json_text.h>

#include <boost/json/serialize.hpp>

namespace sidereal {

std::string json_text(Json const& value) { return boost::json::serialize(value); }

}
