#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_input.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::string kind { "devices" };
    std::optional<std::string> catalog;
};

std::string number_text(std::optional<double> number)
{
    return number ? fmt::format("{}", *number) : "-";
}

std::string price_text(plan::Device const& device)
{
    if (device.prices.empty())
        return "-";
    auto const& price = device.prices.front();
    return fmt::format("{} ({})", price.usd, price.as_of);
}

Table device_table(plan::Catalog const& catalog)
{
    Table table({ { "DEVICE" }, { "GiB", Align::right }, { "GB/s", Align::right },
        { "FP16 TFLOPS", Align::right }, { "W", Align::right }, { "USD (as of)", Align::right },
        { "FAMILY" }, { "SURE" } });
    for (auto const& device : catalog.devices)
        table.add({ device.id, number_text(device.memory_gib),
            fmt::format("{}", device.bandwidth_gb_per_s), number_text(device.compute.fp16_tflops),
            number_text(device.watts.tdp), price_text(device), device.family, device.confidence });
    return table;
}

Table model_table(plan::Catalog const& catalog)
{
    Table table({ { "MODEL" }, { "LAYERS", Align::right }, { "HIDDEN", Align::right },
        { "KV HEADS", Align::right }, { "EXPERTS", Align::right }, { "WINDOW", Align::right },
        { "VOCABULARY", Align::right } });
    auto const some = [](std::int64_t count) { return count ? fmt::format("{}", count) : "-"; };
    for (auto const& model : catalog.models)
        table.add({ model.id, some(model.layers), some(model.hidden), some(model.kv_heads),
            some(model.experts), some(model.sliding_window), some(model.vocab) });
    return table;
}

Table quant_table(plan::Catalog const& catalog)
{
    Table table({ { "QUANT" }, { "BITS A WEIGHT", Align::right }, { "KIND" } });
    for (auto const& quant : catalog.quants)
        table.add({ quant.id, fmt::format("{}", quant.bits_per_weight()), "tensor type" });
    for (auto const& type : catalog.file_types)
        table.add({ type.id, fmt::format("{}", type.bits_per_weight), "file type, 8B average" });
    for (auto const& scheme : catalog.schemes)
        table.add({ scheme.id, fmt::format("{}", scheme.bits_per_weight), scheme.name });
    return table;
}

// Sources are long, and for tools.
Table engine_table(plan::Catalog const& catalog, OutputFormat format)
{
    std::vector<Column> columns { { "PROFILE" }, { "ENGINE" }, { "BANDWIDTH", Align::right },
        { "us/LAYER", Align::right }, { "us/LAYER MOE", Align::right } };
    if (format == OutputFormat::json)
        columns.push_back({ "SOURCE" });
    Table table(std::move(columns));
    for (auto const& engine : catalog.engines) {
        std::vector<Cell> cells { engine.id, engine.engine,
            fmt::format("{}", engine.bandwidth_efficiency),
            fmt::format("{}", engine.layer_dense_us), fmt::format("{}", engine.layer_moe_us) };
        if (format == OutputFormat::json)
            cells.emplace_back(engine.source);
        table.add(std::move(cells));
    }
    return table;
}

Table offer_table(plan::Catalog const& catalog)
{
    Table table({ { "OFFER" }, { "USD/h FROM", Align::right }, { "TO", Align::right }, { "WHAT" },
        { "SOURCE" } });
    for (auto const& offer : catalog.cloud_offers)
        table.add({ offer.id, number_text(offer.usd_per_h_min), number_text(offer.usd_per_h_max),
            offer.what, offer.source });
    return table;
}

Table table_of(std::string const& kind, plan::Catalog const& catalog, OutputFormat format)
{
    if (kind == "models")
        return model_table(catalog);
    if (kind == "quants")
        return quant_table(catalog);
    if (kind == "engines")
        return engine_table(catalog, format);
    if (kind == "offers")
        return offer_table(catalog);
    return device_table(catalog);
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.catalog));
    auto const table = table_of(flags.kind, catalog, context.format);
    if (context.format == OutputFormat::json)
        print(stdout, table.json() + "\n");
    else
        print(stdout, table.draw(colors_wanted(stdout)));
    return 0;
}

}

Command plan_catalog()
{
    return { "plan catalog", "what the planner knows: devices, models, quants, engines, offers",
        "sidereal plan catalog models", Speaks::to_nobody, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ .name = "KIND",
                .target = &flags->kind,
                .help = "what to list",
                .value_name = "KIND",
                .choices = { "devices", "models", "quants", "engines", "offers" } });
            add_catalog_option(options, flags->catalog);
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
