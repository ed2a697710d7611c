#pragma once

#include <plan/catalog.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Devices that share a model.
namespace sidereal::plan {

struct Machine {
    // As it was asked for: "3x rtx-3090".
    std::string text;
    // One entry a device, with the memory chosen for it.
    std::vector<Device> devices;
    Link link;

    // The first price known of each, or nothing if one has none.
    std::optional<double> price_usd() const;
    // Of all boards; of machines that are one chip the system's if it is known.
    double load_watts() const;
};

// As for read_machine, processors among them.
Result<std::vector<Device>> read_devices(std::string_view text, Catalog const& catalog);

// "rtx-3090", "3xrtx-3090", "m3-ultra-80c:256" (GiB of memory), "epyc-9654:384@307" (and its GB/s),
// "rtx-4090+rtx-3090". Without a link the devices' own is taken.
Result<Machine> read_machine(
    std::string_view text, std::optional<std::string> const& link, Catalog const& catalog);

// Bytes that the device offers to programs, and to a model.
double capacity_bytes(Device const& device);
double usable_bytes(Device const& device);

}
