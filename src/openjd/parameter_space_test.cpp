#include <openjd/parameter_space.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::openjd {

namespace {

TaskParameterRange ints(std::string name, std::string_view expression)
{
    return { std::move(name), ParameterType::integer, *IntRange::parse(expression) };
}

TaskParameterRange strings(std::string name, std::vector<std::string> values)
{
    return { std::move(name), ParameterType::string, std::move(values) };
}

Result<ParameterSpace> make(std::vector<TaskParameterRange> ranges, std::string_view combination)
{
    std::vector<std::string_view> names;
    for (auto const& range : ranges)
        names.push_back(range.name);
    auto const tree = combination.empty() ? product_of(names)
                                          : *parse_combination(combination, names);
    return ParameterSpace::make(std::move(ranges), tree);
}

// Every task as "A=1 B=x".
std::vector<std::string> tasks_of(ParameterSpace const& space)
{
    std::vector<std::string> out;
    for (std::uint64_t task = 0; task < space.size(); ++task) {
        std::string text;
        for (auto const& parameter : space.at(task))
            text += (text.empty() ? "" : " ") + parameter.name + "=" + parameter.value;
        out.push_back(std::move(text));
    }
    return out;
}

using Texts = std::vector<std::string>;

}

TEST(ParameterSpace, no_parameters_make_one_task)
{
    ParameterSpace const space;
    EXPECT_EQ(space.size(), 1u);
    EXPECT_EQ(space.at(0), TaskParameters());
    EXPECT_EQ(space.index_of({}), 0u);
}

TEST(ParameterSpace, the_last_factor_varies_fastest)
{
    auto const space = make({ ints("A", "1-2"), strings("B", { "x", "y" }) }, "");
    EXPECT_EQ(tasks_of(*space), (Texts { "A=1 B=x", "A=1 B=y", "A=2 B=x", "A=2 B=y" }));
}

TEST(ParameterSpace, values_stand_in_the_order_of_definition)
{
    auto const space = make({ ints("A", "1-2"), strings("B", { "x", "y" }) }, "B * A");
    EXPECT_EQ(tasks_of(*space), (Texts { "A=1 B=x", "A=2 B=x", "A=1 B=y", "A=2 B=y" }));
}

TEST(ParameterSpace, lock_step_goes_side_by_side)
{
    auto const space = make(
        { ints("A", "1-2"), strings("B", { "x", "y" }), ints("C", "7-8") }, "C*(A,B)");
    EXPECT_EQ(
        tasks_of(*space), (Texts { "A=1 B=x C=7", "A=2 B=y C=7", "A=1 B=x C=8", "A=2 B=y C=8" }));
}

TEST(ParameterSpace, products_go_side_by_side_with_ranges)
{
    auto const space = make(
        { ints("A", "1-2"), ints("B", "11-14"), strings("C", { "a", "b" }) }, "(A * C, B)");
    EXPECT_EQ(tasks_of(*space),
        (Texts { "A=1 B=11 C=a", "A=1 B=12 C=b", "A=2 B=13 C=a", "A=2 B=14 C=b" }));
}

TEST(ParameterSpace, lock_step_needs_equal_counts)
{
    auto const space = make({ ints("A", "1-2"), ints("B", "1-3") }, "(A, B)");
    EXPECT_EQ(
        space.error().message, "side by side in (A, B) need equally many values: A has 2, B has 3");
}

TEST(ParameterSpace, sizes_stay_below_2_to_the_62)
{
    auto const big = ints("A", "1-2147483648");
    EXPECT_EQ(make({ big, ints("B", "1-2147483647") }, "")->size(), (1ull << 62) - (1ull << 31));
    auto const space = make({ big, ints("B", "1-2147483648") }, "");
    EXPECT_EQ(space.error().message, "the combination A * B has 2^62 tasks or more");
}

TEST(ParameterSpace, far_tasks_are_found_by_arithmetic)
{
    auto const space = make({ ints("A", "1-1000000000"), ints("B", "1-1000000000") }, "");
    TaskParameters const expected { { "A", ParameterType::integer, "123456790" },
        { "B", ParameterType::integer, "8" } };
    EXPECT_EQ(space->at(123'456'789'000'000'007), expected);
    EXPECT_EQ(space->index_of(expected), 123'456'789'000'000'007u);
}

TEST(ParameterSpace, a_reused_buffer_holds_only_the_new_task)
{
    auto const space = make({ ints("A", "1-2"), strings("B", { "long text", "" }) }, "");
    TaskParameters buffer { { "Z", ParameterType::path, "zzz" }, {}, { "Y", {}, "y" } };
    for (std::uint64_t task = 0; task < space->size(); ++task) {
        space->at(task, buffer);
        EXPECT_EQ(buffer, space->at(task));
    }
}

TEST(ParameterSpace, index_of_finds_the_first_of_equal_tasks)
{
    auto const space = make(
        { strings("A", { "x", "x", "y" }), strings("B", { "1", "2", "1" }) }, "(A, B)");
    EXPECT_EQ(space->index_of(space->at(0)), 0u);
    EXPECT_EQ(space->index_of(space->at(1)), 1u);
    EXPECT_EQ(space->index_of(space->at(2)), 2u);
}

TEST(ParameterSpace, index_of_refuses_what_is_no_task)
{
    auto const space = make({ ints("A", "1-3"), strings("B", { "x", "y", "z" }) }, "(A, B)");
    auto const index = [&](std::string a, std::string b) {
        return space->index_of({ { "A", {}, std::move(a) }, { "B", {}, std::move(b) } });
    };
    EXPECT_EQ(index("2", "y"), 1u);
    EXPECT_EQ(index("2", "x"), std::nullopt);
    EXPECT_EQ(index("4", "x"), std::nullopt);
    EXPECT_EQ(index("one", "x"), std::nullopt);
    EXPECT_EQ(space->index_of({ { "A", {}, "1" } }), std::nullopt);
    EXPECT_EQ(space->index_of({ { "A", {}, "1" }, { "C", {}, "x" } }), std::nullopt);
}

namespace {

// A random expression of `size` tasks; its parameters are appended to `ranges`.
std::string random_combination(
    Prng& prng, std::vector<TaskParameterRange>& ranges, std::uint64_t size, int depth)
{
    if (depth < 3 && prng.chance(0.4)) {
        auto const first = random_combination(prng, ranges, size, depth + 1);
        return "(" + first + "," + random_combination(prng, ranges, size, depth + 1) + ")";
    }
    if (depth < 3 && prng.chance(0.5)) {
        for (std::uint64_t factor = 2; factor < size; ++factor) {
            if (size % factor == 0) {
                auto const first = random_combination(prng, ranges, factor, depth + 1);
                auto const second = random_combination(prng, ranges, size / factor, depth + 1);
                return first + "*" + second;
            }
        }
    }
    auto const name = "P" + std::to_string(ranges.size());
    if (prng.chance(0.5)) {
        auto const low = prng.between(-50, 50);
        auto const high = low + static_cast<std::int64_t>(size) - 1;
        ranges.push_back(ints(name, std::to_string(low) + "-" + std::to_string(high)));
        return name;
    }
    std::vector<std::string> values;
    for (std::uint64_t i = 0; i < size; ++i)
        values.push_back(std::to_string(prng.below(3)));
    ranges.push_back(strings(name, std::move(values)));
    return name;
}

}

TEST(ParameterSpace, index_of_undoes_at_for_any_combination)
{
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Prng prng(seed);
        std::vector<TaskParameterRange> ranges;
        auto const expression = random_combination(prng, ranges, prng.below(24) + 1, 0);
        auto const space = make(ranges, expression);
        ASSERT_TRUE(space) << expression << ": " << space.error().message;
        auto const tasks = tasks_of(*space);
        for (std::uint64_t task = 0; task < space->size(); ++task) {
            auto const first = static_cast<std::uint64_t>(
                std::find(tasks.begin(), tasks.end(), tasks[task]) - tasks.begin());
            EXPECT_EQ(space->index_of(space->at(task)), first)
                << "seed " << seed << " " << expression;
        }
    }
}

}
