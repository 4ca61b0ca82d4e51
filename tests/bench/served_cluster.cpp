#include "tests/bench/served_cluster.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "agent/demo/simulated_milvus.hpp"
#ifdef EVENKEEL_GRPC
#include "agent/demo/simulated_grpc.hpp"
#endif

namespace evenkeel::bench {
namespace {

// Serves until the parent dies; the first lines tell it where: HTTP, gRPC, the nodes, "end".
[[noreturn]] void serve(int out, const demo::World& world) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  asio::io_context io{1};
  const demo::SimulatedMilvus milvus(io.get_executor(), world);
  std::string text = milvus.address() + "\n";
#ifdef EVENKEEL_GRPC
  const demo::SimulatedGrpc grpc(io.get_executor(), milvus);
  text += grpc.address();
#endif
  text += "\n";
  for (const auto& target : milvus.metrics_targets()) text += target + "\n";
  text += "end\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(out, text.data() + sent, text.size() - sent);
    if (n <= 0) _exit(1);
    sent += static_cast<std::size_t>(n);
  }
  io.run();
  _exit(0);
}

std::vector<std::string> lines_until_end(FILE* in) {
  std::vector<std::string> lines;
  char line[256];
  while (fgets(line, sizeof line, in) != nullptr) {
    std::string text(line);
    text.pop_back();
    if (text == "end") return lines;
    lines.push_back(std::move(text));
  }
  return {};
}

}  // namespace

void add_collections(demo::World& world, const std::vector<rules::NodeId>& nodes, int collections,
                     int segments, std::int64_t rows) {
  for (int c = 0; c < collections; ++c) {
    demo::World::Collection collection;
    collection.id = rules::CollectionId{1'000'000 + c};
    collection.name = "c" + std::to_string(c);
    collection.replicas.push_back({rules::ReplicaId{2'000'000 + c}, nodes});
    for (int s = 0; s < segments; ++s) {
      const auto node = static_cast<std::size_t>(c * segments + s) % nodes.size();
      collection.segments.push_back(
          {rules::SegmentId{10'000'000 + c * 100 + s}, rows, nodes[node]});
    }
    world.collections.push_back(std::move(collection));
  }
}

Served serve_cluster(const demo::World& world) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    serve(ends[1], world);
  }
  close(ends[1]);
  FILE* in = fdopen(ends[0], "r");
  const auto lines = lines_until_end(in);
  fclose(in);
  if (lines.size() < 2) return {};
  return {lines[0], lines[1], {lines.begin() + 2, lines.end()}, process};
}

double processor_seconds(const Served& served) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(served.process, &clock) != 0) return 0;
  clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace evenkeel::bench
