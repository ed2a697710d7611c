# The names of Unicode's characters, made by tools/unicode_tables.py: rows of 64 bits, little end
# first, become a table of the layer openjd.
set(names ${PROJECT_SOURCE_DIR}/src/openjd/expr/unicode_names.bin)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${names})
file(READ ${names} content HEX)
string(REGEX REPLACE "(..)(..)(..)(..)(..)(..)(..)(..)" "0x\\8\\7\\6\\5\\4\\3\\2\\1,\n" rows
  "${content}")
set(names_source "#include <openjd/expr/unicode_names.h>\n\nnamespace sidereal::openjd::expr {\n\n")
string(APPEND names_source "namespace {\n\nconstexpr std::uint64_t rows[] = {\n${rows}};\n\n}\n\n"
  "std::span<std::uint64_t const> const detail::name_rows { rows };\n\n}\n")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/unicode_names.cpp CONTENT "@names_source@" @ONLY)
target_sources(openjd PRIVATE ${PROJECT_BINARY_DIR}/unicode_names.cpp)
