#include "agent/api/cluster.hpp"
#include "agent/view/json_writer.hpp"

namespace evenkeel::api {

Json replicas_of(const loop::Snapshot& snapshot) {
  view::JsonWriter write(*snapshot.cluster, snapshot.policy);
  return {{"at", view::rfc3339(snapshot.at)},
          {"replicas", write.replicas(snapshot.judgement.get())}};
}

}  // namespace evenkeel::api
