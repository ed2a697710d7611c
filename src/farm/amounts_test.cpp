#include <farm/amounts.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

TEST(Amounts, what_is_short_counts_what_is_used)
{
    Amounts const capacity { { "worker.vcpu", 2 }, { "houdini", 1 } };
    Amounts used;
    Amounts const both { { "worker.vcpu", 1 }, { "houdini", 1 } };
    EXPECT_TRUE(capacity.covers(used, both));
    used += both;
    EXPECT_EQ(capacity.first_short(used, both), "houdini");
    EXPECT_FALSE(capacity.covers(used, both));
    EXPECT_EQ(capacity.first_short(used, { { "worker.vcpu", 1 } }), "");
    EXPECT_EQ(capacity.first_short(used, { { "worker.vcpu", 1.5 } }), "worker.vcpu");
    EXPECT_EQ(capacity.first_short(used, { { "nuke", 1 } }), "nuke");
}

TEST(Amounts, fractions_add_up_without_drift)
{
    Amounts const capacity { { "worker.vcpu", 1 } };
    Amounts const tenth { { "worker.vcpu", 0.1 } };
    Amounts used;
    for (int round = 0; round < 1000; ++round) {
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(capacity.covers(used, tenth)) << i;
            used += tenth;
        }
        ASSERT_FALSE(capacity.covers(used, tenth));
        for (int i = 0; i < 10; ++i)
            used -= tenth;
    }
    EXPECT_EQ(used, Amounts {});
}

TEST(Amounts, are_listed_by_name_without_those_that_are_nothing)
{
    Amounts amounts { { "zbrush", 1 }, { "houdini", 2 }, { "worker.gpu", 1 } };
    amounts.set("zbrush", 0);
    EXPECT_EQ(
        amounts.list(), (std::vector<Amounts::Entry> { { "worker.gpu", 1 }, { "houdini", 2 } }));
}

}
