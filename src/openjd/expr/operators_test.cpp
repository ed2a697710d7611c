#include <openjd/expr/test_expression.h>

namespace sidereal::openjd::expr::test {

TEST(Operators, whole_numbers_have_64_bits_and_floor_as_python_does)
{
    expect_rows({
        { "-7 // 2", "int -4" },
        { "7 // -2", "int -4" },
        { "-7 % 3", "int 2" },
        { "7 % -3", "int -2" },
        { "-9223372036854775808 % -1", "int 0" },
        { "9223372036854775806 + 1", "int 9223372036854775807" },
        { "10 / 5", "float 2.0" },
        { "1 / 3", "float 0.3333333333333333" },
        { "2 ** 62", "int 4611686018427387904" },
        { "(-2) ** 63", "int -9223372036854775808" },
        { "(-1) ** 9223372036854775807", "int -1" },
        { "0 ** 0", "int 1" },
        { "(-2) ** -1", "float -0.5" },
    });
    expect_faults({
        { "9223372036854775807 + 1", "beyond 64 bits" },
        { "-9223372036854775807 - 2", "beyond 64 bits" },
        { "9223372036854775807 * 2", "beyond 64 bits" },
        { "-9223372036854775808 // -1", "beyond 64 bits" },
        { "abs(-9223372036854775808)", "beyond 64 bits" },
        { "2 ** 63", "beyond 64 bits" },
        { "1 // 0", "division by zero" },
        { "1 / 0", "division by zero" },
        { "1 % 0", "modulo by zero" },
        { "0 ** -1", "zero cannot be raised" },
    });
}

TEST(Operators, floats_are_finite_and_never_minus_zero)
{
    expect_rows({
        { "0.1 + 0.2", "float 0.30000000000000004" },
        { "7.5 // 2", "int 3" },
        { "-7.5 // 2", "int -4" },
        { "5 % 0.3", "float 0.20000000000000018" },
        { "-7.5 % 2", "float 0.5" },
        { "1.0 // 0.1", "int 9" },
        { "-0.0", "float 0.0" },
        { "0.0 * -1", "float 0.0" },
        { "1e16 + 0", "float 1e+16" },
        { "1e-5 + 0", "float 1e-05" },
        { "123456789012345680.0 + 0", "float 1.2345678901234568e+17" },
        { "Param.Scale", "float 3.500" },
        { "Param.Scale + 1", "float 4.5" },
        { "[Param.Scale, 1]", "list[float] [3.500, 1.0]" },
    });
    expect_faults({
        { "1e308 * 10", "too large for a float" },
        { "0.0 / 0", "division by zero" },
        { "(-2.0) ** 0.5", "no real result" },
        { "0.0 ** -1", "zero cannot be raised" },
        { "1e19 // 1", "beyond 64 bits" },
    });
}

TEST(Operators, plus_and_times_join_and_repeat)
{
    expect_rows({
        { "'a' + 'b'", "string ab" },
        { "'x' + Param.Frames + '!'", "string x1-5!" },
        { "'ab' * 3", "string ababab" },
        { "'ab' * -1", "string " },
        { "[1] + [2.5]", "list[float] [1.0, 2.5]" },
        { "[] + ['a']", "list[string] [\"a\"]" },
        { "[path('a')] + ['b']", "list[string] [\"a\", \"b\"]" },
        { "Param.Frames + [9]", "list[int] [1, 2, 3, 4, 5, 9]" },
        { "Param.Frames + Param.Frames", "list[int] [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]" },
        { "[1, 2] * 2", "list[int] [1, 2, 1, 2]" },
        { "['a'] * 0", "list[string] []" },
        { "path('a') + '.x'", "path a.x" },
        { "path('a') + path('b')", "string ab" },
    });
    expect_faults({
        { "'a' + 1", "'+' cannot be used with string and int" },
        { "[1] + ['a']", "'+' cannot be used with list[int] and list[string]" },
        { "2 * 'ab'", "'*' cannot be used with int and string" },
        { "'a' / 'b'", "'/' cannot be used with string and string" },
        { "true + 1", "'+' cannot be used with bool and int" },
        { "-'a'", "'-' cannot be used with string" },
        { "not null", "'not' cannot be used with nulltype" },
        { "'ab' * 9223372036854775807", "bytes of memory" },
        { "[1] * 9223372036854775807", "operations" },
    });
}

TEST(Operators, equality_knows_all_types)
{
    expect_rows({
        { "5 == 5.0", "bool true" },
        { "9007199254740993 == 9007199254740992.0", "bool false" },
        { "9007199254740993 > 9007199254740992.0", "bool true" },
        { "9223372036854775807 < 1e300", "bool true" },
        { "'5' == 5", "bool false" },
        { "true == 1", "bool false" },
        { "1 == [1]", "bool false" },
        { "null == null", "bool true" },
        { "null != false", "bool true" },
        { "Param.File == '/shots/s01/render_0001.exr'", "bool true" },
        { "Param.Frames == [1, 2, 3, 4, 5]", "bool true" },
        { "[1, 2.0] == Param.Frames[:2]", "bool true" },
        { "Param.Frames == range_expr('1,2,3,4,5')", "bool true" },
        { "Param.Frames == '1-5'", "bool false" },
        { "[] == []", "bool true" },
        { "[[1], []] == [[1.0], []]", "bool true" },
    });
}

TEST(Operators, order_needs_types_that_have_one)
{
    expect_rows({
        { "false < true", "bool true" },
        { "'a' < 'b' <= 'b'", "bool true" },
        { "path('a') < 'b'", "bool true" },
        { "[1, 2] < [1, 2.5]", "bool true" },
        { "[1] < [1, 0]", "bool true" },
        { "[] <= []", "bool true" },
        { "[[1], [2]] > [[1], [1, 9]]", "bool true" },
    });
    expect_faults({
        { "'a' < 1", "'<' cannot be used with string and int" },
        { "null < 1", "'<' cannot be used with nulltype and int" },
        { "true < 1", "'<' cannot be used with bool and int" },
        { "[1] < ['a']", "'<' cannot be used with list[int] and list[string]" },
        { "Param.Frames < Param.Frames", "'<' cannot be used with range_expr and range_expr" },
    });
}

TEST(Operators, in_asks_for_an_item_that_could_be_there)
{
    expect_rows({
        { "1 in [1.0, 2.5]", "bool true" },
        { "4 not in Param.Frames", "bool false" },
        { "2.0 in Param.Frames", "bool true" },
        { "2.5 in Param.Frames", "bool false" },
        { "'ell' in Param.Name", "bool true" },
        { "'' in 'abc'", "bool true" },
        { "path('a') in ['a']", "bool true" },
        { "[1] in [[1], [2]]", "bool true" },
        { "'x' in []", "bool false" },
    });
    expect_faults({
        { "'a' in [1]", "'in' cannot be used with string and list[int]" },
        { "null in [1]", "'in' cannot be used with nulltype and list[int]" },
        { "1 in '1'", "'in' cannot be used with int and string" },
        { "'1' not in Param.Frames", "'not in' cannot be used with string and range_expr" },
        { "1 in 1", "'in' cannot be used with int and int" },
    });
}

TEST(Operators, and_or_give_an_operand_and_stop_early)
{
    expect_rows({
        { "1 and 2", "int 2" },
        { "0 or 3", "int 0" },
        { "'' or 'a'", "string " },
        { "null or 'a'", "string a" },
        { "false or null", "nulltype null" },
        { "null and fail('never')", "nulltype null" },
        { "true or fail('never')", "bool true" },
        { "false and fail('never') or 'x'", "string x" },
    });
    expect_faults({ { "false or fail('Count must be positive')", "Count must be positive" } });
}

TEST(Operators, elements_and_slices_count_as_in_python)
{
    expect_rows({
        { "Param.Numbers[-1]", "int 2" },
        { "Param.Name[1]", "string e" },
        { "'h\xC3\xA9llo'[1] + 'h\xC3\xA9llo'[-1]", "string \xC3\xA9o" },
        { "Param.Frames[-2]", "int 4" },
        { "Param.Numbers[1:]", "list[int] [1, 2]" },
        { "Param.Numbers[::-1]", "list[int] [2, 1, 3]" },
        { "Param.Numbers[null:2]", "list[int] [3, 1]" },
        { "Param.Numbers[5:]", "list[int] []" },
        { "Param.Name[-3:]", "string llo" },
        { "Param.Name[10:-10:-2]", "string olh" },
        { "'h\xC3\xA9llo'[::-2]", "string olh" },
        { "Param.Name[9223372036854775807:]", "string " },
        { "Param.Name[::-9223372036854775808]", "string o" },
        { "Param.Frames[1:4:2]", "range_expr 2,4" },
        { "Param.Frames[::-1]", "list[int] [5, 4, 3, 2, 1]" },
        { "range_expr('1-1000000000000')[999:5000:1000]", "range_expr 1000-5000:1000" },
        { "len(Param.Frames[3:3])", "int 0" },
        { "['a', 'b', 'c'][::2]", "list[string] [\"a\", \"c\"]" },
    });
    expect_faults({
        { "Param.Numbers[3]", "index 3 is outside the list of length 3" },
        { "Param.Name[-6]", "index -6 is outside the string of length 5" },
        { "Param.Frames[5]", "outside the range_expr" },
        { "Param.Numbers[1.0]", "an index is an int, not float" },
        { "Param.Numbers[true]", "an index is an int, not bool" },
        { "Param.Numbers[::0]", "cannot be 0" },
        { "Param.Numbers['a':]", "are ints, not string" },
        { "Param.File[0]", "p.parts is a list" },
        { "null[0]", "has no elements" },
    });
}

TEST(Operators, lists_have_one_type_of_element)
{
    expect_rows({
        { "[1, 2.5]", "list[float] [1.0, 2.5]" },
        { "[Param.File, 'x']", "list[string] [\"/shots/s01/render_0001.exr\", \"x\"]" },
        { "[[1], [2.5], []]", "list[list[float]] [[1.0], [2.5], []]" },
        { "[]", "list[nulltype] []" },
        { "[true, false]", "list[bool] [true, false]" },
        { "[Param.Frames]", "list[range_expr] [\"1-5\"]" },
        { "[1.5 if x > 1 else 1 for x in [1, 2]]", "list[float] [1.0, 1.5]" },
        { "[[x, x] for x in Param.Frames if x % 2 == 0]", "list[list[int]] [[2, 2], [4, 4]]" },
        { "[x for x in []]", "list[nulltype] []" },
    });
    expect_faults({
        { "[1, 'a']", "not int and string" },
        { "[1, true]", "not int and bool" },
        { "[[1], 2]", "not list[int] and int" },
        { "[null]", "null cannot be an element" },
        { "[[[1]]]", "two deep" },
        { "[[[x]] for x in [1]]", "two deep" },
        { "[null for x in [1]]", "null cannot be an element" },
        { "[x if x > 1 else 'a' for x in [1, 2]]", "not string and int" },
    });
}

}
