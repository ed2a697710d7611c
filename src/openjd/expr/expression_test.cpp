#include <openjd/expr/test_expression.h>

namespace sidereal::openjd::expr::test {

namespace {

Fault fault_of(std::string_view text)
{
    auto const parsed = Expression::parse(text);
    auto const value = parsed ? parsed->evaluate(context()) : tl::unexpected(parsed.error());
    EXPECT_FALSE(value.has_value()) << text;
    return value ? Fault {} : value.error();
}

}

TEST(Expression, knows_what_it_refers_to)
{
    auto const parsed = Expression::parse(
        "[f.stem.upper() + Param.Name.lower() for f in "
        "Param.Files if len(f.stem) > Param.File.stem.count('x')]");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->names(),
        (std::set<std::string> { "Param.Name", "Param.Files", "Param.File.stem" }));
    EXPECT_EQ(parsed->functions(), (std::set<std::string> { "upper", "lower", "len", "count" }));
    EXPECT_EQ(parsed->loop_variables(), std::set<std::string> { "f" });
    EXPECT_EQ(parsed->sole_name(), std::nullopt);
    EXPECT_EQ(Expression::parse(" Param.Frame ")->sole_name(), "Param.Frame");
}

TEST(Expression, faults_point_at_the_operator_or_name)
{
    EXPECT_EQ(render(fault_of("1 + int('bad') + 2"), "1 + int('bad') + 2"),
        "'bad' is no whole number of 64 bits\n"
        "  1 + int('bad') + 2\n"
        "      ^~~~~~~~~~");
    EXPECT_EQ(render(fault_of("Param.Count + 'x'"), "Param.Count + 'x'"),
        "'+' cannot be used with int and string\n"
        "  Param.Count + 'x'\n"
        "  ~~~~~~~~~~~~^~~~~");
    EXPECT_EQ(render(fault_of("Param.File.nme"), "Param.File.nme"),
        "path has no property 'nme'\n"
        "  Param.File.nme\n"
        "  ~~~~~~~~~~~^~~");
    EXPECT_EQ(render(fault_of("Param.Numbers[9]"), "Param.Numbers[9]"),
        "index 9 is outside the list of length 3\n"
        "  Param.Numbers[9]\n"
        "  ~~~~~~~~~~~~~^~~");
    EXPECT_EQ(render(fault_of("[1,\n 'ü' +\n (2]"), "[1,\n 'ü' +\n (2]"),
        "']' where ')' is expected\n"
        "   (2]\n"
        "     ^");
}

TEST(Expression, a_long_line_is_cut_around_the_caret)
{
    auto const text = std::string(200, ' ') + "1 + null" + std::string(200, ' ');
    auto const shown = render(fault_of(text), text);
    auto const caret_line = shown.substr(shown.rfind('\n') + 1);
    auto const rest = shown.substr(shown.find('\n') + 1);
    auto const line = rest.substr(0, rest.find('\n'));
    EXPECT_LE(line.size(), 80U);
    EXPECT_EQ(line[caret_line.find('^')], '+');
}

TEST(Expression, unknown_names_come_with_a_hint)
{
    expect_faults({
        { "Param.Coutn", "'Param.Coutn' has no value here; did you mean 'Param.Count'" },
        { "lne([1])", "there is no function 'lne'; did you mean 'len'" },
        { "Param.File.name()", "'name' is a property: write .name without brackets" },
        { "Param.Name.upper", "'upper' is a method: write .upper() with brackets" },
        { "__add__(1, 2)", "'__add__' cannot be called" },
        { "(1)(2)", "only a function or method can be called" },
    });
}

TEST(Expression, names_may_have_keywords_behind_dots)
{
    expect_rows({ { "Param.if", "string keyword" }, { "Param . if + '!'", "string keyword!" } });
}

TEST(Expression, the_operations_of_a_run_are_bounded)
{
    auto where = context();
    where.budget.operations = 1000;
    EXPECT_EQ(evaluated("len([x for x in range(400)])", where), "int 400");
    EXPECT_NE(evaluated("len([x for x in range(1200)])", where).find("more than 1000 operations"),
        std::string::npos);
    for (auto const text : { "sum(range_expr('1-100000'))", "Param.Name.upper()" })
        EXPECT_FALSE(evaluated(text, where).starts_with("fault")) << text;
    for (auto const text : { "range(2000)", "list(range_expr('1-100000'))", "[1] * 1001",
             "[[q for q in range(50)] for p in range(50)]", "sorted([x % 7 for x in range(500)])",
             "'a' * 300000" })
        EXPECT_TRUE(evaluated(text, where).starts_with("fault")) << text;
}

TEST(Expression, what_every_round_repeats_is_counted_each_time_and_done_once)
{
    auto const text = [](int rounds) {
        return "len([len(('a' * 10000).upper()) for i in range(" + std::to_string(rounds) + ")])";
    };
    // 84 operations a round, as the specification counts them.
    EXPECT_EQ(evaluated(text(117'600), context()), "int 117600");
    EXPECT_TRUE(evaluated(text(117'700), context()).starts_with("fault"));
    // What differs from round to round takes its time.
    EXPECT_TRUE(
        evaluated("len([len(('a' * (i + 10000)).upper()) for i in range(100000)])", context())
            .starts_with("fault"));
}

TEST(Expression, the_memory_of_a_run_is_bounded_by_what_lives_at_a_time)
{
    auto where = context();
    where.budget.bytes = 100'000;
    EXPECT_EQ(evaluated("sum([len('a' * 50000) for x in range(20)])", where), "int 1000000");
    for (auto const text : { "'a' * 200000", "('a' * 60000) + ('b' * 60000)", "[0] * 20000",
             "['x' * 1000 for x in range(200)]", "'a'.ljust(150000)", "zfill(1, 150000)",
             "'ab'.replace('a', 'c' * 99000) + 'c' * 60000", "range(20000)",
             "','.center(90000).split(' ')", "repr_json('\\x01' * 90000)" }) {
        EXPECT_NE(evaluated(text, where).find("more than 100000 bytes"), std::string::npos) << text;
    }
}

TEST(Expression, a_spent_budget_is_not_passed_over_in_a_branch_not_taken)
{
    auto where = context();
    where.budget.operations = 1000;
    EXPECT_EQ(evaluated("1 if Task.Flag else int('x')", where), "unresolved[int]");
    EXPECT_TRUE(evaluated("1 if Task.Flag else len(range(5000))", where).starts_with("fault"));
    EXPECT_TRUE(evaluated("Task.Flag or len(range(5000)) > 1", where).starts_with("fault"));
}

TEST(Expression, depth_and_length_are_bounded)
{
    auto const nested = [](std::string_view open, std::string_view close, std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += open;
        text += "1";
        for (std::size_t i = 0; i < count; ++i)
            text += close;
        return text;
    };
    EXPECT_EQ(evaluated(nested("(", ")", 100)), "int 1");
    for (auto const* open : { "(", "[", "-", "not ", "2**", "x.y[" })
        EXPECT_NE(evaluated(nested(open, "", 15000)).find("levels deep"), std::string::npos)
            << open;
    EXPECT_NE(evaluated(nested("", " + 1", 5000)).find("levels deep"), std::string::npos);
    EXPECT_EQ(evaluated(nested("", " + 1", 100)), "int 101");
    EXPECT_NE(
        evaluated(std::string(70000, ' ') + "1").find("more than 65536 bytes"), std::string::npos);
}

TEST(Expression, the_target_shapes_the_result_and_nothing_else)
{
    auto const args = string_type.or_null() | string_type.list();
    EXPECT_EQ(evaluated("Param.Count - 1", string_type), "string 4");
    EXPECT_EQ(evaluated("['-q', Param.Count]", args), R"(list[string] ["-q", "5"])");
    EXPECT_EQ(evaluated("['-q', 5] if Param.Flag else null", args), R"(list[string] ["-q", "5"])");
    EXPECT_EQ(evaluated("null", args), "nulltype null");
    EXPECT_EQ(evaluated("Param.File", args), "string /shots/s01/render_0001.exr");
    EXPECT_EQ(evaluated("sorted([10, 2])", string_type.list()), R"(list[string] ["2", "10"])");
    EXPECT_EQ(evaluated("Param.Frames", int_type.list()), "list[int] [1, 2, 3, 4, 5]");
    EXPECT_EQ(evaluated("Param.Frames", string_type | int_type.list()), "string 1-5");
    EXPECT_EQ(evaluated("3.0", int_type), "int 3");
    EXPECT_EQ(evaluated("'3.50'", float_type), "float 3.50");
    EXPECT_EQ(evaluated("'yes'", bool_type), "bool true");
    EXPECT_EQ(evaluated("5", float_type | string_type), "float 5.0");
    EXPECT_EQ(evaluated("3.5", int_type | string_type), "string 3.5");
    EXPECT_EQ(evaluated("[]", string_type.list()), "list[string] []");
    EXPECT_EQ(evaluated("[1, 2.5]", int_type.list() | string_type.list()),
        R"(list[string] ["1.0", "2.5"])");
    for (auto const text : { "3.5", "'x'", "null", "[1]", "true" })
        EXPECT_TRUE(evaluated(text, int_type).starts_with("fault")) << text;
}

TEST(Expression, an_unresolved_result_is_fitted_by_its_type)
{
    EXPECT_EQ(evaluated("Task.Int", string_type), "unresolved[string]");
    EXPECT_EQ(evaluated("Task.Float", int_type | string_type), "unresolved[int | string]");
    EXPECT_EQ(evaluated("Task.Range", int_type.list()), "unresolved[list[int]]");
    EXPECT_EQ(evaluated("Task.Maybe", string_type), "unresolved[string]");
    EXPECT_TRUE(evaluated("Task.Numbers", int_type).starts_with("fault"));
}

TEST(Expression, its_end_is_the_first_double_brace_outside_strings_and_comments)
{
    auto const end_of = [](std::string_view text) { return find_expression_end(text, 0); };
    EXPECT_EQ(end_of(" a }} b }}"), 3U);
    EXPECT_EQ(end_of(" '}}' }}"), 6U);
    EXPECT_EQ(end_of(R"( "it's }}" + '\'}}' }})"), 20U);
    EXPECT_EQ(end_of(" '''a}}\n'}}''' }}"), 15U);
    EXPECT_EQ(end_of("x # it's }}"), 9U);
    EXPECT_EQ(end_of("x # it's\n+ 'a' }}"), 15U);
    EXPECT_EQ(end_of("it's }} later"), 5U);
    EXPECT_EQ(end_of("'}}"), 1U);
    EXPECT_EQ(end_of("'a' }"), std::string_view::npos);
    EXPECT_EQ(end_of(""), std::string_view::npos);
}

TEST(Expression, a_let_binding_has_a_name_and_a_value)
{
    auto const binding = parse_let(" last = Param.Count - 1");
    ASSERT_TRUE(binding.has_value());
    EXPECT_EQ(binding->name, "last");
    EXPECT_EQ(binding->value.evaluate(context())->integer(), 4);
    EXPECT_TRUE(parse_let("_x=1 == 1").has_value());
    for (auto const text : { "Last = 1", "last", "= 1", "1x = 1", "if = 1", "a.b = 1",
             "x = ", "x = 1 = 2", "x y = 1" })
        EXPECT_FALSE(parse_let(text).has_value()) << text;
    auto const bad = parse_let("x = 1 +");
    EXPECT_EQ(bad.error().begin, 7U);
}

TEST(Expression, a_loop_may_not_hide_a_name)
{
    Names inner { { { "last", Value::of(std::int64_t { 1 }) } }, &names() };
    auto where = context();
    where.names = &inner;
    EXPECT_EQ(evaluated("[x + last for x in Param.Numbers]", where), "list[int] [4, 2, 3]");
    EXPECT_NE(evaluated("[last for last in [1]]", where).find("'last'"), std::string::npos);
    EXPECT_NE(evaluated("[[x for x in [1]] for x in [2]]").find("'x'"), std::string::npos);
}

TEST(Expression, what_is_no_expression_is_refused_and_never_more)
{
    std::string_view const characters = "()[]{},:.'\"\\#=<>!+-*/% \n0x1eEr_aifornt\xC3\xA9\xFF";
    std::uint64_t state = 7;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (int i = 0; i < 12; ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            text += characters[(state >> 33) % characters.size()];
        }
        auto const parsed = Expression::parse(text);
        if (parsed)
            parsed->evaluate(context());
        else
            EXPECT_LE(parsed.error().begin, text.size()) << text;
    }
}

}
