// Milvus's long lists, read: seconds, and memory at its highest for each byte of the text.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "agent/milvus/answers.hpp"

namespace evenkeel::milvus {
namespace {

constexpr std::size_t kBytes = std::size_t{60} << 20;

std::string repeated(std::string_view begin, std::string_view element, std::string_view end) {
  std::string text(begin);
  while (text.size() < kBytes) text.append(element).append(",");
  text.pop_back();
  return text.append(end);
}

// As 2.6 writes them.
std::string sizes() {
  return repeated(
      "[",
      R"({"segment_id":"470641344885740721","collection_id":"470641321825796126","partition_id":)"
      R"("470641321825796127","channel":"by-dev-rootcoord-dml_3_470641321825796126v0",)"
      R"("resource_group":"__default_resource_group","state":"Sealed","level":"L1","node_id":"7",)"
      R"("loaded_insert_row_count":"65536","mem_size":"33816576","index_fields":[{"field_id":"101",)"
      R"("index_id":"470641321825796133","build_id":"470641321825796199","index_size":"39845888",)"
      R"("is_loaded":"true","has_raw_data":"true"}]})",
      "]");
}

// As 2.3 writes them.
std::string segments() {
  return repeated(
      R"({"status":{},"infos":[)",
      R"({"segmentID":470641344885740721,"collectionID":470641321825796126,"partitionID":)"
      R"(470641321825796127,"num_rows":65536,"index_name":"vec","indexID":470641321825796133,)"
      R"("state":3,"nodeIds":[3,4]})",
      "]}");
}

std::string replicas() {
  return repeated(
      R"({"status":{},"replicas":[)",
      R"({"replicaID":470641321825796144,"collectionID":470641321825796126,"shard_replicas":[)"
      R"({"leaderID":1,"leader_addr":"10.0.0.1:21123","dm_channel_name":"by-dev-rootcoord-dml_0_1v0",)"
      R"("node_ids":[1,2]}],"node_ids":[1,2],"resource_group_name":"__default_resource_group"})",
      "]}");
}

std::string emptiness(std::string_view begin, std::string_view end) {
  return repeated(begin, "{}", end);
}

// The highest resident memory of a child that reads the text once, beyond what it began with.
template <typename Read>
double memory_of(const std::string& text, Read read) {
  const auto highest = [&](bool reads) {
    const pid_t child = fork();
    if (child == 0) {
      if (reads) benchmark::DoNotOptimize(read(text));
      _exit(0);
    }
    int status = 0;
    rusage used{};
    wait4(child, &status, 0, &used);
    return static_cast<double>(used.ru_maxrss) * 1024;
  };
  const double idle = highest(false);
  return highest(true) - idle;
}

template <typename Read>
void measure(benchmark::State& state, const std::string& text, Read read) {
  malloc_trim(0);  // so that the child cannot use what others left
  const auto bytes = static_cast<double>(text.size());
  // With the text itself.
  state.counters["memory_by_text"] = 1 + memory_of(text, read) / bytes;
  for (auto _ : state) benchmark::DoNotOptimize(read(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void SegmentSizes(benchmark::State& state) {
  measure(state, sizes(), parse_segment_sizes);
}
void SegmentInfos(benchmark::State& state) {
  measure(state, segments(), parse_segments);
}
void Replicas(benchmark::State& state) {
  measure(state, replicas(), parse_replicas);
}
void EmptyElements(benchmark::State& state) {
  measure(state, emptiness("[", "]"), parse_segment_sizes);
}
void EmptyElementsElsewhere(benchmark::State& state) {
  measure(state, emptiness(R"({"status":{},"other":[)", "]}"), parse_segments);
}
void EmptyElementsInTheField(benchmark::State& state) {
  measure(state, emptiness(R"({"response":"{\"x\":[)", R"(]}"})"), parse_system_info);
}

BENCHMARK(SegmentSizes)->Unit(benchmark::kMillisecond);
BENCHMARK(SegmentInfos)->Unit(benchmark::kMillisecond);
BENCHMARK(Replicas)->Unit(benchmark::kMillisecond);
BENCHMARK(EmptyElements)->Unit(benchmark::kMillisecond);
BENCHMARK(EmptyElementsElsewhere)->Unit(benchmark::kMillisecond);
BENCHMARK(EmptyElementsInTheField)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace evenkeel::milvus

BENCHMARK_MAIN();
