#pragma once

#include <base/json.h>
#include <plan/model.h>

#include <string_view>

namespace sidereal::plan {

// A model from the config.json of a checkpoint (of its text_config if there is one). Fields that
// other things need are passed over; those that count are checked, and invalid_input names them.
Result<Model> read_model_config(std::string_view text, std::string_view name);
Result<Model> read_model_config(JsonObject const& outer, std::string_view name);

}
