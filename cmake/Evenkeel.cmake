# Two INTERFACE targets that only our own code links: warnings, and the chosen sanitizers.
add_library(evenkeel_warnings INTERFACE)
target_compile_options(evenkeel_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wcast-align -Woverloaded-virtual
  -Wconversion -Wno-sign-conversion -Wnull-dereference -Wformat=2
  $<$<BOOL:${EVENKEEL_WERROR}>:-Werror>
  # GCC 12 reports these inside its own libstdc++ (std::string, std::optional) when it optimises,
  # and the last one of coroutine frames, which Asio allocates and frees in a pair of its own.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
    -Wno-mismatched-new-delete>)

add_library(evenkeel_options INTERFACE)
target_include_directories(evenkeel_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
if(EVENKEEL_SANITIZE)
  target_compile_options(evenkeel_options INTERFACE
    -fsanitize=${EVENKEEL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(evenkeel_options INTERFACE -fsanitize=${EVENKEEL_SANITIZE})
endif()
target_compile_definitions(evenkeel_options INTERFACE $<$<CONFIG:Release>:NDEBUG>)

# evenkeel_library(name SOURCES a.cpp … [LINK lib …] [ASIO]): one static library of ours, warnings on.
# ASIO compiles it with the precompiled header of the heavy asynchronous headers.
function(evenkeel_library name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC evenkeel_options ${arg_LINK} PRIVATE evenkeel_warnings)
  if(arg_ASIO)
    target_link_libraries(${name} PUBLIC evenkeel_asio)
    target_precompile_headers(${name} REUSE_FROM evenkeel_pch)
  endif()
endfunction()

# evenkeel_test(name SOURCES a_test.cpp … [LINK lib …] [ASIO]): one GoogleTest program, its cases known to ctest.
# GoogleTest is heavy too, so all test programs share one of two precompiled headers.
function(evenkeel_test name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE evenkeel_options evenkeel_warnings ${arg_LINK} GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE EVENKEEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(arg_ASIO)
    target_link_libraries(${name} PRIVATE evenkeel_asio)
    target_precompile_headers(${name} REUSE_FROM evenkeel_asio_test_pch)
  else()
    target_precompile_headers(${name} REUSE_FROM evenkeel_test_pch)
  endif()
  gtest_discover_tests(${name} PROPERTIES TIMEOUT 120 DISCOVERY_TIMEOUT 60)
endfunction()
