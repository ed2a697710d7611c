#include <app/local_farm.h>

#include <gtest/gtest.h>

namespace sidereal::app {

namespace {

std::vector<MachineShare> shares(MachineShare const& machine, std::int64_t agents)
{
    std::vector<MachineShare> all;
    for (std::int64_t i = 0; i < agents; ++i)
        all.push_back(machine_share(machine, agents, i));
    return all;
}

TEST(MachineShare, one_agent_has_it_all)
{
    EXPECT_EQ(shares({ 16, 64000 }, 1), (std::vector<MachineShare> { { 16, 64000 } }));
}

TEST(MachineShare, agents_share_evenly_and_the_rest_goes_to_the_first)
{
    EXPECT_EQ(
        shares({ 8, 1001 }, 3), (std::vector<MachineShare> { { 3, 334 }, { 3, 334 }, { 2, 333 } }));
}

TEST(MachineShare, nobody_has_nothing)
{
    EXPECT_EQ(shares({ 2, 2 }, 3), (std::vector<MachineShare> { { 1, 1 }, { 1, 1 }, { 1, 1 } }));
}

}

}
