#include <plan/machine.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr double gib = 1024.0 * 1024 * 1024;
constexpr std::int64_t most_devices = 4096;

std::optional<double> number_of(std::string_view text)
{
    double number = 0;
    auto const* end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc {} || rest != end || text.empty())
        return {};
    return number;
}

std::string own_link(Machine const& machine)
{
    auto const& first = machine.devices.front();
    if (first.family == "gb10")
        return "roce-200gbe-two-sparks";
    if (first.nvlink_gb_per_s >= 800)
        return "nvlink-hopper";
    if (first.nvlink_gb_per_s >= 300)
        return "nvlink-a100";
    if (first.unified_memory)
        return "thunderbolt4-rpc";
    return first.device_class == "consumer-gpu" ? "pcie4-x16-no-p2p" : "pcie4-x16-p2p";
}

Status add_part(std::vector<Device>& devices, std::string_view part, Catalog const& catalog)
{
    while (part.starts_with(' '))
        part.remove_prefix(1);
    std::int64_t count = 1;
    // Ids may begin with digits, but none is digits and an x.
    if (auto const x = part.find('x'); x != std::string_view::npos && x > 0) {
        if (auto const number = number_of(part.substr(0, x))) {
            if (!(*number >= 1 && *number <= most_devices) || *number != std::floor(*number))
                return fail(ErrorCode::invalid_input, "machine '{}': expected 1 to {} devices",
                    part, most_devices);
            count = static_cast<std::int64_t>(*number);
            part.remove_prefix(x + 1);
        }
    }
    while (part.starts_with(' '))
        part.remove_prefix(1);
    auto const colon = part.find(':');
    auto device = *TRY(find_device(catalog, part.substr(0, colon)));
    if (colon != std::string_view::npos) {
        auto const rest = part.substr(colon + 1);
        auto const at = rest.find('@');
        auto const memory = number_of(rest.substr(0, at));
        if (!memory || !(*memory > 0 && *memory < 1e6))
            return fail(ErrorCode::invalid_input,
                "machine '{}': expected GiB of memory after ':', as in m3-ultra-80c:256", part);
        device.memory_gib = memory;
        device.memory_reported_gib.reset();
        if (at != std::string_view::npos) {
            // Channels x MT/s x 8 bytes: of a processor it is the board's, not the chip's.
            auto const speed = number_of(rest.substr(at + 1));
            if (!speed || !(*speed > 0 && *speed < 1e6))
                return fail(ErrorCode::invalid_input,
                    "machine '{}': expected GB/s of memory after '@', as in epyc-9654:384@307",
                    part);
            device.bandwidth_gb_per_s = *speed;
        }
    }
    if (static_cast<std::int64_t>(devices.size()) + count > most_devices)
        return fail(ErrorCode::invalid_input, "a machine has at most {} devices", most_devices);
    devices.insert(devices.end(), static_cast<std::size_t>(count), device);
    return {};
}

}

std::optional<double> Machine::price_usd() const
{
    double sum = 0;
    for (auto const& device : devices) {
        if (device.prices.empty())
            return {};
        sum += device.prices.front().usd;
    }
    return sum;
}

double Machine::load_watts() const
{
    double sum = 0;
    for (auto const& device : devices) {
        auto const system = device.unified_memory ? device.watts.psu : std::nullopt;
        sum += device.watts.tdp.value_or(system.value_or(150));
    }
    return sum;
}

Result<std::vector<Device>> read_devices(std::string_view text, Catalog const& catalog)
{
    std::vector<Device> devices;
    auto rest = text;
    while (true) {
        auto const plus = rest.find('+');
        TRY(add_part(devices, rest.substr(0, plus), catalog));
        if (plus == std::string_view::npos)
            return devices;
        rest.remove_prefix(plus + 1);
    }
}

Result<Machine> read_machine(
    std::string_view text, std::optional<std::string> const& link, Catalog const& catalog)
{
    Machine machine;
    machine.text = std::string(text);
    machine.devices = TRY(read_devices(text, catalog));
    for (auto const& device : machine.devices) {
        if (!device.memory_gib)
            return fail(ErrorCode::invalid_input,
                "machine '{}': the catalogue does not know its memory: say it, as in {}:256 (GiB)",
                text, device.id);
    }
    machine.link = *TRY(find_link(catalog, link.value_or(own_link(machine))));
    return machine;
}

double capacity_bytes(Device const& device)
{
    return device.memory_reported_gib.value_or(device.memory_gib.value_or(0)) * gib;
}

double usable_bytes(Device const& device)
{
    return capacity_bytes(device) * device.usable_fraction;
}

}
