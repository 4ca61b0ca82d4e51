# gRPC and Protocol Buffers, and a library of the generated code: evenkeel_milvus_proto. Only those that link it see
# their headers.
find_package(Protobuf 3.21 REQUIRED)
find_program(EVENKEEL_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)

add_library(evenkeel_grpc INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Debian has all of it as static libraries, too; pkg-config knows which are needed.
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(GRPCPP REQUIRED grpc++)
  set(archives)
  set(names ${GRPCPP_STATIC_LIBRARIES} protobuf-lite)
  list(REMOVE_DUPLICATES names)
  list(REMOVE_ITEM names ssl crypto z dl pthread atomic rt m)
  foreach(name ${names})
    find_library(EVENKEEL_ARCHIVE_${name} lib${name}.a REQUIRED)
    list(APPEND archives ${EVENKEEL_ARCHIVE_${name}})
  endforeach()
  target_link_libraries(evenkeel_grpc INTERFACE "$<LINK_GROUP:RESCAN,${archives},${ZLIB_LIBRARIES}>" OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
else()
  find_package(gRPC 1.51 REQUIRED)
  # Without their compile options, which no precompiled header of ours has. They bring the whole of Protocol Buffers, which its
  # lite library must not be loaded beside.
  target_link_libraries(evenkeel_grpc INTERFACE $<LINK_ONLY:gRPC::grpc++>)
endif()

# Called where the .proto files are.
function(evenkeel_proto_library name)
  set(out ${CMAKE_BINARY_DIR}/proto)
  file(MAKE_DIRECTORY ${out})
  set(generated)
  foreach(proto ${ARGN})
    file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${proto})
    string(REGEX REPLACE "\\.proto$" "" stem ${path})
    set(results ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(how)
    file(STRINGS ${proto} services REGEX "^service ")
    if(services)
      list(APPEND results ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      set(how --grpc_out=${out} --plugin=protoc-gen-grpc=${EVENKEEL_GRPC_PLUGIN})
    endif()
    add_custom_command(OUTPUT ${results}
      COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR} --cpp_out=${out} ${how} ${path}
      DEPENDS ${ARGN} VERBATIM)
    list(APPEND generated ${results})
  endforeach()
  add_custom_target(${name}_sources DEPENDS ${generated})  # what clang-tidy needs beside our own files
  add_library(${name} STATIC ${generated})
  # Others' code: no warnings, no unity build (which is what clang-tidy reads), no linting.
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF CXX_CLANG_TIDY "")
  target_compile_options(${name} PRIVATE -w)
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC evenkeel_grpc PRIVATE evenkeel_options)
endfunction()
