#include <app/settings.h>

#include <io/file.h>
#include <io/host.h>

#include <toml++/toml.h>

#include <algorithm>
#include <array>

namespace sidereal::app {

namespace {

tl::unexpected<Error> fault(
    std::string const& path, toml::source_region const& where, std::string what)
{
    return fail(
        ErrorCode::invalid_input, "{}:{}:{}: {}", path, where.begin.line, where.begin.column, what);
}

Status read_number(std::string const& path, std::string_view name, toml::node const& node,
    double least, double& out)
{
    auto const number = node.value<double>();
    if (!number || !(*number >= least))
        return fault(
            path, node.source(), fmt::format("'{}' must be a number, {:g} or more", name, least));
    out = *number;
    return {};
}

Status read_node(std::string const& path, toml::table const& table, NodeSettings& settings)
{
    for (auto const& [key, node] : table) {
        auto const name = key.str();
        double number = 0;
        if (name == "name") {
            settings.name = node.value<std::string>();
            if (!settings.name || settings.name->empty())
                return fault(path, node.source(), "'name' must be a text that is not empty");
        } else if (name == "pool") {
            settings.pool = node.value<std::string>();
            if (!settings.pool || settings.pool->empty())
                return fault(path, node.source(), "'pool' must be a text that is not empty");
        } else if (name == "vcpus") {
            TRY(read_number(path, name, node, 0.1, number));
            settings.vcpus = number;
        } else if (name == "memory_mib") {
            TRY(read_number(path, name, node, 1, number));
            settings.memory_mib = number;
        } else if (name == "memory_limit") {
            TRY(read_number(path, name, node, 0, number));
            if (number > 0 && number < 1)
                return fault(path, node.source(),
                    "'memory_limit' must be 1 or more, as a multiple of what a task was given, or "
                    "0 "
                    "for none");
            settings.memory_limit = number;
        } else {
            return fault(path, node.source(),
                fmt::format(
                    "unknown setting '{}' in [node]: expected name, pool, vcpus, memory_mib "
                    "or memory_limit",
                    name));
        }
    }
    return {};
}

Status read_rate(std::string const& path, toml::table const& table, wire::Rate& rate)
{
    struct Row {
        std::string_view name;
        double* target;
    };
    std::array<Row, 5> const rows { { { "idle_w", &rate.idle_w }, { "busy_w", &rate.busy_w },
        { "usd_per_kwh", &rate.usd_per_kwh }, { "usd_per_h", &rate.usd_per_h },
        { "standby_w", &rate.standby_w } } };
    for (auto const& [key, node] : table) {
        std::string_view const name = key.str();
        auto const row = std::find_if(
            rows.begin(), rows.end(), [name](Row const& known) { return known.name == name; });
        if (row == rows.end())
            return fault(path, node.source(),
                fmt::format("unknown setting '{}' in [rate]: expected idle_w, busy_w, usd_per_kwh, "
                            "usd_per_h or standby_w",
                    key.str()));
        TRY(read_number(path, row->name, node, 0, *row->target));
    }
    return {};
}

Status read_attributes(std::string const& path, toml::table const& table, NodeSettings& settings)
{
    for (auto const& [key, node] : table) {
        auto& values = settings.attributes["attr." + std::string(key.str())];
        auto const* list = node.as_array();
        if (!list)
            return fault(path, node.source(), "an attribute must be a list of texts");
        for (auto const& entry : *list) {
            auto const text = entry.value<std::string>();
            if (!text)
                return fault(path, entry.source(), "an attribute must be a list of texts");
            values.push_back(*text);
        }
    }
    return {};
}

Status read_table(std::string const& path, std::string_view name, toml::table const& table,
    NodeSettings& settings)
{
    if (name == "node")
        return read_node(path, table, settings);
    if (name == "rate")
        return read_rate(path, table, settings.rate);
    if (name == "attributes")
        return read_attributes(path, table, settings);
    if (name != "amounts")
        return fault(path, table.source(),
            fmt::format("unknown table [{}]: expected node, rate, amounts or attributes", name));
    for (auto const& [key, node] : table)
        TRY(read_number(path, key.str(), node, 0, settings.amounts[std::string(key.str())]));
    return {};
}

Result<wire::Gpu> read_gpu(std::string const& path, toml::table const& table)
{
    wire::Gpu gpu;
    double memory_mib = 0;
    for (auto const& [key, node] : table) {
        auto const name = key.str();
        auto* const text = name == "name" ? &gpu.name : name == "uuid" ? &gpu.uuid : nullptr;
        if (name == "memory_mib") {
            TRY(read_number(path, name, node, 1, memory_mib));
        } else if (!text) {
            return fault(path, node.source(),
                fmt::format(
                    "unknown setting '{}' in [[gpu]]: expected name, memory_mib or uuid", name));
        } else if (text->assign(node.value_or("")); text->empty()) {
            return fault(
                path, node.source(), fmt::format("'{}' must be a text that is not empty", name));
        }
    }
    if (gpu.name.empty() || memory_mib == 0)
        return fault(path, table.source(), "a [[gpu]] must say its name and memory_mib");
    gpu.memory_bytes = static_cast<std::uint64_t>(memory_mib * 1024 * 1024);
    return gpu;
}

Status read_gpus(std::string const& path, toml::node const& node, NodeSettings& settings)
{
    auto const* list = node.as_array();
    if (!list || !list->is_array_of_tables())
        return fault(path, node.source(), "'gpu' must be written as tables, [[gpu]]");
    for (auto const& entry : *list) {
        auto gpu = TRY(read_gpu(path, *entry.as_table()));
        // Its number: what CUDA_VISIBLE_DEVICES and its like take in place of a uuid.
        if (gpu.uuid.empty())
            gpu.uuid = fmt::format("{}", settings.gpus.size());
        settings.gpus.push_back(std::move(gpu));
    }
    return {};
}

Result<toml::table> parse_toml(std::string const& path, std::string const& text)
{
    try {
        return toml::parse(text, path);
    } catch (toml::parse_error const& error) {
        return fault(path, error.source(), std::string(error.description()));
    }
}

}

Result<NodeSettings> read_node_settings(std::string const& path)
{
    NodeSettings settings;
    auto const text = TRY(io::read_file(path, 1 << 20));
    auto const document = TRY(parse_toml(path, text));
    for (auto const& [key, node] : document) {
        if (key == "gpu") {
            TRY(read_gpus(path, node, settings));
            continue;
        }
        auto const* table = node.as_table();
        if (!table)
            return fault(path, node.source(),
                fmt::format("'{}' stands outside a table: expected [node], [rate], [amounts], "
                            "[attributes] or [[gpu]]",
                    key.str()));
        TRY(read_table(path, key.str(), *table, settings));
    }
    return settings;
}

wire::NodeFacts node_facts(NodeSettings const& settings)
{
    auto const host = io::read_host_facts();
    wire::NodeFacts facts;
    facts.name = settings.name.value_or(host.hostname);
    facts.pool = settings.pool.value_or(facts.pool);
    facts.os_family = host.os_family;
    facts.cpu_arch = host.cpu_arch;
    facts.vcpus = settings.vcpus.value_or(host.cpu_count);
    facts.memory_bytes = settings.memory_mib
        ? static_cast<std::uint64_t>(*settings.memory_mib * 1024 * 1024)
        : host.memory_total_bytes;
    facts.gpus = settings.gpus;
    io::GpuProbe gpus;
    for (auto const& gpu : settings.gpus.empty() ? gpus.read() : std::vector<io::Gpu> {})
        facts.gpus.push_back({ gpu.uuid, gpu.name, gpu.memory_total_bytes });
    facts.amounts = settings.amounts;
    facts.attributes = settings.attributes;
    facts.rate = settings.rate;
    return facts;
}

}
