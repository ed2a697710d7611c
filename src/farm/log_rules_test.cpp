#include <farm/log_rules.h>

#include <farm/rules.h>

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace sidereal::farm {

namespace {

std::string faults_of(std::string const& text)
{
    auto const rules = parse_rules(text, "r.yaml");
    return rules ? "" : openjd::to_string(rules.error());
}

// What the shipped rules make of a line.
wire::LogRule meaning_of(std::string const& line)
{
    for (auto const& rule : shipped_log_rules())
        if (RE2::PartialMatch(line, rule.pattern))
            return rule;
    return {};
}

}

TEST(LogRules, of_limits_and_of_the_farm_go_before_those_that_are_shipped)
{
    auto const rules = parse_rules(R"(
limits:
- {name: maya, seats: 10, log_patterns: ['no seat', 'come back later']}
log_rules:
- {pattern: 'disk on fire', means: node_fault, even_on_success: true}
)",
        "r.yaml");
    ASSERT_TRUE(rules) << openjd::to_string(rules.error());
    auto const set = log_rules_of(*rules);
    ASSERT_EQ(set->rules.size(), 3 + shipped_log_rules().size());
    EXPECT_EQ(set->rules[1],
        (wire::LogRule { "come back later", wire::Cause::no_licence, "maya", false }));
    EXPECT_EQ(set->rules[2], (wire::LogRule { "disk on fire", wire::Cause::node_fault, "", true }));
    EXPECT_NE(set->print, log_rules_of({})->print);
    EXPECT_EQ(set->print, log_rules_of(*rules)->print);
    EXPECT_TRUE(log_rules_of(*parse_rules("shipped_log_rules: false", "r.yaml"))->rules.empty());
}

TEST(LogRules, tell_what_is_wrong_with_them)
{
    EXPECT_NE(faults_of("log_rules: [{pattern: '(', means: fatal}]").find("r.yaml:1:23"),
        std::string::npos);
    EXPECT_NE(faults_of("log_rules: [{pattern: 'a*', means: fatal}]").find("matches every line"),
        std::string::npos);
    EXPECT_NE(faults_of("log_rules: [{pattern: 'a', means: no_licence}]").find("'limit'"),
        std::string::npos);
    EXPECT_NE(faults_of("log_rules: [{pattern: 'a', means: fatal, limit: x}]").find("'limit'"),
        std::string::npos);
    EXPECT_NE(faults_of("log_rules: [{pattern: 'a', means: bad_luck}]").find("node_fault"),
        std::string::npos);
    EXPECT_NE(faults_of("limits: [{name: a, seats: 1, log_patterns: ['(?P<x']}]").find("RE2"),
        std::string::npos);
    EXPECT_NE(faults_of("log_rules: [{pattern: '((a{99}){99}){99}', means: fatal}]").find("RE2"),
        std::string::npos);
}

TEST(LogRules, those_shipped_know_what_renderers_print)
{
    using wire::Cause;
    struct Row {
        std::string line;
        Cause cause;
        std::string limit;
    };
    std::vector<Row> const rows {
        { "System is out of GPU and shared host memory", Cause::out_of_vram, "" },
        { "Out of memory in cuStreamCreate(&cuda_stream_, CU_STREAM_NON_BLOCKING)",
            Cause::out_of_vram, "" },
        { "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
            Cause::out_of_vram, "" },
        { "CUDA Driver API error out of memory (code 2)", Cause::out_of_vram, "" },
        { "RuntimeError: CUDA error: out of memory", Cause::out_of_vram, "" },
        { "terminate called after throwing an instance of 'std::bad_alloc'", Cause::out_of_memory,
            "" },
        { "MemoryError", Cause::out_of_memory, "" },
        { "00:00:03 749MB WARNING | [rlm] error checking out license for arnold (version 20140113)",
            Cause::no_licence, "arnold" },
        { "00:00:00   315MB WARNING | rendering with watermarks because of failed authorization:",
            Cause::no_licence, "arnold" },
        { "WARNING | rendering with watermarks because ARNOLD_LICENSE_ORDER = none",
            Cause::task_error, "" },
        { "00:00:02   120MB ERROR   | aborting render because the abort_on_license_fail option was "
          "enabled",
            Cause::no_licence, "arnold" },
        { "[2024/Mar/11|17:34:03] [91 MB] error: Could not obtain a license (-97): no server",
            Cause::no_licence, "vray" },
        { "ERR: [03840] [04108] [V-Ray] Could not obtain a license (-88): not logged in",
            Cause::no_licence, "vray" },
        { "Error:  [Redshift] License error: (RLM) All licenses in use (-22) //", Cause::no_licence,
            "redshift" },
        { "Redshift Error: Maxon licensing error: User not logged in (7)", Cause::no_licence,
            "redshift" },
        { "[Redshift] Maxon licensing error: License not activated", Cause::no_licence,
            "redshift" },
        { "A license for nuke was not found", Cause::no_licence, "nuke" },
        { "RLM : A suitable license does not exist.", Cause::no_licence, "nuke" },
        { "[INFO LicenseCheck]: FOUNDRY LICENSE ERROR REPORT", Cause::no_licence, "katana" },
        { "License was not obtained", Cause::no_licence, "maya" },
        { "No licenses could be found to run this application.", Cause::no_licence, "houdini" },
        { "Error: could not obtain a license for the toolbox", Cause::task_error, "" },
        { "[Redshift] There's less than 128MB of free VRAM once fixed data (1 GB) are considered. "
          "Aborting the render",
            Cause::out_of_vram, "" },
        { "Redshift cannot operate with less than 128MB of free VRAM", Cause::out_of_vram, "" },
        { "Failed to allocate mem( 1045504 bytes)", Cause::out_of_memory, "" },
        { "00:02:00 24576MB ERROR   | [gpu] CUDA error: Out of memory while allocating 4096MB",
            Cause::out_of_vram, "" },
        { "Caught a critical exception: cuda_malloc(): out of memory!", Cause::out_of_vram, "" },
        { "Out of memory in CUDA queue enqueue (integrator_shade_surface)", Cause::out_of_vram,
            "" },
        { "00:41.273  cycles           | ERROR System is out of GPU memory", Cause::out_of_vram,
            "" },
        { "NFS: Stale file handle", Cause::node_fault, "" },
        { "Error: Cannot read file \"/films/a.blend\": No such file or directory", Cause::fatal,
            "" },
        { "Fra:1 Mem:17765.97M (Peak 23433.50M) | Time:00:39.16 | Sample 3/64", Cause::task_error,
            "" },
        { "Warning: the licence ends in 12 days", Cause::task_error, "" },
        { "Freed memory: 12 MB of GPU memory", Cause::task_error, "" },
    };
    for (auto const& row : rows) {
        auto const rule = meaning_of(row.line);
        EXPECT_EQ(rule.cause, row.cause) << row.line;
        EXPECT_EQ(rule.limit, row.limit) << row.line;
    }
}

}
