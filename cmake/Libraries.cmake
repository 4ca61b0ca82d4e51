# How the libraries are linked that Debian has both as a shared library and as headers. A release is one file that needs
# nothing of a machine but libc, OpenSSL and libcrypt; elsewhere the shared ones compile faster.
foreach(library fmt toml)
  add_library(evenkeel_${library} INTERFACE)
endforeach()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_libraries(evenkeel_fmt INTERFACE fmt::fmt-header-only)
  target_compile_definitions(evenkeel_toml INTERFACE TOML_HEADER_ONLY=1)
else()
  target_link_libraries(evenkeel_fmt INTERFACE fmt::fmt)
  target_link_libraries(evenkeel_toml INTERFACE tomlplusplus::tomlplusplus)
endif()
