set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "build type" FORCE)
endif()

option(SIDEREAL_WERROR "treat warnings as errors" OFF)
set(SIDEREAL_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
option(SIDEREAL_FUZZ "build the fuzz targets (Clang only)" OFF)

find_program(ccache_program ccache)
if(ccache_program)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_program})
endif()
find_program(mold_program mold)
if(mold_program)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough -Woverloaded-virtual
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # TRY is a statement expression, marked __extension__ where it stands.
  add_compile_options(-Wthread-safety -Wno-gnu-statement-expression)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns of members of a variant's other alternatives; Clang and the sanitizers stand in.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13
    AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # GCC bug 105651: at -O3 GCC 12 takes the parts of a std::string concatenation for overlapping.
  add_compile_options(-Wno-restrict)
endif()
if(SIDEREAL_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(SIDEREAL_SANITIZE)
  add_compile_options(-fsanitize=${SIDEREAL_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SIDEREAL_SANITIZE})
endif()
