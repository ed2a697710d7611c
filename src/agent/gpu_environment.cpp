#include <agent/gpu_environment.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::agent {

namespace {

void append(std::string& list, std::string_view entry)
{
    list += list.empty() ? "" : ",";
    list += entry;
}

}

std::vector<std::string> gpu_environment(
    std::vector<wire::Gpu> const& gpus, wire::GpuParts const& given)
{
    if (gpus.empty())
        return {};
    std::string uuids;
    // Of those that ROCR_VISIBLE_DEVICES leaves, HIP counts again from 0.
    std::string of_visible;
    // Level Zero knows devices by their number only.
    std::string of_all;
    for (std::size_t i = 0; i < given.size(); ++i) {
        append(uuids, given[i].uuid);
        append(of_visible, std::to_string(i));
        auto const found = std::find_if(gpus.begin(), gpus.end(),
            [&](wire::Gpu const& gpu) { return gpu.uuid == given[i].uuid; });
        append(of_all, std::to_string(found - gpus.begin()));
    }
    // No list at all would mean all of them.
    auto const or_none = [](std::string const& list) { return list.empty() ? "-1" : list; };
    return { "CUDA_VISIBLE_DEVICES=" + or_none(uuids), "ROCR_VISIBLE_DEVICES=" + or_none(uuids),
        "HIP_VISIBLE_DEVICES=" + or_none(of_visible), "ZE_AFFINITY_MASK=" + or_none(of_all),
        "SIDEREAL_GPUS=" + uuids };
}

}
