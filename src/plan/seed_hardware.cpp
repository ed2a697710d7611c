#include <plan/seed_checks.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

constexpr std::string_view spark = "dgx-spark-gb10";

// A figure of the Spark as the catalogue has it.
using Figure = std::optional<double> (*)(Device const& device);

Result<SeedFinding> of_spark(
    SeedClaim const& claim, SeedDesk const& desk, Figure figure, std::string formula)
{
    auto const* device = TRY(desk.device(spark));
    auto const value = figure(*device);
    if (!value)
        return fail(ErrorCode::not_found, "the catalogue has no such figure of {}", device->id);
    return by_number(claim, { *value }, std::move(formula));
}

std::optional<double> price_of(Device const& device, std::string_view kind)
{
    for (auto const& price : device.prices) {
        if (price.kind.find(kind) != price.kind.npos)
            return price.usd;
    }
    return {};
}

Result<SeedFinding> memory(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk, [](Device const& device) { return device.memory_gib; }, "memory as sold");
}

Result<SeedFinding> bandwidth(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk, [](Device const& device) { return std::optional(device.bandwidth_gb_per_s); },
        "nominal bandwidth");
}

Result<SeedFinding> cuda_cores(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk,
        [](Device const& device) -> std::optional<double> {
            return device.cuda_cores ? std::optional(static_cast<double>(*device.cuda_cores))
                                     : std::nullopt;
        },
        "CUDA cores");
}

Result<SeedFinding> network(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk, [](Device const& device) { return std::optional(device.network_gbit_per_s); },
        "line rate of the network card");
}

Result<SeedFinding> volume(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk, [](Device const& device) { return device.volume_l; }, "volume of the case");
}

Result<SeedFinding> list_price(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk, [](Device const& device) { return price_of(device, "4TB"); },
        "list price of the 4 TB unit");
}

Result<SeedFinding> partner_price(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk, [](Device const& device) { return price_of(device, "1TB"); },
        "price of partners' 1 TB units");
}

Result<SeedFinding> premium(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk,
        [](Device const& device) -> std::optional<double> {
            auto const large = price_of(device, "4TB");
            auto const small = price_of(device, "1TB");
            return large && small ? std::optional(*large - *small) : std::nullopt;
        },
        "price with 4 TB less price with 1 TB");
}

Result<SeedFinding> sparse_fp4(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* device = TRY(desk.device(spark));
    auto const dense = device->compute.fp4_tflops.value_or(0);
    auto finding = by_number(claim, { dense }, "dense FP4; the claim counts 2:1 sparsity");
    if (is_within(claim, 2 * dense))
        finding.verdict = ClaimVerdict::marketing;
    return finding;
}

Result<SeedFinding> cpu_cores(SeedClaim const& claim, SeedDesk const& desk)
{
    return of_spark(
        claim, desk,
        [](Device const& device) -> std::optional<double> {
            return device.cpu_cores ? std::optional(static_cast<double>(*device.cpu_cores))
                                    : std::nullopt;
        },
        "processor cores");
}

Result<SeedFinding> system_power(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* device = TRY(desk.device(spark));
    auto const& watts = device->watts;
    return by_number(claim, { watts.system_min.value_or(0), watts.system_max.value_or(0) },
        "system power; the power supply gives 240 W");
}

Result<SeedFinding> compared_power(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* device = TRY(desk.device(spark));
    auto const& watts = device->watts;
    return by_number(claim, { watts.comparison_min.value_or(0), watts.comparison_max.value_or(0) },
        "system power in the posts' comparison");
}

Result<SeedFinding> storage_options(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* device = TRY(desk.device(spark));
    return by_number(claim, device->storage_options_tb, "storage it is sold with");
}

Result<SeedFinding> kernels(SeedClaim const&, SeedDesk const&)
{
    return by_judgement({}, "advice: kernels before 6.17 load mapped files slowly (SC-033)");
}

Result<SeedFinding> m3_ultra(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* mac = TRY(desk.device("m3-ultra-80c"));
    auto const fast = TRY(desk.plan({ "llama-3.1-8b", "m3-ultra-80c", "Q4_K_M" }));
    auto const slow = TRY(desk.plan({ "llama-3.1-8b", spark, "Q4_K_M" }));
    auto finding = by_number(claim, { mac->bandwidth_gb_per_s },
        fmt::format("nominal bandwidth; decodes an 8B Q4_K_M at {:.3g} against {:.3g} tokens/s",
            fast.decode.value, slow.decode.value));
    if (!(fast.decode.value > slow.decode.value))
        finding.verdict = ClaimVerdict::inconsistent;
    return finding;
}

Result<SeedFinding> dual_4090_price(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-4090"));
    return by_number(claim, { 2 * price_of(*card, "seed").value_or(0) }, "2 x price of one");
}

Result<SeedFinding> rtx_5090_bandwidth(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-5090"));
    auto const* before = TRY(desk.device("rtx-4090"));
    auto const ratio = card->bandwidth_gb_per_s / before->bandwidth_gb_per_s;
    auto finding = by_number(claim, { card->bandwidth_gb_per_s },
        fmt::format("nominal bandwidth, {:.2f} times that of an RTX 4090", ratio));
    // "Nearly double".
    if (ratio < 1.6 || ratio > 2)
        finding.verdict = ClaimVerdict::inconsistent;
    return finding;
}

Result<SeedFinding> rtx_5090_body(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-5090"));
    return by_number(claim,
        { card->watts.tdp.value_or(0), card->slots.value_or(0),
            card->width_mm_water_block.value_or(0) },
        "board power, slots with its cooler, width with a water block");
}

Result<SeedFinding> rtx_6000_ada(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-6000-ada"));
    auto finding = by_number(
        claim, { card->memory_gib.value_or(0), card->slots.value_or(0) }, "memory, slots");
    if (card->cooling != "blower")
        finding.verdict = ClaimVerdict::inconsistent;
    return finding;
}

Result<SeedFinding> consumer_limit(SeedClaim const& claim, SeedDesk const& desk)
{
    double most = 0;
    for (auto const& device : desk.catalog().devices) {
        if (device.device_class == "consumer-gpu")
            most = std::max(most, device.memory_gib.value_or(0));
    }
    return by_number(claim, { most }, "the largest memory of a consumer card in the catalogue");
}

Result<SeedFinding> threadripper(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* chip = TRY(desk.device("threadripper-7960x"));
    return by_number(claim, { static_cast<double>(chip->cpu_cores.value_or(0)) }, "cores");
}

constexpr std::array checks {
    SeedCheck { "SC-001", memory },
    SeedCheck { "SC-002", bandwidth },
    SeedCheck { "SC-003", cuda_cores },
    SeedCheck { "SC-004", network },
    SeedCheck { "SC-005", volume },
    SeedCheck { "SC-006", list_price },
    SeedCheck { "SC-007", partner_price },
    SeedCheck { "SC-008", premium },
    SeedCheck { "SC-009", sparse_fp4 },
    SeedCheck { "SC-010", cpu_cores },
    SeedCheck { "SC-011", system_power },
    SeedCheck { "SC-012", compared_power },
    SeedCheck { "SC-013", storage_options },
    SeedCheck { "SC-014", kernels },
    SeedCheck { "SC-030", m3_ultra },
    SeedCheck { "SC-049", dual_4090_price },
    SeedCheck { "SC-078", rtx_5090_bandwidth },
    SeedCheck { "SC-079", rtx_5090_body },
    SeedCheck { "SC-081", rtx_6000_ada },
    SeedCheck { "SC-082", consumer_limit },
    SeedCheck { "SC-084", threadripper },
};

}

std::span<SeedCheck const> hardware_checks() { return checks; }

}
