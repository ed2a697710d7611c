#include <sim/world.h>

#include <gtest/gtest.h>

#include <optional>

namespace sidereal::sim {

namespace {

constexpr std::uint64_t mutation_seeds = 200;

struct Catch {
    std::uint64_t seed;
    std::string failure;
};

// The first seed in which the planted bug is found.
std::optional<Catch> first_catch(Mutation mutation)
{
    for (std::uint64_t seed = 1; seed <= mutation_seeds; ++seed) {
        auto options = draw_options(seed);
        options.mutation = mutation;
        if (auto outcome = run_seed(options, 0); !outcome.failure.empty())
            return Catch { seed, outcome.failure };
    }
    return std::nullopt;
}

struct Planted {
    Mutation mutation;
    char const* name;
    // A word of the checker that must find it.
    char const* found_by;
};

class PlantedBug : public testing::TestWithParam<Planted> { };

}

TEST_P(PlantedBug, is_found_by_its_checker)
{
    auto const found = first_catch(GetParam().mutation);
    ASSERT_TRUE(found) << "no checker saw it in " << mutation_seeds << " seeds";
    EXPECT_NE(found->failure.find(GetParam().found_by), std::string::npos)
        << "seed " << found->seed << ": " << found->failure;
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug,
    testing::Values(Planted { Mutation::speak_before_durable, "speak_before_durable",
                        "left before its records" },
        Planted { Mutation::forget_batch, "forget_batch", "came back as another" },
        Planted { Mutation::write_batch_twice, "write_batch_twice", "was leased before" },
        Planted { Mutation::lose_record, "lose_record", "is leased to attempt" },
        Planted { Mutation::miscount_cost, "miscount_cost", "not the sum" },
        Planted { Mutation::accept_stale_reports, "accept_stale_reports", "not settled" },
        Planted { Mutation::deliver_orders_twice, "deliver_orders_twice", "a second time" },
        Planted { Mutation::swallow_orders, "swallow_orders", "not settled" },
        Planted { Mutation::forge_success, "forge_success", "no process of it exited with 0" },
        Planted { Mutation::claim_more_vcpus, "claim_more_vcpus", "vcpus and has" },
        Planted { Mutation::ignore_dependencies, "ignore_dependencies", "before its inputs" },
        Planted { Mutation::skip_environment_exit, "skip_environment_exit", "not left" },
        Planted { Mutation::enter_environment_twice, "enter_environment_twice", "out of order" },
        Planted { Mutation::keep_session_dir, "keep_session_dir", "session folders" }),
    [](auto const& test) { return std::string(test.param.name); });

TEST(World, seeds_without_a_planted_bug_go_well)
{
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        auto const outcome = run_seed(draw_options(seed), 0);
        EXPECT_EQ(outcome.failure, "") << "seed " << seed;
    }
}

TEST(World, the_same_seed_gives_the_same_trace)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto const first = run_seed(draw_options(seed), 0);
        auto const second = run_seed(draw_options(seed), 10);
        EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
        EXPECT_EQ(first.events, second.events) << "seed " << seed;
    }
}

}
