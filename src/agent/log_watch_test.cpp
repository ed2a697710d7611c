#include <agent/log_watch.h>

#include <gtest/gtest.h>

namespace sidereal::agent {

namespace {

using wire::Cause;

LogWatch watch_with(std::vector<wire::LogRule> job, std::vector<wire::LogRule> farm)
{
    LogWatch watch;
    watch.set(LogRules::make(std::move(job)), LogRules::make(std::move(farm)));
    return watch;
}

}

TEST(LogWatch, the_newest_line_that_means_something_counts)
{
    auto watch = watch_with(
        {}, { { "no seat", Cause::no_licence, "maya" }, { "disk .* gone", Cause::node_fault } });
    watch.see("no seat of maya");
    watch.see("the disk /mnt is gone");
    watch.see("good bye");
    ASSERT_TRUE(watch.why_failed());
    EXPECT_EQ(watch.why_failed()->rule.cause, Cause::node_fault);
    EXPECT_EQ(watch.why_failed()->line, "the disk /mnt is gone");
    EXPECT_FALSE(watch.why_not_good());
}

TEST(LogWatch, of_several_rules_for_a_line_the_jobs_and_the_first_go_before)
{
    auto watch = watch_with({ { "special error", Cause::fatal } },
        { { "error", Cause::node_fault }, { "special", Cause::out_of_memory } });
    watch.see("a special error");
    EXPECT_EQ(watch.why_failed()->rule.cause, Cause::fatal);
    watch.see("a special kind of error");
    EXPECT_EQ(watch.why_failed()->rule.cause, Cause::node_fault);
}

TEST(LogWatch, what_lies_far_back_does_not_explain_a_failure)
{
    auto watch = watch_with({}, { { "no seat", Cause::no_licence, "maya", true } });
    watch.see("no seat");
    for (std::uint64_t i = 0; i < LogWatch::last_lines; ++i)
        watch.see("rendering");
    EXPECT_TRUE(watch.why_failed());
    watch.see("rendering");
    EXPECT_FALSE(watch.why_failed());
    EXPECT_TRUE(watch.why_not_good());
}

TEST(LogWatch, a_pattern_that_is_none_spoils_no_other)
{
    auto watch = watch_with({}, { { "(", Cause::fatal }, { "bad", Cause::node_fault } });
    watch.see("bad (");
    EXPECT_EQ(watch.why_failed()->rule.cause, Cause::node_fault);
    auto none = watch_with({}, { { "(", Cause::fatal } });
    none.see("(");
    EXPECT_FALSE(none.why_failed());
}

TEST(LogWatch, keeps_little_of_a_long_line)
{
    auto watch = watch_with({}, { { "bad", Cause::node_fault } });
    watch.see(std::string(LogRules::longest_line, 'x') + "bad");
    EXPECT_FALSE(watch.why_failed());
    watch.see("bad" + std::string(100'000, 'x'));
    EXPECT_EQ(watch.why_failed()->line.size(), 300u);
}

}
