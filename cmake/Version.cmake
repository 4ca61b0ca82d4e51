# Writes generated/evenkeel_version.hpp. The revision is that of the last configure run: following every commit would
# rebuild half the house for a label. Packagers who build without git pass -DEVENKEEL_REVISION=….
set(EVENKEEL_REVISION "" CACHE STRING "Revision of the source; empty: ask git")

set(EVENKEEL_REVISION_FOUND "${EVENKEEL_REVISION}")
if(NOT EVENKEEL_REVISION_FOUND)
  find_package(Git QUIET)
  if(GIT_FOUND)
    execute_process(
      COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      OUTPUT_VARIABLE EVENKEEL_REVISION_FOUND OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
if(NOT EVENKEEL_REVISION_FOUND)
  set(EVENKEEL_REVISION_FOUND "unknown")
endif()

configure_file(${CMAKE_CURRENT_LIST_DIR}/evenkeel_version.hpp.in
               ${CMAKE_BINARY_DIR}/generated/evenkeel_version.hpp @ONLY)
