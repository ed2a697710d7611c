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

# For the layer's tests and its benchmark: measured results that the profiles were not fitted to,
# and what published models are made of.
set(published_source "#include <plan/published_points.h>\n\nnamespace sidereal::plan {\n\n")
foreach(name published configs)
  set(file ${PROJECT_SOURCE_DIR}/tests/planner/${name}.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} content)
  string(REPLACE "published" "published_points" constant ${name})
  string(REPLACE "configs" "published_configs" constant ${constant})
  string(APPEND published_source
    "std::string_view const ${constant} = R\"points(${content})points\";\n")
endforeach()
string(APPEND published_source "\n}\n")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/published_points.cpp CONTENT "@published_source@" @ONLY)
add_library(published_points STATIC ${PROJECT_BINARY_DIR}/published_points.cpp)
target_link_libraries(published_points PRIVATE plan)
target_link_libraries(plan_test PRIVATE published_points)

# And what renderers print when they fail, of the layer farm.
set(file ${PROJECT_SOURCE_DIR}/catalog/log_rules.yaml)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
file(READ ${file} content)
set(log_rules_source "#include <farm/shipped.h>\n\nnamespace sidereal::farm::shipped {\n\n")
string(APPEND log_rules_source
  "std::string_view const log_rules = R\"catalog(${content})catalog\";\n\n}\n")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/log_rules.cpp CONTENT "@log_rules_source@" @ONLY)
target_sources(farm PRIVATE ${PROJECT_BINARY_DIR}/log_rules.cpp)
