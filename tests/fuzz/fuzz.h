#pragma once

#include <base/verify.h>

#include <string_view>

// What every fuzz target is: one function that takes any bytes and may only fail a VERIFY if the
// code under test broke its word. libFuzzer calls it; tools/fuzz.sh runs all of them.
namespace sidereal::fuzz {

void take(std::string_view input);

}
