# sidereal_fuzz(name LIBRARIES targets... [SOURCES files...])
# tests/fuzz/NAME.cpp as the libFuzzer program fuzz_NAME.
function(sidereal_fuzz name)
  cmake_parse_arguments(arg "" "" "LIBRARIES;SOURCES" ${ARGN})
  add_executable(fuzz_${name} EXCLUDE_FROM_ALL tests/fuzz/${name}.cpp tests/fuzz/fuzz.cpp
    ${arg_SOURCES})
  target_include_directories(fuzz_${name} PRIVATE src tests)
  target_link_libraries(fuzz_${name} PRIVATE ${arg_LIBRARIES})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()

sidereal_fuzz(bundle LIBRARIES openjd)
sidereal_fuzz(combination LIBRARIES openjd)
sidereal_fuzz(directive LIBRARIES openjd)
sidereal_fuzz(expr LIBRARIES openjd)
sidereal_fuzz(format_string LIBRARIES openjd)
# Not the layer io: its loop and its processes are not needed for this.
sidereal_fuzz(http LIBRARIES base
  SOURCES src/io/asio.cpp src/io/http.cpp src/io/http_parser.cpp src/io/http_target.cpp)
sidereal_fuzz(int_range LIBRARIES openjd)
sidereal_fuzz(json LIBRARIES openjd)
sidereal_fuzz(sync LIBRARIES wire)
sidereal_fuzz(sync_values LIBRARIES wire)
sidereal_fuzz(template LIBRARIES openjd)
sidereal_fuzz(yaml LIBRARIES openjd)
sidereal_fuzz(gguf LIBRARIES plan)
sidereal_fuzz(model_config LIBRARIES plan)
sidereal_fuzz(safetensors LIBRARIES plan)
