# sidereal_layer(name [FOLDER dir] DEPENDS layers... LIBRARIES targets...)
# One static library a layer from its folder's sources, one test program from its *_test.cpp, one
# program that links the whole layer alone (an upward call fails there), and every header compiled
# by itself.
function(sidereal_layer name)
  cmake_parse_arguments(arg "" "FOLDER" "DEPENDS;LIBRARIES" ${ARGN})
  if(NOT arg_FOLDER)
    set(arg_FOLDER src/${name})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_FOLDER}/*.cpp)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${arg_FOLDER}/*.h)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  if(NOT sources)
    return()
  endif()

  cmake_path(GET arg_FOLDER PARENT_PATH root)
  set(root ${PROJECT_SOURCE_DIR}/${root})
  add_library(${name} STATIC ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${root} FILES ${headers})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()

  file(WRITE ${PROJECT_BINARY_DIR}/link/${name}.cpp.in "int main() { return 0; }\n")
  configure_file(${PROJECT_BINARY_DIR}/link/${name}.cpp.in ${PROJECT_BINARY_DIR}/link/${name}.cpp
    COPYONLY)
  add_executable(link_${name} ${PROJECT_BINARY_DIR}/link/${name}.cpp)
  target_link_libraries(link_${name} PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${name}>")
endfunction()

# sidereal_program(name MAIN file LAYER layer)
function(sidereal_program name)
  cmake_parse_arguments(arg "" "MAIN;LAYER" "" ${ARGN})
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${arg_MAIN})
    return()
  endif()
  add_executable(${name} ${arg_MAIN})
  target_link_libraries(${name} PRIVATE ${arg_LAYER})
endfunction()
