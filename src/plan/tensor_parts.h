#pragma once

#include <plan/model.h>

#include <string_view>

namespace sidereal::plan {

// Which part of a model a tensor belongs to, by its name in a GGUF file or a checkpoint.
double Parts::*part_of_tensor(std::string_view name);

}
