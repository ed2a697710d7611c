#include <wire/base64.h>
#include <wire/utf8.h>

#include <base/prng.h>

#include <gtest/gtest.h>

namespace sidereal::wire {

TEST(Base64, known_answers_of_rfc_4648)
{
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64("\xff\xfe\xfd"), "//79");
    EXPECT_EQ(from_base64("Zm9vYmE="), "fooba");
}

TEST(Base64, any_bytes_come_back_the_same)
{
    Prng prng(7);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string bytes(size, '\0');
        for (auto& byte : bytes)
            byte = static_cast<char>(prng.below(256));
        ASSERT_EQ(from_base64(to_base64(bytes)), bytes);
    }
}

TEST(Base64, anything_else_is_refused)
{
    for (auto const* text : { "Z", "Zg", "Zg=", "Zg===", "====", "=",
             "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "Zm9v\n", "Zm-_", "Zm8\xff" })
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

TEST(Utf8, tells_valid_from_invalid)
{
    for (auto const* text : { "", "plain ascii text", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
             "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" })
        EXPECT_TRUE(is_utf8(text)) << text;
    for (auto const* text : { "\x80", "\xc1\x80", "\xc2", "\xe0\x9f\x80", "\xed\xa0\x80",
             "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "longer text then \xff" })
        EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, scrubbing_keeps_what_is_valid)
{
    EXPECT_EQ(scrubbed_utf8("a\xc3\xbc\xff z"), "a\xc3\xbc\xef\xbf\xbd z");
    EXPECT_TRUE(is_utf8(scrubbed_utf8("\xe2\x82 \xed\xa0\x80")));
}

}
