#include <plan/inverse.h>
#include <plan/load_time.h>
#include <plan/seed_checks.h>
#include <plan/speed.h>

#include <array>

namespace sidereal::plan {

namespace {

constexpr std::string_view spark = "dgx-spark-gb10";
// Of the posts' time.
constexpr std::string_view engine = "llama.cpp-2025-10";

Result<double> prefill(SeedDesk const& desk, SeedRun const& run)
{
    auto const plan = TRY(desk.plan(run));
    return plan.prefill.value;
}

Result<double> decode(SeedDesk const& desk, SeedRun const& run)
{
    auto const plan = TRY(desk.plan(run));
    return plan.decode.value;
}

SeedRun oss_on_spark()
{
    return { .model = "gpt-oss-120b",
        .machine = spark,
        .quant = "GPTOSS",
        .engine = engine,
        .micro_batch = 2048 };
}

SeedRun oss_on_three_3090()
{
    return { .model = "gpt-oss-120b", .machine = "3xrtx-3090", .quant = "GPTOSS", .depth = 64 };
}

SeedRun served(std::string_view model, std::string_view quant)
{
    return { .model = model, .machine = spark, .quant = quant, .engine = "trt-llm" };
}

SeedRun oss_on_strix()
{
    return { .model = "gpt-oss-120b",
        .machine = "strix-halo-395",
        .quant = "GPTOSS",
        .engine = "llama.cpp-2025-08" };
}

Result<SeedFinding> prefill_oss(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(prefill(desk, oss_on_spark()));
    return by_number(claim, { speed }, "prefill of 2,048 tokens, llama.cpp of 2025-10");
}

Result<SeedFinding> prefill_8b(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(prefill(desk, served("llama-3.1-8b", "NVFP4")));
    return by_number(claim, { speed }, "prefill of 2,048 tokens, share of 500 dense FP4 TFLOPS");
}

Result<SeedFinding> prefill_14b(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(prefill(desk, served("qwen3-14b", "NVFP4")));
    return by_number(claim, { speed }, "prefill of 2,048 tokens, share of 500 dense FP4 TFLOPS");
}

Result<SeedFinding> prefill_3090(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(prefill(desk, oss_on_three_3090()));
    return by_number(claim, { speed }, "prefill of 2,048 tokens, one card at a time");
}

Result<SeedFinding> prefill_strix(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(prefill(desk, oss_on_strix()));
    return by_number(claim, { speed }, "prefill of 2,048 tokens, llama.cpp of 2025-08");
}

Result<SeedFinding> prefill_compared(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const here = TRY(prefill(desk, oss_on_spark()));
    auto const cards = TRY(prefill(desk, oss_on_three_3090()));
    auto const strix = TRY(prefill(desk, oss_on_strix()));
    auto finding = by_number(claim, { here / cards },
        fmt::format(
            "prefill against three RTX 3090; against Strix Halo {:.2f} times", here / strix));
    // "About five times".
    if (here / strix < 4 || here / strix > 6)
        finding.verdict = ClaimVerdict::inconsistent;
    return finding;
}

Result<SeedFinding> decode_oss(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const plan = TRY(desk.plan(oss_on_spark()));
    return by_number(claim, { plan.decode.value },
        fmt::format(
            "decode after 2,048 tokens, llama.cpp of 2025-10; roofline {:.3g}", plan.roofline));
}

Result<SeedFinding> decode_8b(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(decode(desk, served("llama-3.1-8b", "NVFP4")));
    return by_number(claim, { speed }, "decode, NVFP4 weights with a BF16 head");
}

// Twice off the middle of what is said.
Result<SeedFinding> decode_coder(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const plan = TRY(desk.plan({ .model = "qwen3-30b-a3b",
        .machine = spark,
        .quant = "Q4_K_M",
        .prompt = 16'384,
        .depth = 16'384 }));
    auto const middle = (claim.min.value_or(0) + claim.max.value_or(0)) / 2;
    auto finding = by_number(claim, { plan.decode.value },
        fmt::format("decode at 16,384 tokens; roofline {:.3g}, of which the claim is {:.0f} % and "
                    "other models there reach 70 to 80 %",
            plan.roofline, 100 * middle / plan.roofline));
    if (plan.decode.value > 2 * middle)
        finding.verdict = ClaimVerdict::outlier;
    return finding;
}

Result<SeedFinding> decode_70b(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const plan = TRY(desk.plan(served("llama-3.x-70b", "FP8")));
    return by_number(claim, { plan.decode.value },
        fmt::format("decode, FP8 weights with a BF16 head; roofline {:.3g}", plan.roofline));
}

Result<SeedFinding> decode_3090(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(decode(desk, oss_on_three_3090()));
    return by_number(claim, { speed }, "decode, layers on three cards: one card's bandwidth");
}

Result<SeedFinding> decode_two_sparks(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(decode(desk,
        { .model = "qwen3-235b-a22b",
            .machine = "2xdgx-spark-gb10",
            .quant = "NVFP4",
            .engine = "trt-llm",
            .split = Split::tensor }));
    return by_number(
        claim, { speed }, "decode, tensors on both: two all-reduces a layer over the network");
}

Result<SeedFinding> decode_compared(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const card = TRY(decode(desk, { "llama-3.1-8b", "rtx-5090", "Q4_K_M" }));
    auto const here = TRY(decode(desk, { "llama-3.1-8b", spark, "Q4_K_M" }));
    return by_number(claim, { card / here },
        "decode of an 8B Q4_K_M; the bandwidths alone are 6.56 times apart");
}

Result<SeedFinding> decode_3090_compared(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const cards = TRY(decode(desk, oss_on_three_3090()));
    auto const here = TRY(decode(desk, oss_on_spark()));
    return by_number(claim, { cards / here }, "decode of gpt-oss-120b on each");
}

Result<SeedFinding> two_phases(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const model = TRY(desk.model("llama-3.1-8b"));
    auto const sparks = TRY(read_machine("2xdgx-spark-gb10", {}, desk.catalog()));
    auto const mac = TRY(read_machine("m3-ultra-80c", {}, desk.catalog()));
    Workload workload;
    workload.quant = "F16";
    workload.prompt = 8192;
    workload.context = 8448;
    workload.split = Split::tensor;
    // As EXO published it: 8,192 tokens in, 32 out, 10 Gbit/s between.
    TwoPhaseInput const input { sparks, mac, 1.1, 32 };
    auto const phases = TRY(plan_two_phases(model, input, workload, desk.catalog()));
    return by_number(claim, { phases.gain },
        fmt::format("8B F16: prefill {:.2f} s on the Sparks, the cache sent meanwhile, 32 tokens "
                    "on the Mac; {:.2f} s on the Mac alone",
            phases.prefill_s, phases.alone_s));
}

Result<SeedFinding> active_experts(SeedClaim const&, SeedDesk const& desk)
{
    auto const model = TRY(desk.model("gpt-oss-120b"));
    auto const weights = TRY(size_weights(model, "GPTOSS", "llama.cpp", desk.catalog()));
    auto const read = bytes_read(model, weights.bytes, 1);
    auto const chosen = static_cast<double>(model.experts_per_token)
        / static_cast<double>(model.experts);
    auto const rest = weights.bytes.total() - weights.bytes.experts - weights.bytes.embedding;
    return by_fact(
        read < weights.bytes.total() / 10 && read - rest <= weights.bytes.experts * chosen * 1.0001,
        { read / 1e9 },
        fmt::format("GB read a token of gpt-oss-120b, of {:.3g} GB", weights.bytes.total() / 1e9));
}

Result<SeedFinding> mapped_load(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const bytes = TRY(desk.weights("gpt-oss-120b", "GPTOSS"));
    auto const* disk = entry_of(desk.catalog().storage, "nvme-seed");
    if (!disk)
        return fail(ErrorCode::not_found, "no storage 'nvme-seed' in the catalogue");
    auto const plain = load_seconds({ bytes, disk->read_mb_per_s, false });
    auto const mapped = load_seconds({ bytes, disk->read_mb_per_s, true });
    return by_number(claim, { mapped / plain },
        fmt::format("{:.0f} s mapped, {:.0f} s read, for gpt-oss-120b", mapped, plain));
}

Result<SeedFinding> long_answer(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const speed = TRY(decode(desk, oss_on_spark()));
    auto const large = TRY(decode(desk, served("llama-3.x-70b", "FP8")));
    auto const tokens = claim.values.empty() ? 0 : claim.values.front();
    auto const seconds = tokens / speed;
    // Minutes, not seconds: the wait that the post warns of.
    return by_fact(seconds > 120 && seconds < 300, { seconds, tokens / large },
        "seconds for that answer from gpt-oss-120b and from a 70B in FP8");
}

constexpr std::array checks {
    SeedCheck { "SC-015", prefill_oss },
    SeedCheck { "SC-016", prefill_8b },
    SeedCheck { "SC-017", prefill_14b },
    SeedCheck { "SC-018", prefill_3090 },
    SeedCheck { "SC-019", prefill_strix },
    SeedCheck { "SC-020", prefill_compared },
    SeedCheck { "SC-021", decode_oss },
    SeedCheck { "SC-022", decode_oss },
    SeedCheck { "SC-023", decode_8b },
    SeedCheck { "SC-024", decode_coder },
    SeedCheck { "SC-025", decode_70b },
    SeedCheck { "SC-026", decode_3090 },
    SeedCheck { "SC-027", decode_two_sparks },
    SeedCheck { "SC-028", decode_compared },
    SeedCheck { "SC-029", decode_3090_compared },
    SeedCheck { "SC-031", two_phases },
    SeedCheck { "SC-032", active_experts },
    SeedCheck { "SC-033", mapped_load },
    SeedCheck { "SC-034", long_answer },
};

}

std::span<SeedCheck const> speed_checks() { return checks; }

}
