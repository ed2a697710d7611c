#include <openjd/combination.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

Combination leaf(std::string name) { return { Combination::Kind::parameter, std::move(name), {} }; }

Combination product(std::vector<Combination> parts)
{
    return { Combination::Kind::product, {}, std::move(parts) };
}

Combination lock_step(std::vector<Combination> parts)
{
    return { Combination::Kind::lock_step, {}, std::move(parts) };
}

std::string fault_of(std::string_view text)
{
    auto const parsed = parse_combination(text, { "A", "B", "C" });
    return parsed ? "no fault" : parsed.error().message;
}

}

TEST(Combination, products_and_brackets_nest)
{
    EXPECT_EQ(parse_combination("A", { "A" }), leaf("A"));
    EXPECT_EQ(parse_combination(" A*B ", { "A", "B" }), product({ leaf("A"), leaf("B") }));
    EXPECT_EQ(parse_combination("C*(A,B)", { "A", "B", "C" }),
        product({ leaf("C"), lock_step({ leaf("A"), leaf("B") }) }));
    EXPECT_EQ(parse_combination("(A * B, C)", { "A", "B", "C" }),
        lock_step({ product({ leaf("A"), leaf("B") }), leaf("C") }));
    EXPECT_EQ(parse_combination("((A,B),C)", { "A", "B", "C" }),
        lock_step({ lock_step({ leaf("A"), leaf("B") }), leaf("C") }));
}

TEST(Combination, every_parameter_stands_there_once)
{
    EXPECT_EQ(
        fault_of("A"), "every task parameter must stand in the combination once; missing: B, C");
    EXPECT_EQ(fault_of("A*A*B*C"),
        "'A' stands in the combination twice; every parameter may stand there once");
    EXPECT_EQ(fault_of("A*B*Cc"), "'Cc' is no task parameter of this step; did you mean 'C'?");
}

TEST(Combination, malformed_expressions_are_refused)
{
    EXPECT_EQ(fault_of(""), "'' ends where a parameter's name or '(' is expected");
    EXPECT_EQ(fault_of("A,B"), "'A,B' has ',' at character 2 where '*' or the end is expected");
    EXPECT_EQ(fault_of("(A,B"), "'(A,B' ends where '*', ',' or ')' is expected");
    EXPECT_EQ(fault_of("(A)*B*C"),
        "brackets in '(A)*B*C' hold one part only; they put two or more side by side, as in (A, "
        "B)");
    for (auto const text :
        { "A B C", "*A", "A**B", "(A,B))*C", "()", "A*B*C*", "A+B+C", "(A,)*B*C" })
        EXPECT_NE(fault_of(text), "no fault") << text;
}

TEST(Combination, nesting_is_limited)
{
    EXPECT_EQ(fault_of(std::string(1000, '(')), "the combination nests deeper than 64 brackets");
}

TEST(Combination, the_default_is_the_product_in_order)
{
    EXPECT_EQ(product_of({ "B", "A" }), product({ leaf("B"), leaf("A") }));
}

}
