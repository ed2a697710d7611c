#pragma once

#include <plan/device.h>

#include <string_view>

// Names of engines: "llama.cpp", a version of it ("llama.cpp-2024-05"), a back end of it
// ("llama.cpp-vulkan"), or a program around it ("ollama").
namespace sidereal::plan {

// Whether llama.cpp does the work.
bool is_llama_cpp(std::string_view engine);

// A program that serves with an engine and says neither its version nor its settings.
bool is_front_end(std::string_view engine);

// The engine behind a front end; any other is itself.
std::string_view engine_behind(std::string_view engine);

// False for a back end of llama.cpp that has nothing for such a device: Metal on a GeForce.
bool has_back_end(std::string_view engine, Device const& device);

}
