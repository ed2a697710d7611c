#include <farm/gpus.h>
#include <farm/test_farm.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

namespace {

using Picked = std::vector<std::size_t>;

wire::NodeFacts const facts = [] {
    auto made = facts_of(16);
    made.gpus = { { "big", "A40", 48ull << 30 }, { "small", "A2", 16ull << 30 },
        { "other", "A2", 16ull << 30 } };
    return made;
}();

}

TEST(Gpus, the_smallest_that_fits_is_taken)
{
    auto const loads = gpu_loads(facts);
    EXPECT_EQ(pick_gpus(loads, { 1, 0, 0 }), Picked { 1 });
    EXPECT_EQ(pick_gpus(loads, { 1, 20'000, 0 }), Picked { 0 });
    EXPECT_EQ(pick_gpus(loads, { 3, 0, 0 }), (Picked { 1, 2, 0 }));
    EXPECT_EQ(pick_gpus(loads, { 2, 20'000, 0 }), std::nullopt);
    EXPECT_EQ(pick_gpus(loads, { 1, 0, 0 }, 2), Picked { 2 });
    EXPECT_EQ(pick_gpus(loads, { 1, 0, 0 }, 0), Picked { 1 }) << "not a bigger one for it";
}

TEST(Gpus, a_whole_gpu_is_nobody_elses)
{
    auto loads = gpu_loads(facts);
    GpuNeed const whole { 1, 0, 0 };
    auto const parts = parts_of(facts, loads, whole, *pick_gpus(loads, whole));
    EXPECT_EQ(parts, (wire::GpuParts { { "small", 16'384, 1 } }));
    take(facts, loads, parts);
    EXPECT_FALSE(have_room(facts, loads, parts));
    EXPECT_FALSE(have_room(facts, loads, { { "small", 100, 100.0 / 16'384 } }));
    EXPECT_EQ(pick_gpus(loads, { 1, 0, 4000 }), Picked { 2 });
    give_back(facts, loads, parts);
    EXPECT_EQ(loads, gpu_loads(facts));
}

TEST(Gpus, parts_fill_one_gpu_before_they_begin_another)
{
    auto loads = gpu_loads(facts);
    GpuNeed const part { 1, 0, 6000 };
    std::vector<std::string> seen;
    for (auto picked = pick_gpus(loads, part); picked; picked = pick_gpus(loads, part)) {
        auto const parts = parts_of(facts, loads, part, *picked);
        take(facts, loads, parts);
        seen.push_back(parts[0].uuid);
    }
    // 2 x 6000 of 16384 MiB, 8 x 6000 of 49152.
    EXPECT_EQ(seen.size(), 12u);
    EXPECT_EQ(std::vector(seen.begin(), seen.begin() + 4),
        (std::vector<std::string> { "small", "small", "other", "other" }));
    EXPECT_FALSE(pick_gpus(loads, { 1, 0, 0 }));
}

TEST(Gpus, a_part_larger_than_the_gpu_is_all_of_it)
{
    auto const loads = gpu_loads(facts);
    GpuNeed const part { 1, 15'000, 17'000 };
    auto const picked = pick_gpus(loads, part);
    EXPECT_EQ(picked, Picked { 1 });
    EXPECT_EQ(parts_of(facts, loads, part, *picked), (wire::GpuParts { { "small", 16'384, 1 } }));
}

TEST(Gpus, ones_that_are_gone_count_nothing)
{
    auto loads = gpu_loads(facts);
    wire::GpuParts const gone { { "sold", 8192, 1 } };
    EXPECT_TRUE(have_room(facts, loads, gone));
    take(facts, loads, gone);
    EXPECT_EQ(loads, gpu_loads(facts));
    give_back(facts, loads, gone);
}

TEST(Gpus, out_of_vram_raises_the_need_and_uses_up_no_retry)
{
    TestFarm test;
    auto const job = test.add_job({ { "A", 3 } }, 0);
    auto const node = test.add_node(4);
    auto record = test.farm.attempts.at(test.lease(job, 0, 0, node)).record;
    record.gpus = { { "small", 16'384, 1 } };
    record.state = AttemptState::ended;
    record.outcome = wire::Outcome::failed;
    record.cause = wire::Cause::out_of_vram;
    test.apply(record);
    EXPECT_EQ(test.state(job, 0, 0), TaskState::ready);
    EXPECT_GE(test.farm.jobs.at(job).steps[0].vram.least_mib(), 1.5 * 16'384);
}

}
