#include <plan/engine_name.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

struct BackEnd {
    std::string_view engine;
    std::string_view vendor;
};
constexpr std::array back_ends {
    BackEnd { "llama.cpp-cuda", "nvidia" },
    BackEnd { "llama.cpp-metal", "apple" },
    BackEnd { "llama.cpp-rocm", "amd" },
    BackEnd { "llama.cpp-sycl", "intel" },
    BackEnd { "llama.cpp-vulkan", "nvidia" },
    BackEnd { "llama.cpp-vulkan", "amd" },
    BackEnd { "llama.cpp-vulkan", "intel" },
};
constexpr std::string_view on_processor = "llama.cpp-cpu";

}

bool is_llama_cpp(std::string_view engine)
{
    return engine_behind(engine).starts_with("llama.cpp");
}

bool is_front_end(std::string_view engine) { return engine_behind(engine) != engine; }

std::string_view engine_behind(std::string_view engine)
{
    return engine == "ollama" || engine == "lm-studio" ? "llama.cpp" : engine;
}

bool has_back_end(std::string_view engine, Device const& device)
{
    auto const is_processor = device.device_class == "cpu";
    if (engine == on_processor)
        return is_processor;
    auto const is_meant = [&](BackEnd const& one) { return one.engine == engine; };
    if (std::none_of(back_ends.begin(), back_ends.end(), is_meant))
        return true;
    return !is_processor && std::any_of(back_ends.begin(), back_ends.end(), [&](auto const& one) {
        return is_meant(one) && one.vendor == device.vendor;
    });
}

}
