#include <io/host.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace sidereal::io {

// What we use of nvml.h (NVIDIA Management Library, API version 2), declared here because its
// header comes only with the driver's tool kit.
struct GpuProbe::Nvml {
    using Device = void*;
    struct Memory {
        unsigned long long total;
        unsigned long long free;
        unsigned long long used;
    };
    struct Utilization {
        unsigned gpu;
        unsigned memory;
    };
    // nvmlProcessInfo_v2_t, which the functions of version 2 and 3 fill in.
    struct ProcessInfo {
        unsigned pid;
        unsigned long long memory_bytes;
        unsigned gpu_instance;
        unsigned compute_instance;
    };
    using ListProcesses = int(Device, unsigned*, ProcessInfo*);
    static constexpr int success = 0;
    static constexpr int insufficient_size = 7;
    static constexpr unsigned most_processes = 65'536;
    // NVML_VALUE_NOT_AVAILABLE
    static constexpr unsigned long long not_told = ~0ULL;

    int (*init)() { nullptr };
    int (*shutdown)() { nullptr };
    char const* (*error_string)(int) { nullptr };
    int (*device_count)(unsigned*) { nullptr };
    int (*device_at)(unsigned, Device*) { nullptr };
    int (*device_name)(Device, char*, unsigned) { nullptr };
    int (*device_uuid)(Device, char*, unsigned) { nullptr };
    int (*memory_info)(Device, Memory*) { nullptr };
    int (*utilization)(Device, Utilization*) { nullptr };
    int (*power_milliwatts)(Device, unsigned*) { nullptr };
    // These two need not be there.
    ListProcesses* compute_processes { nullptr };
    ListProcesses* graphics_processes { nullptr };

    void* library { nullptr };
    bool is_ready { false };

    Nvml() = default;
    ~Nvml()
    {
        if (is_ready)
            shutdown();
        if (library)
            ::dlclose(library);
    }
    Nvml(Nvml const&) = delete;
    Nvml& operator=(Nvml const&) = delete;

    template<typename Function>
    bool find(Function*& function, char const* name)
    {
        function = reinterpret_cast<Function*>(::dlsym(library, name));
        return function != nullptr;
    }

    bool find_all()
    {
        return find(init, "nvmlInit_v2") && find(shutdown, "nvmlShutdown")
            && find(error_string, "nvmlErrorString") && find(device_count, "nvmlDeviceGetCount_v2")
            && find(device_at, "nvmlDeviceGetHandleByIndex_v2")
            && find(device_name, "nvmlDeviceGetName") && find(device_uuid, "nvmlDeviceGetUUID")
            && find(memory_info, "nvmlDeviceGetMemoryInfo")
            && find(utilization, "nvmlDeviceGetUtilizationRates")
            && find(power_milliwatts, "nvmlDeviceGetPowerUsage");
    }

    void find_process_lists()
    {
        if (!find(compute_processes, "nvmlDeviceGetComputeRunningProcesses_v3"))
            find(compute_processes, "nvmlDeviceGetComputeRunningProcesses_v2");
        if (!find(graphics_processes, "nvmlDeviceGetGraphicsRunningProcesses_v3"))
            find(graphics_processes, "nvmlDeviceGetGraphicsRunningProcesses_v2");
    }

    static std::vector<ProcessInfo> list(ListProcesses* function, Device device)
    {
        std::vector<ProcessInfo> infos(64);
        auto count = static_cast<unsigned>(infos.size());
        auto code = function(device, &count, infos.data());
        while (code == insufficient_size && count < most_processes) {
            infos.resize(std::max<std::size_t>(count, infos.size() * 2));
            count = static_cast<unsigned>(infos.size());
            code = function(device, &count, infos.data());
        }
        infos.resize(code == success ? std::min<std::size_t>(count, infos.size()) : 0);
        return infos;
    }

    Gpu read(Device device) const
    {
        Gpu gpu;
        std::array<char, 128> text {};
        if (device_name(device, text.data(), text.size()) == success)
            gpu.name = text.data();
        if (device_uuid(device, text.data(), text.size()) == success)
            gpu.uuid = text.data();
        Memory memory {};
        if (memory_info(device, &memory) == success) {
            gpu.memory_total_bytes = memory.total;
            gpu.memory_free_bytes = memory.free;
        }
        Utilization rates {};
        if (utilization(device, &rates) == success)
            gpu.utilization_percent = rates.gpu;
        unsigned milliwatts = 0;
        if (power_milliwatts(device, &milliwatts) == success)
            gpu.power_w = milliwatts / 1000.0;
        return gpu;
    }
};

GpuProbe::GpuProbe(std::string library)
    : nvml_(std::make_unique<Nvml>())
{
    nvml_->library = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!nvml_->library)
        return;
    if (!nvml_->find_all()) {
        problem_ = fmt::format("{} lacks a function; is the NVIDIA driver too old?", library);
        return;
    }
    nvml_->find_process_lists();
    auto const code = nvml_->init();
    nvml_->is_ready = code == Nvml::success;
    if (!nvml_->is_ready)
        problem_ = fmt::format("{} does not start: {}", library, nvml_->error_string(code));
}

GpuProbe::~GpuProbe() = default;

std::string_view GpuProbe::problem() const { return problem_; }

std::vector<Gpu> GpuProbe::read()
{
    std::vector<Gpu> gpus;
    unsigned count = 0;
    if (!nvml_->is_ready || nvml_->device_count(&count) != Nvml::success)
        return gpus;
    for (unsigned index = 0; index < count; ++index) {
        Nvml::Device device = nullptr;
        if (nvml_->device_at(index, &device) == Nvml::success)
            gpus.push_back(nvml_->read(device));
    }
    return gpus;
}

std::vector<GpuProcess> GpuProbe::processes()
{
    unsigned count = 0;
    if (!nvml_->is_ready || nvml_->device_count(&count) != Nvml::success)
        return {};
    // A process that both computes and draws is in both lists, with the same figure.
    std::map<std::pair<int, std::size_t>, std::uint64_t> memory;
    std::size_t gpu = 0;
    for (unsigned index = 0; index < count; ++index) {
        Nvml::Device device = nullptr;
        if (nvml_->device_at(index, &device) != Nvml::success)
            continue;
        for (auto* const function : { nvml_->compute_processes, nvml_->graphics_processes }) {
            if (!function)
                continue;
            for (auto const& info : Nvml::list(function, device)) {
                auto& bytes = memory[{ static_cast<int>(info.pid), gpu }];
                if (info.memory_bytes != Nvml::not_told)
                    bytes = std::max<std::uint64_t>(bytes, info.memory_bytes);
            }
        }
        ++gpu;
    }
    std::vector<GpuProcess> processes;
    for (auto const& [key, bytes] : memory)
        if (bytes > 0)
            processes.push_back({ key.first, key.second, bytes });
    return processes;
}

}
