#include <base/json.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace sidereal {

namespace {

std::string message_of(std::string_view text)
{
    auto const parsed = parse_json(text);
    return parsed ? "parsed" : parsed.error().message;
}

}

TEST(JsonWriter, puts_commas_where_they_belong)
{
    JsonWriter json;
    json.begin_object().field("a", 1).key("b").begin_array().value(2).value("x").end_array();
    json.key("c").begin_object().end_object().key("d").begin_array().begin_object().end_object();
    json.begin_array().end_array().null().value(true).end_array().key("e").raw("[1]").end_object();
    EXPECT_EQ(json.take(), R"({"a":1,"b":[2,"x"],"c":{},"d":[{},[],null,true],"e":[1]})");
}

TEST(JsonWriter, escapes_what_json_cannot_hold)
{
    JsonWriter json;
    json.value(std::string_view("\"\\\n\r\t\b\x1f\0 ü/", 12));
    EXPECT_EQ(json.view(), "\"\\\"\\\\\\n\\r\\t\\u0008\\u001f\\u0000 ü/\"");
}

TEST(JsonWriter, writes_numbers_of_all_kinds)
{
    JsonWriter json;
    json.begin_array().value(std::numeric_limits<std::int64_t>::min());
    json.value(std::numeric_limits<std::uint64_t>::max()).value(0.1).value(-2.0).value(1e300);
    json.value(std::numeric_limits<double>::infinity()).value(std::nan("")).end_array();
    EXPECT_EQ(json.view(), "[-9223372036854775808,18446744073709551615,0.1,-2,1e+300,null,null]");
}

TEST(JsonWriter, an_empty_optional_is_null)
{
    JsonWriter json;
    json.begin_object().field("a", std::optional<int>()).field("b", std::optional<int>(3));
    EXPECT_EQ(json.end_object().view(), R"({"a":null,"b":3})");
}

TEST(Json, doubles_come_back_the_same)
{
    Prng prng(5);
    for (int round = 0; round < 20000; ++round) {
        auto const bits = prng.next();
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (!std::isfinite(number))
            continue;
        JsonWriter json;
        json.begin_array().value(number).end_array();
        auto const parsed = parse_json(json.view());
        ASSERT_TRUE(parsed.has_value());
        ASSERT_EQ(parsed->get_array()[0].to_number<double>(), number) << json.view();
    }
}

TEST(Json, any_text_comes_back_the_same)
{
    std::string every_byte;
    for (char byte = 0; byte < 127; ++byte)
        every_byte += byte;
    every_byte += "\xc3\xbc\xf0\x9f\x8e\xac";
    JsonWriter json;
    json.begin_object().field(every_byte, every_byte).end_object();
    auto const parsed = parse_json(json.view());
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(get_string(parsed->get_object(), every_byte), every_byte);
}

TEST(Json, faults_give_the_byte)
{
    EXPECT_EQ(message_of("[1,2,}"), "bad JSON at byte 5: syntax error");
    EXPECT_EQ(message_of("[1] x"), "bad JSON at byte 4: extra data");
    EXPECT_EQ(message_of("[1]  \n"), "parsed");
    EXPECT_NE(message_of(""), "parsed");
    EXPECT_NE(message_of("[1"), "parsed");
    EXPECT_NE(message_of("{'a':1}"), "parsed");
    EXPECT_NE(message_of("[1,]"), "parsed");
    EXPECT_NE(message_of("\"\xff\""), "parsed");
    EXPECT_EQ(message_of("1.5"), "parsed");
}

TEST(Json, depth_has_a_limit)
{
    auto const nested = [](std::size_t depth) {
        return message_of(std::string(depth, '[') + std::string(depth, ']'));
    };
    EXPECT_EQ(nested(64), "parsed");
    EXPECT_NE(nested(65), "parsed");
    EXPECT_NE(nested(1'000'000), "parsed");
}

TEST(Json, readers_give_what_is_there)
{
    auto const parsed = parse_json(R"({"s":"x","i":-3,"big":18446744073709551615,"d":0.5,)"
                                   R"("whole":3.0,"t":true,"n":null,"l":[1],"o":{}})");
    ASSERT_TRUE(parsed.has_value());
    auto const& object = parsed->get_object();
    EXPECT_EQ(get_string(object, "s"), "x");
    EXPECT_EQ(get_int(object, "i"), -3);
    EXPECT_EQ(get_int(object, "whole"), 3);
    EXPECT_EQ(get_uint(object, "big"), ~0ull);
    EXPECT_EQ(get_double(object, "d"), 0.5);
    EXPECT_EQ(get_double(object, "i"), -3.0);
    EXPECT_EQ(get_bool(object, "t"), true);
    EXPECT_EQ((*get_array(object, "l"))->size(), 1u);
    EXPECT_TRUE((*get_object(object, "o"))->empty());
    EXPECT_EQ(find(object, "n"), nullptr);
    EXPECT_EQ(find(object, "none"), nullptr);
}

TEST(Json, readers_name_the_field_that_is_wrong)
{
    auto const parsed = parse_json(R"({"s":"x","i":-3,"d":0.5,"big":18446744073709551615})");
    auto const& object = parsed->get_object();
    EXPECT_EQ(get_string(object, "i").error(),
        (Error { ErrorCode::invalid_input, "field 'i': expected a string" }));
    EXPECT_EQ(get_int(object, "none").error().message, "field 'none': expected a whole number");
    EXPECT_FALSE(get_int(object, "d"));
    EXPECT_FALSE(get_int(object, "big"));
    EXPECT_FALSE(get_uint(object, "i"));
    EXPECT_FALSE(get_double(object, "s"));
    EXPECT_FALSE(get_bool(object, "i"));
    EXPECT_FALSE(get_array(object, "s"));
    EXPECT_FALSE(get_object(object, "s"));
    EXPECT_EQ(as_object((object.at("s")), "body").error().message, "body: expected an object");
}

}
