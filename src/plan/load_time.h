#pragma once

// How long a model's file takes into memory.
namespace sidereal::plan {

struct Loading {
    double bytes { 0 };
    // The slower of disk and network.
    double read_mb_per_s { 0 };
    // Mapped into unified memory under a kernel before 6.17, which copies page by page.
    bool slowly_mapped { false };
};

constexpr double slow_mapping = 5;

constexpr double load_seconds(Loading const& loading)
{
    return loading.bytes / (loading.read_mb_per_s * 1e6)
        * (loading.slowly_mapped ? slow_mapping : 1);
}

}
