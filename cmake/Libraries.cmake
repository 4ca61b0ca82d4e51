# How the libraries are linked that Debian has as shared ones. A release is one file that needs nothing of a machine but
# libc, OpenSSL, zlib and libcrypt; elsewhere the shared ones compile faster.
set(EVENKEEL_LIBRARY_SOURCES "" CACHE PATH "What scripts/library-sources prints: a release compiles cpp-httplib and prometheus-cpp itself")

foreach(library fmt toml httplib prometheus sqlite time_zones utf8proc)
  add_library(evenkeel_${library} INTERFACE)
endforeach()

# Debian has the headers, which are the whole library.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_libraries(evenkeel_fmt INTERFACE fmt::fmt-header-only)
  target_compile_definitions(evenkeel_toml INTERFACE TOML_HEADER_ONLY=1)
else()
  target_link_libraries(evenkeel_fmt INTERFACE fmt::fmt)
  target_link_libraries(evenkeel_toml INTERFACE tomlplusplus::tomlplusplus)
endif()

# Abseil's time zones: date's (libhowardhinnant-date-dev) do not read the rule at the end of a zone's file, so that where the
# system's files are of the short kind ("slim") a summer time that began decades ago would never end.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Debian has them as static libraries, too, which are no targets of CMake's. In the order in which one needs the next.
  foreach(part time civil_time time_zone strings strings_internal int128 throw_delegate base spinlock_wait raw_logging_internal log_severity)
    find_library(EVENKEEL_ABSL_${part} libabsl_${part}.a REQUIRED)
    target_link_libraries(evenkeel_time_zones INTERFACE ${EVENKEEL_ABSL_${part}})
  endforeach()
else()
  find_package(absl REQUIRED)
  target_link_libraries(evenkeel_time_zones INTERFACE absl::time)
endif()

find_package(PkgConfig REQUIRED)
find_package(ZLIB REQUIRED)  # shared in a release, too: whoever mends it mends it for all

# Debian has the headers of a shared library, and no static one.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND EVENKEEL_LIBRARY_SOURCES)
  # Without zlib and Brotli: nothing that is asked for is compressed.
  target_include_directories(evenkeel_httplib SYSTEM INTERFACE ${EVENKEEL_LIBRARY_SOURCES}/cpp-httplib)
  target_compile_definitions(evenkeel_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
  target_link_libraries(evenkeel_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

  set(core ${EVENKEEL_LIBRARY_SOURCES}/prometheus-cpp/core)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${core}/src/*.cc)
  add_library(evenkeel_prometheus_core STATIC ${sources})
  # core_export.h, which the library's own build would make, is the installed one.
  target_include_directories(evenkeel_prometheus_core SYSTEM PUBLIC ${core}/include)
  target_compile_definitions(evenkeel_prometheus_core PUBLIC PROMETHEUS_CPP_CORE_STATIC_DEFINE)
  target_compile_options(evenkeel_prometheus_core PRIVATE -ffile-prefix-map=${EVENKEEL_LIBRARY_SOURCES}/=)
  target_link_libraries(evenkeel_prometheus_core PRIVATE evenkeel_options)
  target_link_libraries(evenkeel_prometheus INTERFACE evenkeel_prometheus_core)
else()
  pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
  target_link_libraries(evenkeel_httplib INTERFACE PkgConfig::httplib)
  target_link_libraries(evenkeel_prometheus INTERFACE prometheus-cpp::core)
endif()

find_package(SQLite3 3.40 REQUIRED)
target_include_directories(evenkeel_sqlite SYSTEM INTERFACE ${SQLite3_INCLUDE_DIRS})
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND EVENKEEL_LIBRARY_SOURCES)
  find_library(EVENKEEL_SQLITE_ARCHIVE libsqlite3.a REQUIRED)  # Debian has it beside the shared one
  target_link_libraries(evenkeel_sqlite INTERFACE ${EVENKEEL_SQLITE_ARCHIVE} Threads::Threads m)
else()
  target_link_libraries(evenkeel_sqlite INTERFACE SQLite::SQLite3)
endif()

# How many columns of a terminal a character takes, and where one ends that is written as several.
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND EVENKEEL_LIBRARY_SOURCES)
  find_library(EVENKEEL_UTF8PROC_ARCHIVE libutf8proc.a REQUIRED)  # Debian has it beside the shared one
  target_link_libraries(evenkeel_utf8proc INTERFACE ${EVENKEEL_UTF8PROC_ARCHIVE})
else()
  target_link_libraries(evenkeel_utf8proc INTERFACE PkgConfig::utf8proc)
endif()
