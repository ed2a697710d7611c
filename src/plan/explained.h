#pragma once

#include <string>

namespace sidereal::plan {

// A number with its derivation.
struct Explained {
    std::string name;
    double value { 0 };
    std::string unit;
    // With the inputs in it.
    std::string formula;
    std::string source;
    std::string confidence;
};

}
