#include <openjd/expr/test_expression.h>

namespace sidereal::openjd::expr::test {

TEST(Functions, convert_without_loss_or_refuse)
{
    expect_rows({
        { "len('h\xC3\xA9llo') + len([1, 2]) + len(Param.Frames)", "int 12" },
        { "len(Param.File)", "int 26" },
        { "bool('Yes') and bool('oN') and bool(1) and bool(0.5)", "bool true" },
        { "bool('0') or bool('FALSE') or bool(0.0) or bool(null)", "bool false" },
        { "string(3.140) + string(true) + string(null)", "string 3.140truenull" },
        { "string(['a\"', '\xC3\xA9'])", "string [\"a\\\"\", \"\xC3\xA9\"]" },
        { "string([[1], []])", "string [[1], []]" },
        { "int(' +12 ')", "int 12" },
        { "int('\xD9\xA3')", "int 3" },
        { "int(3.0)", "int 3" },
        { "int(-9223372036854775808.0)", "int -9223372036854775808" },
        { "float('1e3')", "float 1000.0" },
        { "float(3)", "float 3.0" },
        { "list(Param.Frames)", "list[int] [1, 2, 3, 4, 5]" },
        { "range_expr('10-1:-3')", "range_expr 1-10:3" },
        { "range_expr('1,2,3,5,9-11')", "range_expr 1-3,5,9-11" },
        { "range_expr([9, 7, 1, 2, 3, 5, 5])", "range_expr 1-3,5-9:2" },
        { "upper(Param.Frames) + upper(Param.File)[:3]", "string 1-5/SH" },
        { "sorted(Param.Frames)", "list[int] [1, 2, 3, 4, 5]" },
    });
    expect_faults({
        { "int(3.5)", "3.5 is no whole number" },
        { "int('3.0')", "'3.0' is no whole number" },
        { "int('1_0')", "'1_0' is no whole number" },
        { "int('')", "'' is no whole number" },
        { "int(true)", "int() does not take (bool)" },
        { "int(1e19)", "beyond 64 bits" },
        { "float('inf')", "'inf' is no finite number" },
        { "float('nan')", "no finite number" },
        { "float('1e400')", "no finite number" },
        { "bool('maybe')", "'maybe' is no bool" },
        { "bool(Param.File)", "path is neither true nor false" },
        { "bool([1])", "list[int] is neither true nor false" },
        { "list([1])", "list() does not take (list[int])" },
        { "range_expr('')", "range" },
        { "range_expr([])", "at least one value" },
        { "range_expr('5-1')", "needs a negative step" },
        { "fail('no ' + Param.Name)", "no hello" },
        { "fail(1)", "fail() does not take (int)" },
        { "len(5)", "len() does not take (int); it takes (string) or (path)" },
        { "len()", "len() does not take 0 arguments" },
        { "min(1, 2, 3, 4)", "min() does not take 4 arguments" },
        { "Param.Frames.sorted()", "range_expr has no method sorted()" },
    });
}

TEST(Functions, round_ties_to_even_on_the_number_itself)
{
    expect_rows({
        { "round(0.5) + round(1.5) + round(2.5)", "int 4" },
        { "round(-2.5)", "int -2" },
        { "round(2.675, 2)", "float 2.67" },
        { "round(0.125, 2)", "float 0.12" },
        { "round(3.5, 2)", "float 3.50" },
        { "round(-0.04, 1)", "float 0.0" },
        { "round(1234.5, -1)", "int 1230" },
        { "round(1235.0, -1)", "int 1240" },
        { "round(1225.0, -1)", "int 1220" },
        { "round(1225.5, -1)", "int 1230" },
        { "round(-1225.5, -1)", "int -1230" },
        { "round(0.5, 0)", "int 0" },
        { "round(25, -1)", "int 20" },
        { "round(-35, -1)", "int -40" },
        { "round(1234, 2)", "int 1234" },
        { "round(5, -30)", "int 0" },
        { "floor(-0.5)", "int -1" },
        { "ceil(-0.5)", "int 0" },
        { "floor(7) + ceil(7)", "int 14" },
    });
    expect_faults({
        { "round(1e300)", "beyond 64 bits" },
        { "round(9223372036854775807, -1)", "beyond 64 bits" },
        { "round(1.5, 2000)", "1000 decimals at most" },
        { "round('1')", "round() does not take (string)" },
    });
}

TEST(Functions, of_numbers_and_lists)
{
    expect_rows({
        { "abs(-3) + abs(3)", "int 6" },
        { "abs(-3.5)", "float 3.5" },
        { "min(3, 1, 2)", "int 1" },
        { "max(1, 2.5)", "float 2.5" },
        { "min([2.50, 3])", "float 2.50" },
        { "max(Param.Frames) - min(Param.Frames)", "int 4" },
        { "sum([]) + sum([1, 2]) + sum(Param.Frames)", "int 18" },
        { "sum([1, 0.5])", "float 1.5" },
        { "sum(range_expr('1-1000000000'))", "int 500000000500000000" },
        { "range(3) + range(2, 4) + range(5, 0, -2)", "list[int] [0, 1, 2, 2, 3, 5, 3, 1]" },
        { "range(-9223372036854775808, 9223372036854775807, 9223372036854775807)",
            "list[int] [-9223372036854775808, -1, 9223372036854775806]" },
        { "flatten([[1], [2.5], []])", "list[float] [1.0, 2.5]" },
        { "flatten([1, 2])", "list[int] [1, 2]" },
        { "flatten([])", "list[nulltype] []" },
        { "sorted([[2], [1, 5], [1]])", "list[list[int]] [[1], [1, 5], [2]]" },
        { "sorted(['b', 'B', 'a'])", "list[string] [\"B\", \"a\", \"b\"]" },
        { "sorted([true, false])", "list[bool] [false, true]" },
        { "reversed(['a', 'b'])", "list[string] [\"b\", \"a\"]" },
        { "unique([3, 1, 3, 2, 1])", "list[int] [3, 1, 2]" },
        { "unique([[1], [2], [1]])", "list[list[int]] [[1], [2]]" },
        { "unique([Param.Frames, Param.Frames])", "list[range_expr] [\"1-5\"]" },
        { "any([]) or not all([])", "bool false" },
        { "any([false, true]) and not all([false, true])", "bool true" },
    });
    expect_faults({
        { "min([])", "an empty list has no least value" },
        { "max('a', 'b')", "max() does not take (string, string)" },
        { "sum(['a'])", "sum() does not take (list[string])" },
        { "sum([9223372036854775807, 1])", "beyond 64 bits" },
        { "sum([1e308, 1e308])", "too large for a float" },
        { "range(1, 2, 0)", "cannot be 0" },
        { "range(1.0)", "range() does not take (float)" },
        { "any([1])", "any() does not take (list[int])" },
    });
}

TEST(Functions, of_text)
{
    expect_rows({
        { "'stra\xC3\x9F"
          "e'.upper()",
            "string STRASSE" },
        { "'\xCE\x91\xCE\xA3 \xCE\xA3'.lower()", "string \xCE\xB1\xCF\x82 \xCF\x83" },
        { "'1st of they\\'re'.title()", "string 1St Of They'Re" },
        { "'\xC7\x86x'.capitalize()", "string \xC7\x85x" },
        { "'  a b '.strip() + '|' + ' a '.lstrip() + '|' + ' a '.rstrip()", "string a b|a | a" },
        { "'xyaxy'.strip('yx') + 'xa'.lstrip('x') + 'ax'.rstrip('x')", "string aaa" },
        { "'aa'.strip('')", "string aa" },
        { "'abc'.removeprefix('ab') + 'abc'.removesuffix('bc') + 'a'.removeprefix('b')",
            "string caa" },
        { "'abc'.startswith('') and 'abc'.endswith('bc')", "bool true" },
        { "'12'.isdigit() and '\xC2\xB2'.isdigit() and '\xC2\xBD'.isalnum()", "bool true" },
        { "''.isdigit() or ''.isalpha() or ''.isspace() or not ''.isascii()", "bool false" },
        { "'A1'.isupper() and 'a1'.islower() and not '1'.isupper()", "bool true" },
        { "'a b'.isalpha() or '\xC3\xA9'.isascii()", "bool false" },
        { "'aaaa'.count('aa')", "int 2" },
        { "'\xC3\xA9xax'.find('x') + '\xC3\xA9xax'.rfind('x') + 'a'.find('b')", "int 3" },
        { "'abc'.index('c') + 'abca'.rindex('a')", "int 5" },
        { "'abcb'.replace('b', '')", "string ac" },
        { "' a  b '.split()", "list[string] [\"a\", \"b\"]" },
        { "'a,b,c'.split(',', 1)", "list[string] [\"a\", \"b,c\"]" },
        { "'a,b,c'.rsplit(',', 1)", "list[string] [\"a,b\", \"c\"]" },
        { "''.split(',') + ''.split()", "list[string] [\"\"]" },
        { "'a,b'.split(',', 0) + 'a,b'.split(',', -1)", "list[string] [\"a,b\", \"a\", \"b\"]" },
        { "['a', 'b'].join('-') + join([], '-') + join([path('c')], '')", "string a-bc" },
        { "'a'.ljust(3) + '|' + 'a'.rjust(3) + '|' + 'ab'.center(5) + '|' + 'a'.center(4)",
            "string a  |  a|  ab | a  " },
        { "zfill(-1, 3) + '+1'.zfill(4) + (42).zfill(5) + zfill(3.140, 6)",
            "string -01+0010004203.140" },
    });
    expect_faults({
        { "'a'.split('')", "the separator is empty" },
        { "'a'.count('')", "is empty" },
        { "'a'.find('')", "is empty" },
        { "'a'.replace('', 'b')", "is empty" },
        { "'abc'.index('z')", "'z' is not in 'abc'" },
        { "'abc'.rindex('z')", "'z' is not in 'abc'" },
        { "','.join(['a'])", "join() does not take (string, list[string])" },
        { "join([1], ',')", "join() does not take (list[int], string)" },
    });
}

TEST(Functions, patterns_match_in_the_common_dialect)
{
    expect_rows({
        { "re_search('asset_v042_final', r'_v(\\d+)')", "list[string] [\"_v042\", \"042\"]" },
        { "re_match('v042', r'v(\\d+)')[1]", "string 042" },
        { "re_match('xv042', r'v(\\d+)')", "nulltype null" },
        { "re_search('a', '(a)|(b)')", "list[string] [\"a\", \"a\", \"\"]" },
        { "re_findall('a1b2', r'[a-z]\\d')", "list[string] [\"a1\", \"b2\"]" },
        { "re_findall('a1b2', r'([a-z])\\d')", "list[string] [\"a\", \"b\"]" },
        { "re_findall('a1b2', r'([a-z])(\\d)')",
            "list[list[string]] [[\"a\", \"1\"], [\"b\", \"2\"]]" },
        { "re_findall('abxd', 'x*')", "list[string] [\"\", \"\", \"x\", \"\"]" },
        { "re_sub('a1b22', r'\\d+', 'N')", "string aNbN" },
        { "re_sub('abxd', 'x*', '-')", "string -a-b-d-" },
        { "re_sub('x', 'x', r'a\\b$')", "string a\\b$" },
        { "re_split('a1b2c', r'(\\d)')", "list[string] [\"a\", \"b\", \"c\"]" },
        { "re_split('a1b2c', r'\\d', 1)", "list[string] [\"a\", \"b2c\"]" },
        { "re_escape('file[1].txt')", "string file\\[1\\]\\.txt" },
        { "re_search(re_escape('a+(b)'), re_escape(re_escape('a+(b)'))) != null", "bool true" },
        { "re_search('\xD9\xA3\xC3\xA9\xC2\xA0', r'^\\d\\w\\s$') != null", "bool true" },
        { "re_search('\xC3\xA9!', r'[^\\W]+')[0]", "string \xC3\xA9" },
        { "re_search('a b', r'[\\S]+')[0]", "string a" },
        { "re_search('A', '(?i)a')[0] + re_search('B', '(?i:b)')[0]", "string AB" },
        { "re_search('a]', '[]]')[0] + re_search('}', '}')[0]", "string ]}" },
        { "re_search('A', r'\\x41')[0] + re_search('A', r'\\u0041')[0]", "string AA" },
        { "re_search('a\\nb', 'a$')", "nulltype null" },
        { "[re_search(x, '(?P<n>b)') != null for x in ['a', 'b']]", "list[bool] [false, true]" },
    });
    expect_faults({
        { "re_search('a', '')", "the pattern is empty" },
        { "re_search('a', '(')", "missing )" },
        { "re_search('a', 'a(?=b)')", "looking ahead is not supported at character 2" },
        { "re_search('a', 'a(?!b)')", "looking ahead" },
        { "re_search('a', '(?<=a)b')", "looking behind" },
        { "re_search('a', '(?<!a)b')", "looking behind" },
        { "re_search('a', r'(a)\\1')", "references to groups" },
        { "re_search('a', '(?P<n>a)(?P=n)')", "references to groups" },
        { "re_search('a', '(a)?(?(1)b|c)')", "conditions are not supported" },
        { "re_search('a', r'a\\Z')", "$ is the end" },
        { "re_search('a', r'a\\z')", "$ is the end" },
        { "re_search('a', r'\\x{41}')", "two hexadecimal digits" },
        { "re_search('a', r'\\pL')", "\\p is not supported" },
        { "re_search('a', '[[:alpha:]]')", "within brackets" },
        { "re_search('a', '[a&&b]')", "cannot be combined" },
        { "re_search('a', r'[a-\\d]')", "end of a range" },
        { "re_search('a', r'\\Qa\\E')", "not known" },
        { "re_search('a', 'b(?i)a')", "flags stand at the beginning" },
        { "re_search('a', '(?U)a')", "only the flags" },
        { "re_search('a', 'a{,2}')", "'{' begins no" },
        { "re_search('a', 'a**')", "bad repetition" },
        { "re_sub('a', 'a', '$1')", "refers to a group" },
        { "re_sub('a', 'a', r'\\g<1>')", "refers to a group" },
        { "re_search('a', 'b' * 5000)", "more than 4096 bytes" },
        { "re_search('a', '((a{100}){100}){100}')", "pattern" },
    });
}

TEST(Functions, values_are_written_for_other_languages)
{
    expect_rows({
        { "repr_sh(\"it's\")", "string 'it'\"'\"'s'" },
        { "repr_sh(['echo', 'a b', ''])", "string echo 'a b' ''" },
        { "repr_sh(Param.File) + repr_sh('a%@+=:,._-')",
            "string /shots/s01/render_0001.exra%@+=:,._-" },
        { "repr_sh([])", "string " },
        { "repr_cmd('a & b')", "string \"a & b\"" },
        { "repr_cmd('50% ^ \"!')", "string \"50%% ^^ ^\"^^!\"" },
        { "repr_cmd('a\\r\\nb') + repr_cmd('a\\n b') + repr_cmd('\\n')", "string ab\"a b\"\"\"" },
        { "repr_pwsh(\"it's\")", "string 'it''s'" },
        { "repr_pwsh([[1]]) + repr_pwsh([true]) + repr_pwsh(null)",
            "string @(,@(1))@($true)$null" },
        { "repr_py('a\\n\\'\\x00\\u200b')", "string \"a\\n'\\x00\\u200b\"" },
        { "repr_py('\\'\"')", "string '\\'\"'" },
        { "repr_py([null == 1, true])", "string [False, True]" },
        { "repr_py([1.50, 2]) + repr_py(null)", "string [1.50, 2.0]None" },
        { "repr_json(['\xC3\xA9\"', '\xF0\x9F\x98\x80'])",
            "string [\"\\u00e9\\\"\", \"\\ud83d\\ude00\"]" },
        { "repr_json(Param.Frames) + repr_json(null) + repr_json(true)", "string \"1-5\"nulltrue" },
    });
    expect_faults({
        { "repr_sh(5)", "repr_sh() does not take (int)" },
        { "repr_sh([[]])", "repr_sh() does not take (list[list[nulltype]])" },
        { "repr_cmd(true)", "repr_cmd() does not take (bool)" },
    });
}

}
