# The shipped catalogue becomes part of the program: each file of catalog/ is a text constant of the
# layer plan. CMake runs again when one of them changes.
set(catalog_source "#include <plan/shipped.h>\n\nnamespace sidereal::plan::shipped {\n\n")
foreach(name hardware engines models claims calibration)
  set(file ${PROJECT_SOURCE_DIR}/catalog/${name}.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} content)
  string(APPEND catalog_source
    "std::string_view const ${name} = R\"catalog(${content})catalog\";\n")
endforeach()
string(APPEND catalog_source "\n}\n")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/catalog.cpp CONTENT "@catalog_source@" @ONLY)
target_sources(plan PRIVATE ${PROJECT_BINARY_DIR}/catalog.cpp)
