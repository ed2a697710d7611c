#include <openjd/expr/expression.h>

#include <gtest/gtest.h>

namespace sidereal::openjd::expr {

TEST(Expression, adds)
{
    Names names { { { "Param.Frame", Value::of(std::int64_t { 41 }) } }, nullptr };
    auto const parsed = Expression::parse("Param.Frame + 1");
    ASSERT_TRUE(parsed.has_value());
    auto const value = parsed->evaluate({ .names = &names });
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->integer(), 42);
}

}
