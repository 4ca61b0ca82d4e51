#pragma once
// A simulated Milvus in a process of its own, so that a benchmark's memory and time are the
// agent's alone.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent/demo/world.hpp"

namespace evenkeel::bench {

// So many collections "c0", "c1", …, each on all these nodes, with segments of so many rows.
void add_collections(demo::World& world, const std::vector<rules::NodeId>& nodes, int collections,
                     int segments, std::int64_t rows);

// Where the cluster is.
struct Served {
  std::string address;               // "http://127.0.0.1:41234"
  std::string grpc_address;          // "grpc://127.0.0.1:41235"; empty in a build without gRPC
  std::vector<std::string> targets;  // one a node; empty: it did not start
  pid_t process = 0;
};

// Serves until this process ends. To be called before it uses gRPC, which does not survive fork().
[[nodiscard]] Served serve_cluster(const demo::World& world);

// Processor time that the cluster took since its start.
[[nodiscard]] double processor_seconds(const Served& served);

}  // namespace evenkeel::bench
