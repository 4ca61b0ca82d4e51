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
  target_compile_definitions(evenkeel_options INTERFACE EVENKEEL_SANITIZED)
  target_compile_options(evenkeel_options INTERFACE
    -fsanitize=${EVENKEEL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(NOT EVENKEEL_FUZZ)
    # To optimise what is instrumented is more than half the work of compiling it: only what computes (HOT) is worth it.
    target_compile_options(evenkeel_options INTERFACE $<$<NOT:$<BOOL:$<TARGET_PROPERTY:EVENKEEL_HOT>>>:-O0>)
  endif()
  if(EVENKEEL_SANITIZE MATCHES "address,undefined")
    # AddressSanitizer sees both of these itself, and they are a fifth of what there is to compile.
    target_compile_options(evenkeel_options INTERFACE -fno-sanitize=null,object-size)
  endif()
  target_link_options(evenkeel_options INTERFACE -fsanitize=${EVENKEEL_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(evenkeel_options INTERFACE NDEBUG)
  # The same bytes wherever it is built; hardened as Debian's packages are.
  target_compile_options(evenkeel_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${CMAKE_BINARY_DIR}/=
    -ffunction-sections -fdata-sections -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  target_compile_definitions(evenkeel_options INTERFACE _GLIBCXX_ASSERTIONS)
  include(CheckCXXCompilerFlag)
  foreach(flag -fstack-clash-protection -fcf-protection)  # the latter is x86's alone
    string(MAKE_C_IDENTIFIER "EVENKEEL_HAS${flag}" has)
    check_cxx_compiler_flag(${flag} ${has})
    if(${has})
      target_compile_options(evenkeel_options INTERFACE ${flag})
    endif()
  endforeach()
endif()

# evenkeel_library(name SOURCES a.cpp … [LINK lib …] [ASIO] [HOT]): one static library of ours, warnings on.
# ASIO compiles it with the precompiled header of the heavy asynchronous headers; HOT optimises it under the sanitizers, too.
function(evenkeel_library name)
  cmake_parse_arguments(arg "ASIO;HOT" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC evenkeel_options ${arg_LINK} PRIVATE evenkeel_warnings)
  set_target_properties(${name} PROPERTIES EVENKEEL_HOT ${arg_HOT})
  if(arg_ASIO)
    target_link_libraries(${name} PUBLIC evenkeel_asio)
    set(header evenkeel_pch)
    if(arg_HOT AND TARGET evenkeel_hot_pch)
      set(header evenkeel_hot_pch)
    endif()
    target_precompile_headers(${name} REUSE_FROM ${header})
  endif()
endfunction()

# evenkeel_test(name SOURCES a_test.cpp … [LINK lib …] [ASIO] [ONE_THREAD filter]): one GoogleTest program, its cases known
# to ctest. ThreadSanitizer leaves out the tests of the filter: they take long on one thread.
# GoogleTest is heavy too, so all test programs share one of two precompiled headers, and EVENKEEL_TESTS_AT_ONCE files are
# compiled as one: what is in headers is most of the work. So each file has a namespace of its own, named as the file.
function(evenkeel_test name)
  cmake_parse_arguments(arg "ASIO" "ONE_THREAD" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE evenkeel_options evenkeel_warnings evenkeel_test_options ${arg_LINK}
                                        GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE EVENKEEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${EVENKEEL_TESTS_AT_ONCE})
  if(arg_ASIO)
    target_link_libraries(${name} PRIVATE evenkeel_asio)
    target_precompile_headers(${name} REUSE_FROM evenkeel_asio_test_pch)
  else()
    target_precompile_headers(${name} REUSE_FROM evenkeel_test_pch)
  endif()
  if(EVENKEEL_SANITIZE)
    set(filter)
    if(arg_ONE_THREAD AND EVENKEEL_SANITIZE STREQUAL "thread")
      set(filter "--gtest_filter=-${arg_ONE_THREAD}")
    endif()
    # A process a test takes longer to start than its test takes to run: a few processes share a program's tests.
    foreach(shard RANGE 1 4)
      math(EXPR index "${shard} - 1")
      add_test(NAME ${name}-${shard} COMMAND ${name} --gtest_brief=1 ${filter})
      set_tests_properties(${name}-${shard} PROPERTIES TIMEOUT 600
        ENVIRONMENT "GTEST_TOTAL_SHARDS=4;GTEST_SHARD_INDEX=${index}")
    endforeach()
  else()
    gtest_discover_tests(${name} PROPERTIES TIMEOUT 120 DISCOVERY_TIMEOUT 60)
  endif()
endfunction()

# evenkeel_embed(header.hpp name=file[+file …] …): what the files hold, one after the other, as constants
# `inline constexpr std::string_view` of namespace evenkeel::embedded, in generated/embedded/header.hpp. A change of a
# file configures anew.
function(evenkeel_embed header)
  set(text "#pragma once\n#include <string_view>\n\nnamespace evenkeel::embedded {\n")
  foreach(each IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)=(.+)$" _ "${each}")
    set(name ${CMAKE_MATCH_1})
    string(REPLACE "+" ";" files ${CMAKE_MATCH_2})
    set(content)
    foreach(file IN LISTS files)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      file(READ ${file} bytes HEX)  # as a list of bytes: whatever the file holds, no quoting can go wrong
      string(APPEND content ${bytes})
    endforeach()
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${content}")
    string(APPEND text
      "inline constexpr char ${name}_bytes[] = {${bytes}'\\0'};\n"
      "inline constexpr std::string_view ${name}{${name}_bytes, sizeof ${name}_bytes - 1};\n")
  endforeach()
  string(APPEND text "}  // namespace evenkeel::embedded\n")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/embedded/${header} CONTENT "${text}" @ONLY)
endfunction()
