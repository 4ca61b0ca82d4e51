#pragma once
// The JSON of Milvus's HTTP port, /api/v1, for a simulated cluster of any release: requests read,
// answers written. Answers are in proto3's style: what is zero, empty or false is left out.

#include <string>
#include <string_view>
#include <vector>

#include "agent/demo/simulation.hpp"

namespace evenkeel::demo {

struct Answer {
  int status =
      200;  // of HTTP; Milvus keeps it at 200 for everything but a body that it cannot read
  std::string body;
};

// What the simulation alone does not know of the cluster.
struct Directory {
  rules::NodeId coordinator{};
  std::vector<std::string> addresses;  // host:port, beside Simulation::nodes()
  rules::NodeId proxy{};
};

// One function a request; `body` is the request's.
[[nodiscard]] Answer answer_collections(const Simulation& simulation, std::string_view body);
[[nodiscard]] Answer answer_collection(const Simulation& simulation, std::string_view body);
[[nodiscard]] Answer answer_segments(Simulation& simulation, Simulation::Time now,
                                     std::string_view body);
[[nodiscard]] Answer answer_replicas(const Simulation& simulation, const Directory& directory,
                                     std::string_view body);
[[nodiscard]] Answer answer_metrics(Simulation& simulation, Simulation::Time now,
                                    const Directory& directory, std::string_view body);

// load_balance, whose answer comes when the moves are done: the answer at once is the error.
[[nodiscard]] tl::expected<Transfer, Answer> read_load_balance(std::string_view body);
[[nodiscard]] Answer answer_refused(const Refusal& refusal, const Release& release);
[[nodiscard]] Answer answer_done();

}  // namespace evenkeel::demo
