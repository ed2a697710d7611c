#include <plan/requirements.h>

#include <plan/cache.h>
#include <plan/memory.h>
#include <plan/speed.h>

#include <cmath>

namespace sidereal::plan {

namespace {

constexpr double mib = 1024.0 * 1024;
// The program, its libraries and the vocabulary's tables.
constexpr double program_mib = 2048;

}

Result<HostNeeds> host_needs(Model const& model, Weights const& weights, Workload const& workload,
    Catalog const& catalog, double min_decode)
{
    auto const bits = TRY(cache_bits(workload.cache_type, catalog));
    Machine one;
    one.devices.emplace_back();
    one.devices.front().memory_gib = 1;
    auto const devices = device_bytes({ model, one, workload, weights, Split::layer, bits });
    HostNeeds needs;
    needs.gpu_memory_mib = static_cast<std::int64_t>(std::ceil(devices.front().need() / mib));
    needs.memory_mib = static_cast<std::int64_t>(program_mib);
    auto const read = bytes_read(model, weights.bytes, 1)
        + cache_bytes(model, { workload.prompt, bits });
    needs.bandwidth_gb_per_s = min_decode * read / 1e9;
    return needs;
}

std::string host_requirements_yaml(HostNeeds const& needs)
{
    auto text = fmt::format("hostRequirements:\n"
                            "  amounts:\n"
                            "    - name: amount.worker.memory\n"
                            "      min: {}\n"
                            "    - name: amount.worker.gpu\n"
                            "      min: 1\n"
                            "    - name: amount.worker.gpu.memory\n"
                            "      min: {}\n",
        needs.memory_mib, needs.gpu_memory_mib);
    if (needs.bandwidth_gb_per_s > 0)
        text += fmt::format("    - name: amount.worker.gpu.memory_bandwidth_gb_per_s\n"
                            "      min: {:.0f}\n",
            std::ceil(needs.bandwidth_gb_per_s));
    return text;
}

}
