#include <openjd/expr/test_expression.h>

namespace sidereal::openjd::expr::test {

namespace {

void expect_windows_rows(std::vector<Row> const& rows)
{
    auto where = context();
    where.path_format = HostFormat::windows;
    for (auto const& row : rows)
        EXPECT_EQ(evaluated(row.expression, where), row.expected) << row.expression;
}

}

TEST(Paths, are_normal_from_the_start)
{
    expect_rows({
        { "path('./a//b/../c/')", "path a/b/../c" },
        { "path('')", "path ." },
        { "path('///a')", "path /a" },
        { "path('//a')", "path //a" },
        { "path(['a', '/b', 'c', ''])", "path /b/c" },
        { "path([])", "path ." },
        { "path('/a') / 'b' / path('c')", "path /a/b/c" },
        { "path('/a') / '/b'", "path /b" },
        { "path('/a') / ''", "path /a" },
        { "path('a') + '_x.png'", "path a_x.png" },
    });
}

TEST(Paths, have_parts)
{
    expect_rows({
        { "Param.File.name", "string render_0001.exr" },
        { "Param.File.stem + Param.File.suffix", "string render_0001.exr" },
        { "path('a.tar.gz').suffixes", "list[string] [\".tar\", \".gz\"]" },
        { "path('.hidden.x').suffixes + path('a.').suffixes", "list[string] [\".x\"]" },
        { "path('.hidden').suffix + path('a.').suffix + path('..').suffix", "string " },
        { "Param.File.parent.parent", "path /shots" },
        { "path('/').parent", "path /" },
        { "path('a').parent.parent", "path ." },
        { "Param.File.parts[:2]", "list[string] [\"/\", \"shots\"]" },
        { "path('.').parts + path('/').parts", "list[string] [\"/\"]" },
        { "path('.').name + path('/').name", "string " },
    });
}

TEST(Paths, change_their_last_part)
{
    expect_rows({
        { "Param.File.with_name('x')", "path /shots/s01/x" },
        { "Param.File.with_stem('x')", "path /shots/s01/x.exr" },
        { "Param.File.with_suffix('.tar.gz').with_suffix('')", "path /shots/s01/render_0001.tar" },
        { "path('a').with_suffix('.b')", "path a.b" },
        { "path('a/..').with_name('..')", "path a/.." },
    });
    expect_faults({
        { "path('/').with_name('x')", "'/' has no last part" },
        { "path('s3://b').with_suffix('.x')", "has no last part" },
        { "path('a').with_name('')", "'' is no name" },
        { "path('a').with_name('.')", "'.' is no name" },
        { "path('a').with_stem('b/c')", "'b/c' is no name" },
        { "path('a.b').with_stem('')", "an empty stem" },
        { "path('a').with_suffix('b')", "'b' is no suffix" },
        { "path('a').with_suffix('.')", "'.' is no suffix" },
        { "path('a').with_suffix('.b/c')", "'.b/c' is no suffix" },
    });
}

TEST(Paths, take_frame_numbers)
{
    expect_rows({
        { "path('f_003.exr').with_number(72)", "path f_072.exr" },
        { "path('f_%d.exr').with_number(72)", "path f_72.exr" },
        { "path('f_%04d.exr').with_number(72)", "path f_0072.exr" },
        { "path('d/f_####.exr').with_number(72)", "path d/f_0072.exr" },
        { "path('f.exr').with_number(72)", "path f_0072.exr" },
        { "path('f_003.exr').with_number(-1)", "path f_-01.exr" },
        { "path('f_%04d.exr').with_number(-1)", "path f_-001.exr" },
        { "path('f_###.exr').with_number(10000)", "path f_10000.exr" },
        { "path('render.0001.exr').with_number(5)", "path render.0005.exr" },
        { "'dir.5/f'.with_number(7)", "string dir.5/f_0007" },
        { "path('s3://b/f#.x').with_number(7)", "path s3://b/f7.x" },
        { "path('f%3d').with_number(7)", "path f%3d_0007" },
    });
    expect_faults({
        { "path('f%033d').with_number(7)", "padded to 32 digits at most" },
        { "'#################################'.with_number(7)", "padded to 32" },
        { "''.with_number(7)", "has no last part" },
    });
}

TEST(Paths, compare_by_whole_parts)
{
    expect_rows({
        { "path('/a/b').is_relative_to(path('/a'))", "bool true" },
        { "path('/ab').is_relative_to('/a')", "bool false" },
        { "path('a').is_relative_to(path('.'))", "bool true" },
        { "path('/a/b/c').relative_to(path('/a'))", "path b/c" },
        { "path('a').relative_to(path('a'))", "path ." },
        { "path('/a').is_absolute() and not path('a').is_absolute()", "bool true" },
        { "path('a/b').as_posix()", "string a/b" },
    });
    expect_faults({ { "path('/a').relative_to(path('/b'))", "'/a' is not below '/b'" } });
}

TEST(Paths, a_uri_keeps_what_is_behind_its_authority)
{
    expect_rows({
        { "path('s3://b/a//./c/')", "path s3://b/a//./c/" },
        { "path('s3://b/a//c').parts", "list[string] [\"s3://b\", \"a\", \"\", \"c\"]" },
        { "path('s3://b/d/f.obj').name", "string f.obj" },
        { "path('s3://b/d/f.obj').parent.parent.parent", "path s3://b" },
        { "path('s3://b/dir/') / 'f'", "path s3://b/dir/f" },
        { "path('s3://b') / 'x//y'", "path s3://b/x//y" },
        { "path('s3://b/a') / '/x'", "path /x" },
        { "path('/a') / 's3://b/c'", "path s3://b/c" },
        { "path(['s3://b', 'a', '', 'c'])", "path s3://b/a//c" },
        { "path('s3://b/x/y').relative_to(path('s3://b/x'))", "path y" },
        { "path('s3://b/xy').is_relative_to(path('s3://b/x'))", "bool false" },
        { "path('s3://b/a.tar.gz').with_suffix('.zip')", "path s3://b/a.tar.zip" },
        { "path('a+b.c-1://h').is_absolute()", "bool true" },
        { "path('1s://h')", "path 1s:/h" },
    });
}

TEST(Paths, of_windows_have_drives_and_both_slashes)
{
    expect_windows_rows({
        { "path('C:/a//b/')", R"(path C:\a\b)" },
        { "path('//srv/share/x').parts", R"(list[string] ["\\\\srv\\share\\", "x"])" },
        { "path('//srv/share')", R"(path \\srv\share\)" },
        { "path('C:/a').parent.parent", R"(path C:\)" },
        { "path('C:/a') / 'D:/b'", R"(path D:\b)" },
        { "path('C:/a') / '/b'", R"(path C:\b)" },
        { "path('a') / '/b'", R"(path \b)" },
        { "path('C:/a/b').relative_to(path('c:/A'))", "path b" },
        { "path('C:/a/b').as_posix()", "string C:/a/b" },
        { "path('C:/a').is_absolute()", "bool true" },
        { R"(path(r'\a').is_absolute() or path('C:a').is_absolute())", "bool false" },
        { "path('foo').with_name('x:y')", R"(path .\x:y)" },
        { R"(path('s3://b/a') / r'x\y')", "path s3://b/a/x/y" },
        { "path('s3://b/a') / '/x'", "path s3://b/x" },
        { "path('C://a')", R"(path C:\a)" },
        { R"('a.b\c'.with_number(1))", R"(string a.b\c_0001)" },
    });
}

TEST(Paths, mapping_moves_whole_parts_of_their_format)
{
    auto where = context();
    PathRules const rules {
        { PathFormat::windows, R"(C:\proj)", "/mnt/proj" },
        { PathFormat::uri, "s3://b/x", "/s3" },
        { PathFormat::posix, "/a/b", "/long" },
        { PathFormat::posix, "/a", "/short/" },
        { PathFormat::posix, "/up", "s3://b/up" },
    };
    where.path_rules = &rules;
    std::vector<Row> const rows {
        { R"(apply_path_mapping(r'c:/PROJ\d/e.x'))", "path /mnt/proj/d/e.x" },
        { R"(apply_path_mapping(r'C:\projx'))", R"(path C:\projx)" },
        { "apply_path_mapping('s3://b/x/y//z')", "path /s3/y//z" },
        { "apply_path_mapping('s3://b/xy')", "path s3://b/xy" },
        { "apply_path_mapping('/a/b/c')", "path /long/c" },
        { "apply_path_mapping('/a/./c//d/')", "path /short/c/d/" },
        { "apply_path_mapping('/a')", "path /short" },
        { "apply_path_mapping('/ab')", "path /ab" },
        { "apply_path_mapping('a')", "path a" },
        { "apply_path_mapping('/up/c')", "path s3://b/up/c" },
        { "'/a/c'.apply_path_mapping().name", "string c" },
    };
    for (auto const& row : rows)
        EXPECT_EQ(evaluated(row.expression, where), row.expected) << row.expression;
}

}
