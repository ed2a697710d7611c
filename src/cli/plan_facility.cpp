#include <cli/client.h>
#include <cli/commands.h>
#include <cli/document_file.h>
#include <cli/facility_drawing.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/plan_drawing.h>
#include <cli/plan_input.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::optional<std::string> file;
    bool from_farm { false };
    bool rules { false };
    bool csv { false };
    bool explain { false };
    std::optional<std::string> catalog;
};

// The longest name of a card that the driver's name of it holds: "NVIDIA GeForce RTX 5090".
plan::Device const* device_called(plan::Catalog const& catalog, std::string_view name)
{
    plan::Device const* found = nullptr;
    for (auto const& device : catalog.devices) {
        if (name.find(device.name) != std::string_view::npos
            && (!found || device.name.size() > found->name.size()))
            found = &device;
    }
    return found;
}

// What the agent's settings say it draws, which is what the scheduler's rules count with.
plan::FacilityNode node_of(Json const& answer, plan::Catalog const& catalog)
{
    plan::FacilityNode node;
    node.name = text_at(answer, "name");
    for (auto const& gpu : list_at(object_at(answer, "facts"), "gpus")) {
        if (auto const* device = device_called(catalog, text_at(gpu, "name")))
            node.devices.push_back(*device);
    }
    auto const busy_w = number_at(object_at(answer, "rate"), "busy_w");
    if (busy_w > 0)
        node.wall_w = busy_w;
    return node;
}

Status add_farm(Context const& context, plan::Catalog const& catalog, plan::Facility& facility)
{
    auto const client = TRY(Client::of(context));
    auto const nodes = TRY(client.get("/v1/nodes"));
    for (auto const& row : list_at(nodes, "nodes")) {
        auto const answer = TRY(client.get(fmt::format("/v1/nodes/{}", count_at(row, "id"))));
        auto node = node_of(answer, catalog);
        if (node.devices.empty() && !node.wall_w)
            return fail(ErrorCode::invalid_input,
                "node '{}' does not say what it draws: set busy_w under [rate] in its node.toml",
                node.name);
        facility.nodes.push_back(std::move(node));
    }
    return {};
}

Result<plan::Facility> read_flags(
    Flags const& flags, plan::Catalog const& catalog, Context const& context)
{
    if (!flags.file && !flags.from_farm)
        return fail(
            ErrorCode::invalid_input, "no machines are given: name a file, or say --from-farm");
    plan::Facility facility;
    if (flags.file) {
        auto const document = TRY(read_document_file(*flags.file));
        facility = TRY(plan::read_facility(document, *flags.file, catalog));
    }
    if (flags.from_farm)
        TRY(add_farm(context, catalog, facility));
    if (facility.nodes.empty())
        return fail(ErrorCode::invalid_input, "{}: expected nodes",
            flags.file ? *flags.file : std::string("the farm"));
    return facility;
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.catalog));
    auto const facility = TRY(read_flags(flags, catalog, context));
    auto const plan = TRY(plan::plan_facility(facility, catalog));
    if (flags.rules)
        print(stdout, plan::facility_rules_yaml(facility, plan));
    else if (flags.csv)
        print(stdout, finding_table(plan).csv());
    else if (context.format == OutputFormat::json)
        print(stdout, facility_json(facility, plan, flags.explain) + "\n");
    else
        draw_facility(facility, plan, flags.explain);
    return 0;
}

}

Command plan_facility()
{
    return { "plan facility", "what machines ask of a room: watts, breakers, heat, network, disks",
        "sidereal plan facility room.yaml, where room.yaml is, for example:\n"
        "    nodes:\n"
        "    - name: dense\n"
        "      count: 5\n"
        "      devices: [4xrtx-5090, threadripper-7960x]\n"
        "      water_cooled: true\n"
        "      chassis: 4u-std\n"
        "      psus: {type: 80plus-titanium-230v, rated_w: 1600, count: 2}\n"
        "    circuits:\n"
        "    - {name: rack-1, type: 240v-20a, phase: L1, nodes: [dense-1]}\n"
        "    room: {name: attic, cooling_w: 9000, units: 2, kind: crac}\n"
        "    network: {node: 10gbe, server: 25gbe-sfp28, local: nvme-seed, scene_gb: 20}\n"
        "    storage: {disks: 12, disk_tb: 20, disk: hdd-enterprise, metadata: mirrored, "
        "metadata_tb: 1}\n"
        "sidereal plan facility room.yaml --rules > rules.yaml",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ "FILE", &flags->file, "YAML, JSON or TOML", "PATH" });
            options.push_back({ "--from-farm", &flags->from_farm,
                "the farm's nodes, with the watts of their settings, besides those of the file" });
            options.push_back({ "--rules", &flags->rules,
                "print circuits and rooms for 'sidereal rules apply'" });
            options.push_back(
                { "--csv", &flags->csv, "the findings, comma-separated, for sheets" });
            options.push_back({ "--explain", &flags->explain,
                "each number with its formula, source and confidence" });
            add_catalog_option(options, flags->catalog);
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
