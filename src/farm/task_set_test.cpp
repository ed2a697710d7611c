#include <farm/task_set.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

constexpr TaskState states[] { TaskState::ready, TaskState::leased, TaskState::succeeded,
    TaskState::failed, TaskState::canceled };

// The same thing as a plain list.
struct Model {
    std::vector<TaskState> tasks;

    std::uint64_t count(TaskState state) const
    {
        return static_cast<std::uint64_t>(std::count(tasks.begin(), tasks.end(), state));
    }
    std::optional<std::uint64_t> next(TaskState state, std::uint64_t from) const
    {
        for (auto task = from; task < tasks.size(); ++task) {
            if (tasks[task] == state)
                return task;
        }
        return std::nullopt;
    }
};

void compare(TaskSet const& set, Model const& model, Prng& prng)
{
    ASSERT_TRUE(set.counts_agree());
    auto const size = model.tasks.size();
    for (auto const state : states) {
        ASSERT_EQ(set.count(state), model.count(state));
        for (auto const from : { std::uint64_t { 0 }, prng.below(size), size - 1, size, size + 99 })
            ASSERT_EQ(set.next(state, from), model.next(state, from)) << size << " from " << from;
    }
}

}

TEST(TaskSet, starts_with_all_tasks_ready)
{
    TaskSet const set(130);
    EXPECT_EQ(set.size(), 130u);
    EXPECT_EQ(set.count(TaskState::ready), 130u);
    EXPECT_EQ(set.get(129), TaskState::ready);
    EXPECT_EQ(set.next(TaskState::ready, 0), 0u);
    EXPECT_EQ(set.next(TaskState::ready, 129), 129u);
    EXPECT_EQ(set.next(TaskState::ready, 130), std::nullopt);
    EXPECT_EQ(set.next(TaskState::leased, 0), std::nullopt);
}

TEST(TaskSet, next_skips_other_states)
{
    TaskSet set(200);
    for (std::uint64_t task = 0; task < 190; ++task)
        set.set(task, TaskState::succeeded);
    EXPECT_EQ(set.next(TaskState::ready, 0), 190u);
    set.set(70, TaskState::failed);
    EXPECT_EQ(set.next(TaskState::failed, 0), 70u);
    EXPECT_EQ(set.next(TaskState::failed, 71), std::nullopt);
    EXPECT_EQ(set.next(TaskState::succeeded, 70), 71u);
}

TEST(TaskSet, a_task_made_ready_again_is_found)
{
    TaskSet set(300);
    for (std::uint64_t task = 0; task < 300; ++task)
        set.set(task, TaskState::leased);
    EXPECT_EQ(set.next(TaskState::ready, 0), std::nullopt);
    set.set(299, TaskState::ready);
    EXPECT_EQ(set.next(TaskState::ready, 0), 299u);
    set.set(3, TaskState::ready);
    EXPECT_EQ(set.next(TaskState::ready, 0), 3u);
    EXPECT_EQ(set.next(TaskState::ready, 4), 299u);
}

TEST(TaskSet, agrees_with_a_plain_list)
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Prng prng(seed);
        auto const size = prng.below(300) + 1;
        TaskSet set(size);
        Model model { std::vector<TaskState>(size, TaskState::ready) };
        for (int step = 0; step < 400; ++step) {
            auto const task = prng.chance(0.5) ? prng.below(size) : prng.below(size) / 8;
            auto const state = states[prng.below(5)];
            set.set(task, state);
            model.tasks[task] = state;
            ASSERT_EQ(set.get(task), state);
            if (step % 20 == 0)
                compare(set, model, prng);
        }
        compare(set, model, prng);
    }
}

TEST(TaskSetDeath, a_task_out_of_range_is_our_own_mistake)
{
    EXPECT_DEATH((void)TaskSet(64).get(64), "task < size_");
}

}
