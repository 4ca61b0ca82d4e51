#pragma once
// Exposition texts for the tests of agent/scrape: what real nodes answered, and smaller ones.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "agent/scrape/exposition.hpp"

namespace evenkeel::scrape::texts {

// A file of tests/samples, such as "2.3.5/querynode-1.metrics".
inline std::string sample(const std::string& name) {
  std::ifstream file(EVENKEEL_SOURCE_DIR "/tests/samples/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("tests/samples/" + name + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> all_samples() {
  std::vector<std::string> texts;
  for (const char* version : {"2.2.16", "2.3.5"}) {
    const std::filesystem::path folder(EVENKEEL_SOURCE_DIR "/tests/samples");
    for (const auto& entry : std::filesystem::directory_iterator(folder / version)) {
      if (entry.path().extension() != ".metrics") continue;
      texts.push_back(sample(version + ("/" + entry.path().filename().string())));
    }
  }
  return texts;
}

// Every kind of line that matters, and some that look like it, in a text small enough to cut and
// change everywhere.
inline constexpr std::string_view kSmallText = R"(# HELP milvus_num_node number of nodes
# TYPE milvus_num_node gauge
milvus_num_node{node_id="3",role_name="querynode"} 1
milvus_num_nodes{node_id="9",role_name="querynode"} 1
milvus_querynode_collection_num{node_id="3"} 1
milvus_querynode_entity_num{collection_id="7",node_id="3",partition_id="1",segment_state="Sealed"} 40000
  milvus_querynode_entity_num { segment_state = "Sealed", collection_id="7" , partition_id="2", } 2E+04 1700000000000
milvus_querynode_entity_num{collection_id="7",node_id="3",segment_state="Growing"} 5
milvus_querynode_entity_size{collection_id="7",name="a \"b\\ \n,}",node_id="3",segment_state="Sealed"} 3.216e+07
milvus_querynode_segment_num{collection_id="8",node_id="3"} 2
milvus_querynode_segment_num{collection_id="8",node_id="3"} 2
process_resident_memory_bytes 1.7e+08
process_resident_memory_bytes_max 9
)";

// The two lines that a good text cannot do without.
inline const std::string kNode = "milvus_num_node{node_id=\"3\",role_name=\"querynode\"} 1\n";
inline const std::string kMemory = "process_resident_memory_bytes 1.7e+08\n";

// A good text but for what the test is about.
inline NodeFigures extract_with(const std::string& lines) {
  return extract(kNode + kMemory + lines);
}

inline std::string problem_of(std::string_view text) {
  return extract(text).problem.value_or("(no problem)");
}

}  // namespace evenkeel::scrape::texts
