#include <openjd/document.h>

#include <base/prng.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

std::string faults_of(std::string_view text, std::string_view file_name = "t.yaml")
{
    auto const parsed = parse_document(text, file_name);
    return parsed ? "no fault" : to_string(parsed.error());
}

Node::Kind kind_of(std::string_view scalar)
{
    auto const parsed = parse_document("v: " + std::string(scalar), "t.yaml");
    return parsed->find("v")->kind;
}

}

TEST(Document, yaml_values_know_their_place)
{
    auto const parsed = parse_document("a: 1\nb:\n  - x\n  - 'é': {c: ~}\n", "t.yaml");
    ASSERT_TRUE(parsed) << to_string(parsed.error());
    Node const one { Node::Kind::integer, "1", {}, {}, 1, 4 };
    Node const x { Node::Kind::string, "x", {}, {}, 3, 5 };
    Node const null { Node::Kind::null, "~", {}, {}, 4, 14 };
    Node const inner { Node::Kind::map, "", { { "c", 4, 11 } }, { null }, 4, 10 };
    Node const pair { Node::Kind::map, "", { { "é", 4, 5 } }, { inner }, 4, 5 };
    Node const list { Node::Kind::list, "", {}, { x, pair }, 3, 3 };
    Node const root { Node::Kind::map, "", { { "a", 1, 1 }, { "b", 2, 1 } }, { one, list }, 1, 1 };
    EXPECT_EQ(*parsed, root);
}

TEST(Document, json_values_know_their_place)
{
    auto const parsed = parse_document(
        "{\"a\" : [1, -2.50,\n true,null , \"\\u00e9\\\"x\\ud83d\\ude00\"],\"b\":{}}", "t.json");
    ASSERT_TRUE(parsed) << to_string(parsed.error());
    Node const list { Node::Kind::list, "", {},
        { { Node::Kind::integer, "1", {}, {}, 1, 9 },
            { Node::Kind::floating, "-2.50", {}, {}, 1, 12 },
            { Node::Kind::boolean, "true", {}, {}, 2, 2 },
            { Node::Kind::null, "null", {}, {}, 2, 7 },
            { Node::Kind::string, "é\"x😀", {}, {}, 2, 14 } },
        1, 8 };
    Node const empty { Node::Kind::map, "", {}, {}, 2, 43 };
    Node const root { Node::Kind::map, "", { { "a", 1, 2 }, { "b", 2, 39 } }, { list, empty }, 1,
        1 };
    EXPECT_EQ(*parsed, root);
}

TEST(Document, plain_scalars_follow_the_core_schema)
{
    EXPECT_EQ(kind_of("no"), Node::Kind::string);
    EXPECT_EQ(kind_of("on"), Node::Kind::string);
    EXPECT_EQ(kind_of("True"), Node::Kind::boolean);
    EXPECT_EQ(kind_of("''"), Node::Kind::string);
    EXPECT_EQ(kind_of(""), Node::Kind::null);
    EXPECT_EQ(kind_of("NULL"), Node::Kind::null);
    EXPECT_EQ(kind_of("0755"), Node::Kind::integer);
    EXPECT_EQ(kind_of("0o17"), Node::Kind::integer);
    EXPECT_EQ(kind_of("0xfg"), Node::Kind::string);
    EXPECT_EQ(kind_of("1_000"), Node::Kind::string);
    EXPECT_EQ(kind_of("12:30"), Node::Kind::string);
    EXPECT_EQ(kind_of("-.5e3"), Node::Kind::floating);
    EXPECT_EQ(kind_of("1."), Node::Kind::floating);
    EXPECT_EQ(kind_of("."), Node::Kind::string);
    EXPECT_EQ(kind_of("-.inf"), Node::Kind::floating);
    EXPECT_EQ(kind_of("2026-11-22"), Node::Kind::string);
    EXPECT_EQ(kind_of("!!str 5"), Node::Kind::string);
    EXPECT_EQ(kind_of("'5'"), Node::Kind::string);
}

TEST(Document, numbers_are_read_in_every_notation_of_the_core_schema)
{
    auto const parsed = parse_document(
        "[0755, 0o17, 0xFF, +3, 1.50, 99999999999999999999, .inf]", "t");
    std::vector<std::string> texts;
    std::vector<std::optional<double>> numbers;
    for (auto const& item : parsed->children) {
        texts.push_back(item.as_text());
        numbers.push_back(item.as_float());
    }
    EXPECT_EQ(texts,
        (std::vector<std::string> {
            "755", "15", "255", "3", "1.50", "99999999999999999999", ".inf" }));
    EXPECT_EQ(
        numbers, (std::vector<std::optional<double>> { 755, 15, 255, 3, 1.5, 1e20, std::nullopt }));
}

TEST(Document, duplicate_keys_are_refused_in_both_formats)
{
    EXPECT_EQ(faults_of("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: key 'a' stands here twice");
    EXPECT_EQ(faults_of("{\"a\": 1,\n \"\\u0061\": 2}"), "t.yaml:2:2: key 'a' stands here twice");
}

TEST(Document, keys_must_be_scalars)
{
    EXPECT_EQ(faults_of("name: {{Param.X}}\n"),
        "t.yaml:1:8: a key must be a word, not an object; text that begins with '{' needs quotes");
}

TEST(Document, an_alias_is_a_copy_of_what_its_anchor_names)
{
    auto const root = parse_document("a: &x [1, {k: &y v}]\nb: *x\n*y : *y\n", "t.yaml");
    ASSERT_TRUE(root) << faults_of("a: &x [1, {k: &y v}]\nb: *x\n*y : *y\n");
    EXPECT_EQ(*root->find("b"), *root->find("a"));
    EXPECT_EQ(root->find("v")->text, "v");
    EXPECT_EQ(parse_document("a: &x 1\nb: &x 2\nc: *x\n", "t.yaml")->find("c")->text, "2");
}

TEST(Document, an_alias_without_an_anchor_before_it_is_refused)
{
    EXPECT_EQ(faults_of("b: *x\n"), "t.yaml:1:4: alias '*x': no anchor '&x' stands before it");
    EXPECT_EQ(faults_of("a: &x [*x]\n"), "t.yaml:1:8: alias '*x': no anchor '&x' stands before it");
}

TEST(Document, what_aliases_add_counts_as_if_it_were_written_out)
{
    DocumentLimits few;
    few.nodes = 13;
    EXPECT_TRUE(parse_document("a: &x [1, 2]\nb: *x\n", "t.yaml", few));
    EXPECT_FALSE(parse_document("a: &x [1, 2]\nb: [*x, *x]\n", "t.yaml", few));
    few = {};
    few.bytes = 30;
    EXPECT_FALSE(parse_document("a: &x abcdefgh\nb: [*x,*x,*x]\n", "t.yaml", few));
    few = {};
    few.depth = 3;
    EXPECT_TRUE(parse_document("a: &x [1]\nb: [*x]\n", "t.yaml", few));
    EXPECT_FALSE(parse_document("a: &x [1]\nb: [[*x]]\n", "t.yaml", few));
}

TEST(Document, an_alias_bomb_costs_nothing)
{
    std::string bomb = "a: &a [x]\n";
    for (char name = 'b'; name < 'z'; ++name) {
        auto const previous = std::string("*") + static_cast<char>(name - 1);
        bomb += std::string(1, name) + ": &" + name + " [" + previous + "," + previous + "]\n";
    }
    EXPECT_NE(
        faults_of(bomb).find("anchors and aliases make this document too large"), std::string::npos)
        << faults_of(bomb);
}

TEST(Document, foreign_tags_are_refused)
{
    EXPECT_EQ(faults_of("a: !!python/object x\n"),
        "t.yaml:1:4: tag 'tag:yaml.org,2002:python/object' does not suit 'x'");
    EXPECT_EQ(
        faults_of("a: !!int x\n"), "t.yaml:1:4: tag 'tag:yaml.org,2002:int' does not suit 'x'");
}

TEST(Document, one_document_only)
{
    EXPECT_EQ(faults_of("a: 1\n---\nb: 2\n"), "t.yaml:2:1: a second document; one file holds one");
    EXPECT_EQ(faults_of("---\na: 1\n...\n"), "no fault");
    EXPECT_EQ(faults_of(""), "t.yaml:1:1: the document is empty");
    EXPECT_EQ(faults_of("{} {}", "t").substr(0, 23), "t:1:4: not valid JSON: ");
}

TEST(Document, deep_nesting_is_refused_in_both_formats)
{
    EXPECT_EQ(faults_of(std::string(64, '[') + std::string(64, ']')), "no fault");
    EXPECT_EQ(faults_of(std::string(65, '[') + std::string(65, ']')),
        "t.yaml:1:65: nested deeper than 64 levels");
    EXPECT_EQ(faults_of(std::string(20'000, '[')), "t.yaml:1:65: nested deeper than 64 levels");
    EXPECT_EQ(faults_of(std::string(65, '[') + std::string(65, ']'), "t.json"),
        "t.json:1:65: nested deeper than 64 levels");
    EXPECT_EQ(
        faults_of(std::string(20'000, '['), "t.json"), "t.json:1:65: nested deeper than 64 levels");
}

TEST(Document, too_many_values_are_refused)
{
    std::string text = "[";
    for (int i = 0; i < 250'000; ++i)
        text += "1,";
    EXPECT_EQ(faults_of(text + "1]"), "t.yaml:1:400000: more than 200000 values in one document");
    EXPECT_EQ(faults_of(text + "1]", "t.json"),
        "t.json:1:400000: more than 200000 values in one document");
}

TEST(Document, a_huge_text_is_refused_before_it_is_read)
{
    EXPECT_EQ(faults_of("a: '" + std::string(10'000'000, 'x') + "'"),
        "t.yaml:1:1: the document has 10000005 bytes; at most 1048576 are read");
}

TEST(Document, bytes_that_are_not_utf8_are_named)
{
    EXPECT_EQ(faults_of("a: 1\nb: \xc3\x28\n"),
        "t.yaml:2:4: byte 0xc3 is not UTF-8; save the file as UTF-8");
    EXPECT_EQ(
        faults_of("a: \xed\xa0\x80"), "t.yaml:1:4: byte 0xed is not UTF-8; save the file as UTF-8");
    EXPECT_EQ(faults_of(std::string_view("a: \0b", 5)),
        "t.yaml:1:4: a NUL character; text files have none");
}

TEST(Document, escaped_nul_characters_are_refused)
{
    EXPECT_EQ(faults_of("a: \"x\\0y\"\n"), "t.yaml:1:4: a NUL character in a string");
    EXPECT_EQ(faults_of("{\"a\": \"\\u0000\"}"), "t.yaml:1:7: a NUL character in a string");
}

TEST(Document, braces_in_a_yaml_file_are_yaml)
{
    EXPECT_EQ(faults_of("{a: b, c: [1, 2]}\n"), "no fault");
    EXPECT_EQ(faults_of("{a: b}", "t").substr(0, 22), "t:1:2: not valid JSON:");
}

TEST(Document, syntax_errors_give_line_and_column)
{
    EXPECT_EQ(faults_of("a: 'x\n").substr(0, 28), "t.yaml:2:1: not valid YAML: ");
    EXPECT_EQ(faults_of("{\"a\": tru}", "t").substr(0, 22), "t:1:7: not valid JSON:");
    EXPECT_EQ(faults_of("{\"a\": 1", "t").substr(0, 22), "t:1:8: not valid JSON:");
}

TEST(Document, a_byte_order_mark_and_windows_line_ends_are_fine)
{
    EXPECT_EQ(faults_of("\xef\xbb\xbf{\"a\":\r\n1}"), "no fault");
    EXPECT_EQ(faults_of("\xef\xbb\xbf%YAML 1.2\r\n---\r\na: 1\r\n"), "no fault");
}

TEST(Document, damaged_text_never_breaks_the_readers)
{
    std::string const yaml = "a: [1, {b: 'x'}]\nc: |\n  text\nd: \"\\u00e9\"\n";
    std::string const json = R"({"a": [1, {"b": "x\u00e9"}], "c": -1.5e3, "d": null})";
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        Prng prng(seed);
        auto text = prng.chance(0.5) ? yaml : json;
        for (auto edits = prng.below(4) + 1; edits > 0; --edits) {
            auto const at = prng.below(text.size());
            if (prng.chance(0.3))
                text.erase(at, prng.below(8));
            else
                text[at] = static_cast<char>(prng.below(256));
            if (text.empty())
                text = "x";
        }
        auto const parsed = parse_document(text, "t");
        EXPECT_TRUE(parsed || parsed.error().size() == 1);
    }
}

}
