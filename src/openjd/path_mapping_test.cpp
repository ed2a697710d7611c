#include <openjd/path_mapping.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

PathRules rules_of(std::string_view items)
{
    auto const rules = parse_path_rules(
        "{version: pathmapping-1.0, path_mapping_rules: [" + std::string(items) + "]}", "r.yaml");
    EXPECT_TRUE(rules) << to_string(rules.error());
    return rules.value_or(PathRules());
}

std::string faults_of(std::string_view text)
{
    auto const rules = parse_path_rules(text, "r.yaml");
    return rules ? "no fault" : to_string(rules.error());
}

}

TEST(PathMapping, whole_components_are_mapped)
{
    auto const rules = rules_of(
        "{source_path_format: POSIX, source_path: /mnt/shows, destination_path: /srv/shows}");
    EXPECT_EQ(map_path(rules, "/mnt/shows"), "/srv/shows");
    EXPECT_EQ(map_path(rules, "/mnt/shows/a/b.exr"), "/srv/shows/a/b.exr");
    EXPECT_EQ(map_path(rules, "/mnt//shows/./a/"), "/srv/shows/a/");
    EXPECT_EQ(map_path(rules, "/mnt/showsreel/a"), "/mnt/showsreel/a");
    EXPECT_EQ(map_path(rules, "/MNT/shows/a"), "/MNT/shows/a");
    EXPECT_EQ(map_path(rules, "mnt/shows/a"), "mnt/shows/a");
}

TEST(PathMapping, the_longest_source_comes_first)
{
    auto const rules = rules_of(
        "{source_path_format: POSIX, source_path: /a, destination_path: /x}, "
        "{source_path_format: POSIX, source_path: /a/b, destination_path: /y}");
    EXPECT_EQ(map_path(rules, "/a/b/c"), "/y/c");
    EXPECT_EQ(map_path(rules, "/a/c"), "/x/c");
}

TEST(PathMapping, windows_paths_ignore_case_and_kind_of_slash)
{
    auto const rules = rules_of(
        "{source_path_format: WINDOWS, source_path: 'Z:\\Shows', destination_path: /srv}, "
        "{source_path_format: WINDOWS, source_path: '\\\\nas\\disk', destination_path: /nas/}");
    EXPECT_EQ(map_path(rules, "z:/shows\\A\\b.exr"), "/srv/A/b.exr");
    EXPECT_EQ(map_path(rules, "Z:\\Shows\\"), "/srv/");
    EXPECT_EQ(map_path(rules, "Z:\\Showsreel"), "Z:\\Showsreel");
    EXPECT_EQ(map_path(rules, "\\\\NAS\\disk\\a"), "/nas/a");
    EXPECT_EQ(map_path(rules, "/shows/a"), "/shows/a");
}

TEST(PathMapping, addresses_are_mapped_below_their_source)
{
    auto const rules = rules_of(
        "{source_path_format: URI, source_path: 's3://bucket/in', destination_path: /cache}");
    EXPECT_EQ(map_path(rules, "s3://bucket/in/a.png"), "/cache/a.png");
    EXPECT_EQ(map_path(rules, "s3://bucket/inner"), "s3://bucket/inner");
    EXPECT_EQ(map_path(rules, "/s3/bucket/in"), "/s3/bucket/in");
}

TEST(PathMapping, the_file_for_scripts_says_the_same)
{
    auto const rules = rules_of(
        "{source_path_format: WINDOWS, source_path: 'C:\\a', destination_path: /x}");
    EXPECT_EQ(to_json(rules),
        R"({"version":"pathmapping-1.0","path_mapping_rules":[{"source_path_format":"WINDOWS",)"
        R"("source_path":"C:\\a","destination_path":"/x"}]})");
    EXPECT_EQ(parse_path_rules(to_json(rules), "r.json"), rules);
    EXPECT_EQ(to_json({}), "{}");
}

TEST(PathMapping, faulty_rules_are_refused)
{
    EXPECT_EQ(faults_of("{version: '2', path_mapping_rules: []}"),
        "r.yaml:1:11: version: '2' is not known here; allowed: pathmapping-1.0");
    EXPECT_EQ(faults_of("version: pathmapping-1.0\npath_mapping_rules:\n"
                        "- {source_path_format: POSIX, source_path: a, destination_path: b}\n"
                        "- {source_path_format: DOS, source_path: /a}\n"),
        "r.yaml:3:3: path_mapping_rules[0]: 'a' is no absolute path of the format POSIX\n"
        "r.yaml:4:3: path_mapping_rules[1]: the field 'destination_path' is missing\n"
        "r.yaml:4:24: path_mapping_rules[1].source_path_format: 'DOS' is not known here; allowed: "
        "POSIX, WINDOWS, URI");
}

}
