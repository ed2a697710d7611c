#pragma once

#include <base/result.h>
#include <plan/catalog.h>

#include <cstdint>
#include <optional>
#include <string>

// A farm's file server: spinning disks for bulk, flash for metadata and for what is read now. TB
// are 1e12 bytes, as disks are sold.
namespace sidereal::plan {

enum class MetadataTier : std::uint8_t {
    // On the disks themselves.
    none,
    // On one flash device: with it, the pool is lost.
    single,
    mirrored,
};

struct StoragePool {
    std::int64_t disks { 0 };
    double disk_tb { 0 };
    double disk_mb_per_s { 0 };
    // Groups of RAID-Z2 that the disks are divided into evenly.
    std::int64_t groups { 1 };
    MetadataTier metadata { MetadataTier::none };
    double metadata_tb { 0 };
    double l2arc_tb { 0 };
    // Of the server.
    double memory_gib { 0 };
    double used_tb { 0 };
    double growth_gb_per_day { 0 };
};

struct StoragePlan {
    double raw_tb { 0 };
    // Less two disks a group and what ZFS keeps back; before compression.
    double usable_tb { 0 };
    // Up to which a pool keeps its speed.
    double planned_tb { 0 };
    double used_share { 0 };
    // Until the planned part is full; nothing if it does not grow.
    std::optional<double> days_until_full;
    double read_mb_per_s { 0 };
    double metadata_needed_tb { 0 };
    // Of the server's memory, for the index of the L2ARC.
    double l2arc_index_gib { 0 };
};

// invalid_input names the field.
Result<StoragePlan> plan_storage(StoragePool const& pool);

}
