#include <plan/catalog.h>

#include <base/verify.h>
#include <plan/catalog_like.h>
#include <plan/fields.h>
#include <plan/near_names.h>
#include <plan/shipped.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr Range positive { 1e-9, 1e15 };
constexpr Range not_negative { 0, 1e15 };
constexpr Range fraction { 0.001, 1 };

constexpr std::array<std::string_view, 3> confidences { "high", "medium", "low" };
std::vector<std::string_view> confidence_words()
{
    return { confidences.begin(), confidences.end() };
}

Price read_price(JsonObject const& object, Fields& device)
{
    Fields fields(object, device.where() + ": prices");
    Price price;
    price.usd = fields.number("usd", positive);
    price.usd_high = fields.maybe_number("usd_high", positive);
    price.kind = fields.text("kind");
    price.as_of = fields.text("as_of");
    price.source = fields.text("source");
    price.confidence = fields.word("confidence", confidence_words());
    if (auto const done = fields.finish(); !done)
        device.fault("prices", done.error().message);
    return price;
}

void read_compute(Fields& fields, Compute& compute)
{
    compute.fp16_tflops = fields.maybe_number("fp16_tflops", positive);
    compute.fp16_fp16acc_tflops = fields.maybe_number("fp16_fp16acc_tflops", positive);
    compute.fp8_tflops = fields.maybe_number("fp8_tflops", positive);
    compute.fp4_tflops = fields.maybe_number("fp4_tflops", positive);
    compute.int8_tops = fields.maybe_number("int8_tops", positive);
}

void read_watts(Fields& fields, Watts& watts)
{
    watts.tdp = fields.maybe_number("tdp_w", positive);
    watts.system_min = fields.maybe_number("system_w_min", positive);
    watts.system_max = fields.maybe_number("system_w_max", positive);
    watts.comparison_min = fields.maybe_number("system_w_comparison_min", positive);
    watts.comparison_max = fields.maybe_number("system_w_comparison_max", positive);
    watts.psu = fields.maybe_number("psu_w", positive);
}

void read_body(Fields& fields, Device& device)
{
    device.slots = fields.maybe_number("slots", positive);
    device.slots_water_block = fields.maybe_number("slots_water_block", positive);
    device.width_mm_water_block = fields.maybe_number("width_mm_water_block", positive);
    device.power_connector = fields.maybe_text("power_connector");
    device.cooling = fields.maybe_text("cooling");
    device.pcie_gen = fields.maybe_count("pcie_gen", { 0, 10 }).value_or(0);
    device.pcie_lanes = fields.maybe_count("pcie_lanes", { 0, 1024 }).value_or(0);
    device.nvlink_gb_per_s = fields.maybe_number("nvlink_gb_per_s", not_negative).value_or(0);
    device.network_gbit_per_s = fields.maybe_number("network_gbit_per_s", not_negative).value_or(0);
    device.volume_l = fields.maybe_number("volume_l", positive);
    device.storage_options_tb = fields.numbers("storage_options_tb", positive);
}

void read(Fields& fields, Device& device)
{
    device.name = fields.text("name");
    device.vendor = fields.text("vendor");
    device.device_class = fields.text("device_class");
    device.family = fields.text("family");
    device.memory_type = fields.text("memory_type");
    device.unified_memory = fields.truth("unified_memory");
    device.memory_gib = fields.maybe_number("memory_gib", positive);
    device.memory_reported_gib = fields.maybe_number("memory_reported_gib", positive);
    device.memory_options_gib = fields.numbers("memory_options_gib", positive);
    device.usable_fraction = fields.maybe_number("usable_fraction", fraction).value_or(0.95);
    device.bandwidth_gb_per_s = fields.number("bandwidth_gb_per_s", positive);
    read_compute(fields, device.compute);
    read_watts(fields, device.watts);
    read_body(fields, device);
    device.ecc = fields.maybe_truth("ecc");
    device.cuda_cores = fields.maybe_count("cuda_cores", positive);
    device.cpu_cores = fields.maybe_count("cpu_cores", { 1, 4096 });
    for (auto const* price : fields.objects("prices"))
        device.prices.push_back(read_price(*price, fields));
    device.confidence = fields.word("confidence", confidence_words());
    device.source = fields.text("source");
}

void read(Fields& fields, CloudOffer& offer)
{
    offer.what = fields.text("what");
    offer.device = fields.maybe_text("device");
    offer.usd_per_h_min = fields.maybe_number("usd_per_h_min", not_negative);
    offer.usd_per_h_max = fields.maybe_number("usd_per_h_max", not_negative);
    if (offer.usd_per_h_max.value_or(1e15) < offer.usd_per_h_min.value_or(0))
        fields.fault("usd_per_h_max", "is less than usd_per_h_min");
    offer.open_ended = fields.maybe_truth("open_ended").value_or(false);
    offer.discount_max_pct = fields.maybe_number("discount_max_pct", { 0, 100 });
    offer.source = fields.text("source");
}

void read(Fields& fields, Network& network)
{
    network.line_gbit_per_s = fields.number("line_gbit_per_s", positive);
    network.effective_mb_per_s = fields.number("effective_mb_per_s", positive);
    network.source = fields.text("source");
}

void read(Fields& fields, StorageDevice& storage)
{
    storage.read_mb_per_s = fields.number("read_mb_per_s", positive);
    storage.source = fields.text("source");
}

void read(Fields& fields, Link& link)
{
    link.gb_per_s_per_direction = fields.number("gb_per_s_per_direction", positive);
    link.allreduce_latency_us = fields.number("allreduce_latency_us", not_negative);
    link.confidence = fields.word("confidence", confidence_words());
    link.source = fields.text("source");
}

void read(Fields& fields, Connector& connector)
{
    fields.skip("spec");
    connector.max_w = fields.number("max_w", positive);
    connector.volts = fields.number("volts", positive);
    connector.power_pins = fields.maybe_number("power_pins", positive);
    connector.pin_rating_a = fields.maybe_number("pin_rating_a", positive);
    connector.rule = fields.maybe_text("rule").value_or("");
    connector.source = fields.text("source");
}

void read(Fields& fields, Circuit& circuit)
{
    circuit.volts = fields.number("volts", positive);
    circuit.breaker_a = fields.number("breaker_a", positive);
}

void read(Fields& fields, PsuType& psu)
{
    psu.name = fields.text("name");
    psu.mains_volts = fields.number("mains_volts", positive);
    psu.load_pct = fields.numbers("load_pct", { 0, 100 });
    psu.efficiency_pct = fields.numbers("efficiency_pct", { 1, 100 });
    if (psu.load_pct.empty() || psu.load_pct.size() != psu.efficiency_pct.size())
        fields.fault("efficiency_pct", "expected as many numbers as load_pct has, at least one");
}

void read(Fields& fields, Chassis& chassis)
{
    chassis.usable_slots = fields.number("usable_slots", positive);
}

void read(Fields& fields, QuantType& quant)
{
    quant.ggml_type = fields.count("ggml_type", { 0, 65535 });
    quant.block_elements = static_cast<std::uint64_t>(fields.count("block_elements", { 1, 65536 }));
    quant.block_bytes = static_cast<std::uint64_t>(fields.count("block_bytes", { 1, 65536 }));
}

void read(Fields& fields, QuantScheme& scheme)
{
    scheme.name = fields.text("name");
    scheme.bits_per_weight = fields.number("bits_per_weight", { 0.1, 64 });
    scheme.bf16_embedding = fields.word("embedding_and_head", { "bf16", "same" }) == "bf16";
}

void read(Fields& fields, FileType& type)
{
    type.bits_per_weight = fields.number("bits_per_weight", { 0.1, 64 });
}

void read(Fields& fields, EngineProfile& profile)
{
    auto const share_or = [&](std::string_view name, double usual) {
        return fields.maybe_number(name, fraction).value_or(usual);
    };
    profile.engine = fields.text("engine");
    profile.families = fields.texts("families");
    profile.bandwidth_efficiency = fields.number("bandwidth_efficiency", fraction);
    profile.cache_efficiency = share_or("cache_efficiency", profile.bandwidth_efficiency);
    profile.relative_8bit = share_or("relative_8bit", 1);
    profile.relative_4bit = share_or("relative_4bit", 1);
    profile.relative_k = share_or("relative_k", 1);
    profile.relative_i = share_or("relative_i", 0.75);
    profile.layer_dense_us = fields.number("layer_dense_us", not_negative);
    profile.layer_moe_us = fields.number("layer_moe_us", not_negative);
    profile.core_us = fields.maybe_number("core_us", not_negative).value_or(0);
    profile.sockets_share = share_or("sockets_share", 1);
    profile.batch_moe_us = fields.maybe_number("batch_moe_us", not_negative).value_or(0);
    profile.decode_sigma_seen = fields.number("decode_sigma_seen", { 0.001, 3 });
    profile.decode_sigma_unseen = fields.number("decode_sigma_unseen", { 0.001, 3 });
    profile.prefill_sigma = fields.number("prefill_sigma", { 0.001, 3 });
    profile.prefill_path = fields.word("prefill_path", { "int8", "fp16", "best" });
    profile.prefill_efficiency_dense = fields.number("prefill_efficiency_dense", fraction);
    profile.prefill_efficiency_moe = fields.number("prefill_efficiency_moe", fraction);
    profile.prefill_efficiency_float = share_or(
        "prefill_efficiency_float", profile.prefill_efficiency_dense);
    profile.prefill_slow = share_or("prefill_slow", 1);
    profile.attention_efficiency = fields.number("attention_efficiency", fraction);
    profile.half_watts_per_tops
        = fields.maybe_number("half_watts_per_tops", not_negative).value_or(0);
    profile.half_expert_tokens
        = fields.maybe_number("half_expert_tokens", not_negative).value_or(0);
    profile.half_rows = fields.maybe_number("half_rows", not_negative).value_or(0);
    profile.masked_share = fields.maybe_number("masked_share", { 0, 1 }).value_or(1);
    profile.prefill_layer_us = fields.maybe_number("prefill_layer_us", not_negative).value_or(0);
    profile.seen = fields.texts("seen");
    profile.doubt = fields.maybe_text("doubt").value_or("");
    profile.source = fields.text("source");
}

void read(Fields& fields, ModelEntry& model)
{
    constexpr Range width { 1, 1 << 20 };
    model.layers = fields.count("layers", { 1, 4096 });
    model.hidden = fields.count("hidden", width);
    model.ffn = fields.count("ffn", width);
    model.q_heads = fields.count("q_heads", { 1, 4096 });
    model.kv_heads = fields.count("kv_heads", { 1, 4096 });
    model.head_dim = fields.count("head_dim", { 1, 8192 });
    model.vocab = fields.count("vocab", { 1, 1 << 22 });
    model.tied_embeddings = fields.truth("tied_embeddings");
    model.experts = fields.maybe_count("experts", { 1, 4096 }).value_or(0);
    model.experts_per_token = fields.maybe_count("experts_per_token", { 1, 4096 }).value_or(0);
    model.sliding_window = fields.maybe_count("sliding_window", width).value_or(0);
    model.full_attention_every = fields.maybe_count("full_attention_every", width).value_or(0);
    model.dense_layers = fields.maybe_count("dense_layers", { 0, 4096 }).value_or(0);
    model.dense_ffn = fields.maybe_count("dense_ffn", width).value_or(0);
    model.shared_ffn = fields.maybe_count("shared_ffn", width).value_or(0);
    model.kv_rank = fields.maybe_count("kv_rank", width).value_or(0);
    model.rope_dim = fields.maybe_count("rope_dim", width).value_or(0);
    model.q_rank = fields.maybe_count("q_rank", width).value_or(0);
    model.norms = fields.maybe_count("norms", { 1, 8 }).value_or(2);
    model.attention_bias = fields.maybe_text("attention_bias").value_or("none");
    model.expert_bias = fields.maybe_truth("expert_bias").value_or(false);
    model.natural_quant = fields.maybe_text("natural_quant").value_or("");
    model.published_params = fields.maybe_count("published_params", { 1e5, 1e14 });
    if (model.q_heads % model.kv_heads != 0)
        fields.fault("kv_heads", "must divide q_heads");
    if (model.experts_per_token > model.experts)
        fields.fault("experts_per_token", "is more than experts");
    if (model.dense_layers > 0 && model.dense_ffn == 0)
        fields.fault("dense_ffn", "is missing: dense_layers have a width");
    if (model.kv_rank > 0 && model.rope_dim == 0)
        fields.fault("rope_dim", "is missing: kv_rank goes with it");
}

template<typename Entry>
void read_list(Fields& document, std::string_view name, std::vector<Entry>& entries)
{
    std::size_t index = 0;
    for (auto const* object : document.objects(name)) {
        auto const where = fmt::format("{}: {}[{}]", document.where(), name, index++);
        auto const filled = filled_entry(*object, name);
        if (!filled)
            return document.take(fail(
                ErrorCode::invalid_input, "{}: field 'like': {}", where, filled.error().message));
        Fields fields(*filled, where);
        Entry entry;
        entry.id = fields.text("id");
        fields.call(entry.id);
        fields.skip("notes");
        read(fields, entry);
        if (auto const done = fields.finish(); !done)
            return document.take(done);
        auto const place = std::find_if(entries.begin(), entries.end(),
            [&](Entry const& other) { return other.id == entry.id; });
        if (place == entries.end())
            entries.push_back(std::move(entry));
        else
            *place = std::move(entry);
    }
}

}

Status add_to_catalog(Catalog& catalog, std::string_view json, std::string_view source)
{
    auto const parsed = parse_json(json);
    if (!parsed)
        return fail(parsed.error().code, "{}: {}", source, parsed.error().message);
    auto const* object = TRY(as_object(*parsed, source));
    auto grown = catalog;
    Fields fields(*object, std::string(source));
    if (fields.maybe_count("schema_version", { 0, 1e6 }).value_or(1) != 1)
        fields.fault("schema_version", "this program reads version 1");
    if (auto const as_of = fields.maybe_text("as_of"))
        grown.as_of = *as_of;
    fields.skip("units");
    read_list(fields, "devices", grown.devices);
    read_list(fields, "cloud_offers", grown.cloud_offers);
    read_list(fields, "networks", grown.networks);
    read_list(fields, "storage", grown.storage);
    read_list(fields, "links", grown.links);
    read_list(fields, "connectors", grown.connectors);
    read_list(fields, "circuits", grown.circuits);
    read_list(fields, "psus", grown.psus);
    read_list(fields, "chassis", grown.chassis);
    read_list(fields, "quants", grown.quants);
    read_list(fields, "schemes", grown.schemes);
    read_list(fields, "file_types", grown.file_types);
    read_list(fields, "engines", grown.engines);
    read_list(fields, "models", grown.models);
    TRY(fields.finish());
    catalog = std::move(grown);
    return {};
}

Catalog const& shipped_catalog()
{
    static Catalog const catalog = [] {
        Catalog made;
        VERIFY(add_to_catalog(made, shipped::hardware, "hardware.json").has_value());
        VERIFY(add_to_catalog(made, shipped::engines, "engines.json").has_value());
        VERIFY(add_to_catalog(made, shipped::models, "models.json").has_value());
        return made;
    }();
    return catalog;
}

Error no_such_entry(
    std::string_view what, std::string_view id, std::vector<std::string_view> const& ids)
{
    // A list that one reads at a glance.
    constexpr std::size_t glance = 12;
    auto const near = near_names(id, ids);
    auto text = fmt::format("no {} '{}' in the catalogue", what, id);
    if (ids.size() <= glance)
        text += fmt::format(": it has {}", fmt::join(ids, ", "));
    else if (near.empty())
        text += fmt::format(": 'sidereal plan catalog {}s' lists its {}", what, ids.size());
    else
        text += fmt::format("; near it are {}; 'sidereal plan catalog {}s' lists all {}",
            fmt::join(near, ", "), what, ids.size());
    return { ErrorCode::not_found, text };
}

Result<Device const*> find_device(Catalog const& catalog, std::string_view id)
{
    return find_entry(catalog.devices, id, "device");
}

Result<Link const*> find_link(Catalog const& catalog, std::string_view id)
{
    return find_entry(catalog.links, id, "link");
}

Result<ModelEntry const*> find_model(Catalog const& catalog, std::string_view id)
{
    return find_entry(catalog.models, id, "model");
}

}
