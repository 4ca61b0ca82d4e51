#include "agent/journal/record.hpp"

#include <cstdint>

#include "agent/util/sha256.hpp"
#include "agent/view/json_writer.hpp"

namespace evenkeel::journal {

std::string digest_of(const rules::Cluster& cluster) {
  Sha256 digest;
  const auto add = [&digest](auto id) { digest.add(static_cast<std::int64_t>(id)); };
  for (const auto& node : cluster.nodes) {
    add(node.id);
    add(node.used);
    add(node.capacity);
  }
  for (const auto& segment : cluster.segments) {
    add(segment.id);
    add(segment.replica);
    add(segment.node);
    add(segment.bytes);
  }
  return digest.hex();
}

std::string record_of(const loop::Decision& decision, const rules::Cluster& cluster,
                      const rules::Policy& policy) {
  view::JsonWriter writer(cluster, policy);
  view::Json json = writer.decision(decision);
  json["plan"] = writer.plan(decision);
  if (decision.seen) {
    json["inputs"] = {{"digest", digest_of(*decision.seen)},
                      {"nodes", decision.seen->nodes.size()},
                      {"segments", decision.seen->segments.size()},
                      {"spread", decision.worst_spread}};
  }
  return view::text_of(json);
}

}  // namespace evenkeel::journal
