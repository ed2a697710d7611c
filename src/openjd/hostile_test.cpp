// Documents that somebody wrote to do harm: each ends in a clear fault. How long that takes and how
// much memory is measured by bench/openjd_bench.py.
#include <openjd/job.h>
#include <openjd/template.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

std::string repeated(std::string_view text, std::size_t count)
{
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

// The first fault of the text as a job template, without its position.
std::string first_fault(std::string_view text, std::string_view file_name = "t.yaml")
{
    auto const decoded = decode_job_template(text, file_name);
    return decoded ? "no fault" : decoded.error().front().message;
}

std::string job_with(std::string_view lines)
{
    return "specificationVersion: jobtemplate-2023-09\nname: J\n" + std::string(lines);
}

std::string with_range(std::string_view parameters)
{
    return job_with("steps:\n- name: S\n  script: {actions: {onRun: {command: x}}}\n"
                    "  parameterSpace: {taskParameterDefinitions: ["
        + std::string(parameters) + "]}\n");
}

std::string made_fault(std::string text)
{
    JobSource source;
    source.template_text = std::move(text);
    source.file_name = "t.yaml";
    auto const job = create_job(source);
    return job ? "no fault" : job.error().front().message;
}

}

TEST(Hostile, depth_is_bounded)
{
    EXPECT_EQ(first_fault(repeated("[", 100'000)), "nested deeper than 64 levels");
    EXPECT_EQ(first_fault(repeated("{\"a\":", 100'000)), "nested deeper than 64 levels");
    EXPECT_EQ(first_fault(job_with("x: " + repeated("[", 65) + repeated("]", 65) + "\n")),
        "nested deeper than 64 levels");
}

TEST(Hostile, size_is_bounded)
{
    auto const huge = job_with("description: " + std::string(10U << 20U, 'x') + "\n");
    EXPECT_EQ(first_fault(huge),
        "the document has " + std::to_string(huge.size()) + " bytes; at most 1048576 are read");
}

TEST(Hostile, anchors_cannot_explode)
{
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char name = 'b'; name < 'j'; ++name) {
        auto const before = std::string(1, static_cast<char>(name - 1));
        bomb += std::string(1, name) + ": &" + name + " [" + repeated("*" + before + ", ", 8) + "*"
            + before + "]\n";
    }
    EXPECT_NE(first_fault(bomb).find("too large"), std::string::npos) << first_fault(bomb);
}

TEST(Hostile, huge_ranges_are_counted_and_never_listed)
{
    EXPECT_EQ(
        made_fault(with_range("{name: A, type: INT, range: 1-1000000000000000000}")), "no fault");
    EXPECT_EQ(made_fault(with_range("{name: A, type: INT, range: 1-1000000000000}, "
                                    "{name: B, type: INT, range: 1-1000000000000}")),
        "the combination A * B has 2^62 tasks or more");
    EXPECT_EQ(first_fault(with_range("{name: A, type: INT, range: 1-99999999999999999999}")),
        "range '1-99999999999999999999' has a value beyond 2^62");
    std::string parts = "0";
    for (int i = 2; i < 40'000; i += 2)
        parts += "," + std::to_string(i);
    EXPECT_EQ(first_fault(with_range("{name: A, type: INT, range: '" + parts + "'}")),
        "a range has at most 10000 parts");
}

TEST(Hostile, bytes_that_are_no_text_are_named)
{
    EXPECT_EQ(first_fault(job_with("description: \xff\n")),
        "byte 0xff is not UTF-8; save the file as UTF-8");
    EXPECT_EQ(first_fault(job_with("description: a\xc0\x80\n")),
        "byte 0xc0 is not UTF-8; save the file as UTF-8");
    EXPECT_EQ(first_fault(job_with(std::string("description: a\0b\n", 17))),
        "a NUL character; text files have none");
}

TEST(Hostile, doubled_keys_are_refused)
{
    EXPECT_NE(first_fault(job_with("name: K\n")).find("name"), std::string::npos);
    std::string many = "{";
    for (int i = 0; i < 50'000; ++i)
        many += "\"k\": 1, ";
    EXPECT_NE(first_fault(many + "\"k\": 1}", "t.json"), "no fault");
}

TEST(Hostile, endless_references_are_refused)
{
    EXPECT_EQ(first_fault("{\"specificationVersion\": \"jobtemplate-2023-09\", \"name\": \""
                  + repeated("{{Param.A}}", 50'000) + "\", \"steps\": []}"),
        "more than 500 references in one string");
}

TEST(Hostile, deep_brackets_in_a_combination_are_refused)
{
    auto const text = job_with(
        "steps:\n- name: S\n  script: {actions: {onRun: {command: x}}}\n  parameterSpace:\n"
        "    taskParameterDefinitions: [{name: A, type: INT, range: '1'}]\n    combination: '"
        + repeated("(", 1280) + "'\n");
    EXPECT_NE(first_fault(text), "no fault");
}

TEST(Hostile, a_flood_of_faults_is_cut_short)
{
    auto const flood = job_with(
        repeated("x: 1\n", 1) + "steps:\n" + repeated("- {a: 1, b: 2, c: 3}\n", 40'000));
    auto const decoded = decode_job_template(flood, "t.yaml");
    ASSERT_FALSE(decoded);
    EXPECT_LE(decoded.error().size(), 201U);
}

}
