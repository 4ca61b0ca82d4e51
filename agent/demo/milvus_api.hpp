#pragma once
// The JSON of Milvus's HTTP port, /api/v1, for a simulated cluster of any release: requests read,
// answers written. Answers are in proto3's style, which leaves out zeros, empty values and false.

#include <string>
#include <string_view>
#include <vector>

#include "agent/demo/answers.hpp"

namespace evenkeel::demo {

// The facts of the cluster that the simulation does not know.
struct Directory {
  rules::NodeId coordinator{};
  std::vector<std::string> addresses;  // host:port, indexed like Simulation::nodes()
  rules::NodeId proxy{};
};

// Each answers one request; `body` is the request's.
[[nodiscard]] Answer answer_collections(const Simulation& simulation, std::string_view body);
[[nodiscard]] Answer answer_collection(const Simulation& simulation, std::string_view body);
[[nodiscard]] Answer answer_segments(Simulation& simulation, Simulation::Time now,
                                     std::string_view body);
[[nodiscard]] Answer answer_replicas(const Simulation& simulation, const Directory& directory,
                                     std::string_view body);
[[nodiscard]] Answer answer_metrics(Simulation& simulation, Simulation::Time now,
                                    const Directory& directory, std::string_view body);

// load_balance is answered when the moves are done; an error, at once.
[[nodiscard]] tl::expected<Transfer, Answer> read_load_balance(std::string_view body);
[[nodiscard]] Answer answer_refused(const Refusal& refusal, const Release& release);
[[nodiscard]] Answer answer_done();

}  // namespace evenkeel::demo
