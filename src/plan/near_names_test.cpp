#include <plan/catalog.h>
#include <plan/near_names.h>

#include <gtest/gtest.h>

namespace sidereal::plan {
namespace {

using Names = std::vector<std::string_view>;

TEST(NearNames, signs_and_capitals_do_not_count)
{
    Names const names { "rtx-3090", "rtx-4090", "m3-ultra-80c" };
    EXPECT_EQ(near_names("RTX4090", names).front(), "rtx-4090");
    EXPECT_EQ(near_names("M3 Ultra", names), Names { "m3-ultra-80c" });
}

TEST(NearNames, slips_are_mended_and_strangers_left_out)
{
    Names const names { "llama-3.1-8b", "qwen3-8b" };
    EXPECT_EQ(near_names("lama-3.1-8b", names), Names { "llama-3.1-8b" });
    EXPECT_EQ(near_names("llama-9", names), Names { "llama-3.1-8b" });
    EXPECT_EQ(near_names("nope", names), Names {});
    EXPECT_EQ(near_names("", names), Names {});
    EXPECT_EQ(near_names("--", names), Names {});
}

TEST(NearNames, an_unknown_entry_is_answered_briefly)
{
    auto const message = [](std::string_view id) {
        return find_device(shipped_catalog(), id).error().message;
    };
    EXPECT_NE(message("rtx4090").find("near it are rtx-4090"), std::string::npos);
    EXPECT_NE(message("rtx4090").find("'sidereal plan catalog devices'"), std::string::npos);
    EXPECT_NE(message("nope").find("'sidereal plan catalog devices' lists its"), std::string::npos);
    EXPECT_LT(message("nope").size(), 120u);
    EXPECT_LT(message("a100").size(), 240u);
}

}
}
