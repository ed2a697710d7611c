#include <plan/storage.h>

#include <plan/fields.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

// ZFS keeps 1/32 back for itself.
constexpr double slop_share = 1.0 / 32;
constexpr double planned_share = 0.8;
// Rule of thumb for records of 128 KiB; many small files take more.
constexpr double metadata_share = 0.003;
constexpr double record_bytes = 128 * 1024;
constexpr double index_bytes_per_record = 96;
constexpr double gib = 1024.0 * 1024 * 1024;

Status check(StoragePool const& pool)
{
    TRY(in_range("disks", static_cast<double>(pool.disks), { 4, 10'000 }));
    TRY(in_range("size of a disk in TB", pool.disk_tb, { 0.01, 1000 }));
    TRY(in_range("speed of a disk in MB/s", pool.disk_mb_per_s, { 1, 1e6 }));
    TRY(in_range("groups", static_cast<double>(pool.groups), { 1, 2500 }));
    if (pool.disks % pool.groups != 0 || pool.disks / pool.groups < 4)
        return fail(ErrorCode::invalid_input,
            "groups is {}: {} disks must divide evenly into RAID-Z2 groups of four or more",
            pool.groups, pool.disks);
    TRY(in_range("metadata in TB", pool.metadata_tb, { 0, 1000 }));
    TRY(in_range("L2ARC in TB", pool.l2arc_tb, { 0, 1000 }));
    TRY(in_range("memory in GiB", pool.memory_gib, { 0, 1e5 }));
    TRY(in_range("used TB", pool.used_tb, { 0, 1e7 }));
    return in_range("growth in GB a day", pool.growth_gb_per_day, { 0, 1e7 });
}

}

Result<StoragePlan> plan_storage(StoragePool const& pool)
{
    TRY(check(pool));
    StoragePlan plan;
    plan.raw_tb = static_cast<double>(pool.disks) * pool.disk_tb;
    auto const data_disks = static_cast<double>(pool.disks - 2 * pool.groups);
    plan.usable_tb = data_disks * pool.disk_tb * (1 - slop_share);
    plan.planned_tb = plan.usable_tb * planned_share;
    plan.used_share = pool.used_tb / plan.usable_tb;
    if (pool.growth_gb_per_day > 0)
        plan.days_until_full = std::max(0.0, plan.planned_tb - pool.used_tb) * 1000
            / pool.growth_gb_per_day;
    plan.read_mb_per_s = data_disks * pool.disk_mb_per_s;
    plan.metadata_needed_tb = plan.usable_tb * metadata_share;
    plan.l2arc_index_gib = pool.l2arc_tb * 1e12 / record_bytes * index_bytes_per_record / gib;
    return plan;
}

}
