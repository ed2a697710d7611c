#include <openjd/expr/test_expression.h>

namespace sidereal::openjd::expr::test {

TEST(Grammar, numbers_are_written_as_in_python)
{
    expect_rows({
        { "42", "int 42" },
        { "0x2A", "int 42" },
        { "0X_ff", "int 255" },
        { "0o52", "int 42" },
        { "0B10_10", "int 10" },
        { "1_000_000", "int 1000000" },
        { "00", "int 0" },
        { "3.140", "float 3.140" },
        { ".5", "float 0.5" },
        { "3.", "float 3.0" },
        { "1e10", "float 1e10" },
        { "1_0.5_0e1_0", "float 105000000000.0" },
        { "-3.140", "float -3.14" },
        { "1e-400 + 0", "float 0.0" },
        { "9223372036854775807", "int 9223372036854775807" },
        { "-9223372036854775808", "int -9223372036854775808" },
        { "-(9223372036854775808)", "int -9223372036854775808" },
    });
    expect_faults({
        { "007", "begins with a zero" },
        { "1__0", "is no number" },
        { "1_", "is no number" },
        { "0x", "digits of base 16" },
        { "0b2", "digits of base 2" },
        { "1.real", "is no number" },
        { "1e400", "too large for a float" },
        { "9223372036854775808", "beyond 64 bits" },
        { "--9223372036854775808", "beyond 64 bits" },
        { "99999999999999999999", "beyond 64 bits" },
        { "1j", "is no number" },
    });
}

TEST(Grammar, strings_are_written_as_in_python)
{
    expect_rows({
        { R"('it''s')", "string its" },
        { R"("it's")", "string it's" },
        { R"('a\tb\x41\u00e9\101\'')",
            "string a\tbA\xC3\xA9"
            "A'" },
        { R"('\U0001F600')", "string \xF0\x9F\x98\x80" },
        { R"(r'a\n\'')", R"(string a\n\')" },
        { R"(R"\d")", R"(string \d)" },
        { R"('a\q')", R"(string a\q)" },
        { R"('\N{LATIN SMALL LETTER Z}\N{bullet}\N{LINE FEED}.')", "string z\xE2\x80\xA2\n." },
        { R"('\N{CJK UNIFIED IDEOGRAPH-4E00}\N{HANGUL SYLLABLE GGWAEBS}\N{HANGUL SYLLABLE I}')",
            "string \xE4\xB8\x80\xEA\xBD\xB6\xEC\x9D\xB4" },
        { R"(r'\N{BULLET}')", R"(string \N{BULLET})" },
        { "'''a\n'b''c'''", "string a\n'b''c" },
        { "'a\\\nb'", "string ab" },
        { "''", "string " },
        { "''''''", "string " },
    });
    expect_faults({
        { "'a", "is not closed; ' is missing" },
        { "'''a'", "is not closed; ''' is missing" },
        { "'a\nb'", "is not closed" },
        { R"(r'a\')", "is not closed" },
        { R"('\x4')", "needs 2 hexadecimal digits" },
        { R"('\u12')", "needs 4 hexadecimal digits" },
        { R"('\ud800')", "no Unicode character" },
        { R"('\U00110000')", "no Unicode character" },
        { R"('\N{NO SUCH THING}')", "no character is named 'NO SUCH THING'" },
        { R"('\N{}')", "no character is named ''" },
        { R"('\N{BULLET')", "needs the name of a character" },
        { R"('\NBULLET}')", "needs the name of a character" },
        { R"('\N')", "needs the name of a character" },
        { R"('\N{CJK UNIFIED IDEOGRAPH-D800}')", "no character is named" },
        { R"('\N{HANGUL SYLLABLE QA}')", "no character is named" },
        { "f'{x}'", "cannot begin with f" },
        { "b'a'", "cannot begin with b" },
        { "u'a'", "cannot begin with u" },
    });
}

TEST(Grammar, constants_have_two_spellings)
{
    expect_rows({
        { "True", "bool true" },
        { "false", "bool false" },
        { "None", "nulltype null" },
        { "null", "nulltype null" },
        { "True == true and not False", "bool true" },
    });
}

TEST(Grammar, operators_bind_as_in_python)
{
    expect_rows({
        { "2 + 3 * 4", "int 14" },
        { "(2 + 3) * 4", "int 20" },
        { "-2 ** 2", "int -4" },
        { "2 ** -1", "float 0.5" },
        { "2 ** 3 ** 2", "int 512" },
        { "10 - 4 - 3", "int 3" },
        { "7 // 2 * 2", "int 6" },
        { "not 1 == 2", "bool true" },
        { "1 not in [2] and 2 in [2]", "bool true" },
        { "true or false and false", "bool true" },
        { "1 if false else 2 if false else 3", "int 3" },
        { "1 < 2 < 3", "bool true" },
        { "3 > 2 > 2", "bool false" },
        { "1 < 2 == true", "bool false" },
        { "+-+3", "int -3" },
        { "[1, 2, 3,]", "list[int] [1, 2, 3]" },
        { "[\n  x\n  for x in Param.Numbers # all of them\n  if x > 1\n]", "list[int] [3, 2]" },
        { "max(\n1,\n2,\n)", "int 2" },
    });
}

TEST(Grammar, what_python_has_beyond_it_is_refused_by_name)
{
    expect_faults({
        { "", "the expression is empty" },
        { " \n # nothing", "the expression is empty" },
        { "lambda x: x", "functions cannot be defined" },
        { "{1: 2}", "no dictionaries or sets" },
        { "(1, 2)", "there are no tuples" },
        { "1, 2", "',' where" },
        { "x := 1", "cannot be assigned" },
        { "x = 1", "cannot be assigned" },
        { "Param.Count is 1", "compare with == or !=" },
        { "1 & 2", "bit operations" },
        { "1 << 2", "bit operations" },
        { "~1", "bit operations" },
        { "1 @ 2", "no matrices" },
        { "max(*Param.Numbers)", "cannot be unpacked" },
        { "[*Param.Numbers]", "cannot be unpacked" },
        { "round(1.5, ndigits=1)", "arguments have no names" },
        { "(x for x in [1])", "a loop stands in brackets" },
        { "len(x for x in [1])", "a loop stands in brackets" },
        { "[x for x in [1] for y in [2]]", "a list has one loop" },
        { "[x for x in [1] if true if true]", "a loop has one condition" },
        { "[x for x, y in [1]]", "'in'" },
        { "[X for X in [1]]", "begins with a small letter or _" },
        { "[for for for in [1]]", "begins with a small letter or _" },
        { "await Param.Count", "nothing to await" },
        { "1 <> 2", "'>' where a value" },
        { "1 2", "'2' where an operator or the end" },
        { "1 +", "ends where a value is expected" },
        { "1 if true", "ends where 'else' is expected" },
        { "(1", "ends where ')' is expected" },
        { "[1", "ends where ',' or ']' is expected" },
        { "Param.", "ends where the name of a property or method" },
        { "Param.Numbers[]", "an index or a slice is missing" },
        { "Param.Numbers[1, 2]", "an index is one number" },
        { "Param.Numbers[1:2:3:4]", "at most three parts" },
        { "$x", "'$' has no meaning" },
        { "\xC3\xA9 + 1", "has no meaning" },
    });
    EXPECT_EQ(evaluated("'\xFF'"), "fault: the expression is not UTF-8");
}

TEST(Grammar, unknown_parts_are_checked_by_their_types)
{
    expect_rows({
        { "Task.Int + 1", "unresolved[int]" },
        { "Task.Int + 1.5", "unresolved[float]" },
        { "Task.Int / 2", "unresolved[float]" },
        { "Task.Int ** 2", "unresolved[float | int]" },
        { "Task.Maybe + 1", "unresolved[int]" },
        { "Task.Text + Task.Path", "unresolved[string]" },
        { "Task.Path / 'x'", "unresolved[path]" },
        { "Task.Path.parent.name.upper()", "unresolved[string]" },
        { "Task.Int < 5 < Task.Float", "unresolved[bool]" },
        { "2 < 1 < Task.Int", "bool false" },
        { "Task.Numbers[0]", "unresolved[int]" },
        { "Task.Numbers[1:]", "unresolved[list[int]]" },
        { "Task.Range[::-1]", "unresolved[list[int] | range_expr]" },
        { "Task.Numbers + [2.5]", "unresolved[list[float]]" },
        { "[Task.Int, 2.5]", "unresolved[list[float]]" },
        { "[x + 0.5 for x in Task.Numbers]", "unresolved[list[float]]" },
        { "[x for x in [1, 2] if Task.Flag]", "unresolved[list[int]]" },
        { "[x for x in Task.Range]", "unresolved[list[int]]" },
        { "flatten([Task.Numbers])", "unresolved[list[int]]" },
        { "re_search(Task.Text, 'a')", "unresolved[list[string]?]" },
        { "re_search(Task.Text, 'a')[0]", "unresolved[string]" },
        { "round(Task.Float, 2)", "unresolved[float | int]" },
        { "1 if Task.Flag else 'a'", "unresolved[int | string]" },
        { "1 if Task.Flag else null", "unresolved[int?]" },
        { "1 if Task.Flag else fail('no')", "unresolved[int]" },
        { "1 + 'a' if Task.Flag else 2", "unresolved[int]" },
        { "Task.Flag or fail('no')", "unresolved[bool]" },
        { "Task.Maybe or 7", "unresolved[int]" },
        { "Task.Flag and 1", "unresolved[bool | int]" },
        { "Task.Int in Param.Numbers", "unresolved[bool]" },
        { "fail(Task.Text)", "unresolved[noreturn]" },
        { "fail(Task.Text) + 1", "unresolved[noreturn]" },
    });
    expect_faults({
        { "Task.Int + Task.Text", "'+' cannot be used with int and string" },
        { "Task.Int < 'a'", "'<' cannot be used with int and string" },
        { "Task.Text in [1]", "'in' cannot be used with string and list[int]" },
        { "Task.Int.upper()", "upper() does not take (int)" },
        { "Task.Path.upper()", "path has no method upper()" },
        { "Task.Text.stem", "string has no property 'stem'" },
        { "Task.Int if Task.Int else 1", "a condition is a bool, not int" },
        { "[x for x in Task.Text]", "a loop goes through a list or range_expr, not string" },
        { "[x for x in Task.Numbers if x]", "a loop's condition is a bool, not int" },
        { "[Task.Int, 'a']", "not int and string" },
        { "not Task.Int", "'not' cannot be used with int" },
        { "fail('a') if Task.Flag else fail('b')", "a; and if the condition is false: b" },
        { "Task.Int[0]", "int has no elements" },
    });
}

TEST(Grammar, mapping_waits_for_the_host)
{
    auto where = context();
    where.host = Host::to_come;
    EXPECT_EQ(evaluated("apply_path_mapping('/mnt/a').name", where), "unresolved[string]");
    where.host = Host::none;
    EXPECT_NE(evaluated("apply_path_mapping('/mnt/a')", where).find("only on the host"),
        std::string::npos);
}

TEST(Type, is_a_set_that_is_written_in_order)
{
    auto const same = [](std::string_view text) { return to_string(*Type::parse(text)); };
    EXPECT_EQ(same("string | int | string"), "int | string");
    EXPECT_EQ(same("nulltype | bool | int"), "bool | int | nulltype");
    EXPECT_EQ(same("int?"), "int?");
    EXPECT_EQ(same("list[list[ int ]]"), "list[list[int]]");
    EXPECT_EQ(same("list[int | float]"), "list[float] | list[int]");
    EXPECT_EQ(same("any | int"), "any");
    EXPECT_EQ(same("int | noreturn"), "int");
    for (auto const text :
        { "", "integer", "list[]", "list[list[list[int]]]", "int |", "list[int" })
        EXPECT_FALSE(Type::parse(text).has_value()) << text;
}

TEST(Type, mixed_elements_find_a_common_one)
{
    auto const common = [](std::string_view a, std::string_view b) {
        return to_string(common_type(*Type::parse(a), *Type::parse(b)));
    };
    EXPECT_EQ(common("int", "float"), "float");
    EXPECT_EQ(common("string", "path"), "string");
    EXPECT_EQ(common("list[int]", "list[float]"), "list[float]");
    EXPECT_EQ(common("list[nulltype]", "list[path]"), "list[path]");
    EXPECT_EQ(common("int | string", "int"), "int");
    EXPECT_EQ(common("int", "string"), "noreturn");
    EXPECT_EQ(common("bool", "int"), "noreturn");
    EXPECT_EQ(common("int", "list[int]"), "noreturn");
}

}
