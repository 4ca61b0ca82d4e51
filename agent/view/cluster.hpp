#pragma once
// A cluster as it is shown: nodes and replicas with what was judged of them, collections by name.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/loop/decision.hpp"

namespace evenkeel::view {

// A node with its verdict, null where it has none.
struct JudgedNode {
  const rules::Node* node = nullptr;
  const rules::NodeVerdict* verdict = nullptr;

  // Whether the node's last memory figure still stands for its memory now.
  [[nodiscard]] bool memory_known() const;
  // What the agent counts with: the verdict's corrected figure, else the used one; none where it is
  // not known.
  [[nodiscard]] std::optional<rules::Bytes> expected() const;
  // expected() as a share of the node's capacity; none where either is not known.
  [[nodiscard]] std::optional<double> ratio() const;
};

// The nodes sorted by id, each id once, with what `judgement`, null where there is none, says of
// them. Valid as long as both arguments.
[[nodiscard]] std::vector<JudgedNode> judged_nodes(const rules::Cluster& cluster,
                                                   const rules::Judgement* judgement);
// Empty before the first observation; valid as long as the snapshot.
[[nodiscard]] std::vector<JudgedNode> judged_nodes(const loop::Snapshot& snapshot);

// A replica with its verdict, null where it has none.
struct JudgedReplica {
  const rules::Replica* replica = nullptr;
  const rules::ReplicaVerdict* verdict = nullptr;
};

// The replicas sorted by collection and id, each once. Valid as long as both arguments.
[[nodiscard]] std::vector<JudgedReplica> judged_replicas(const rules::Cluster& cluster,
                                                         const rules::Judgement* judgement);

// Collections by name, as users know them, and by id where the name is not known. UTF-8, whatever
// Milvus says.
class CollectionNames {
 public:
  explicit CollectionNames(const rules::Cluster& cluster);
  // Valid as long as this object.
  [[nodiscard]] const std::string& of(rules::CollectionId id);

 private:
  std::unordered_map<rules::CollectionId, std::string> names_;
};

}  // namespace evenkeel::view
