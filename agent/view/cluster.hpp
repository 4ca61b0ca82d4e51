#pragma once
// A cluster as it is shown: nodes and replicas with what was judged of them, collections by name.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/loop/decision.hpp"

namespace evenkeel::view {

// A node with its verdict; the verdict is null if there is none.
struct JudgedNode {
  const rules::Node* node = nullptr;
  const rules::NodeVerdict* verdict = nullptr;

  // True if the node's last memory figure still stands for its memory now.
  [[nodiscard]] bool memory_known() const;
  // The bytes that the agent counts with: the verdict's corrected figure, else the used ones;
  // nullopt if not known.
  [[nodiscard]] std::optional<rules::Bytes> expected() const;
  // expected() as a share of the node's capacity (1: all of it); nullopt if either is not known.
  [[nodiscard]] std::optional<double> ratio() const;
};

// The nodes sorted by id, each id once, with their verdicts; `judgement` may be null. Valid as long
// as both arguments.
[[nodiscard]] std::vector<JudgedNode> judged_nodes(const rules::Cluster& cluster,
                                                   const rules::Judgement* judgement);
// Empty before the first observation; valid as long as the snapshot.
[[nodiscard]] std::vector<JudgedNode> judged_nodes(const loop::Snapshot& snapshot);

// A replica with its verdict; the verdict is null if there is none.
struct JudgedReplica {
  const rules::Replica* replica = nullptr;
  const rules::ReplicaVerdict* verdict = nullptr;
};

// The replicas sorted by collection and id, each once; `judgement` may be null. Valid as long as
// both arguments.
[[nodiscard]] std::vector<JudgedReplica> judged_replicas(const rules::Cluster& cluster,
                                                         const rules::Judgement* judgement);

// Names of collections, as users know them; the id if the name is not known. Always UTF-8, whatever
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
