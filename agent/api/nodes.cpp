#include "agent/api/cluster.hpp"
#include "agent/view/json_writer.hpp"

namespace evenkeel::api {

Json nodes_of(const loop::Snapshot& snapshot) {
  view::JsonWriter write(*snapshot.cluster, snapshot.policy);
  return {{"at", view::rfc3339(snapshot.at)}, {"nodes", write.nodes(snapshot.judgement.get())}};
}

}  // namespace evenkeel::api
