#pragma once
// The recorded cluster without its sockets: asked like the real one, answers as JSON.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "agent/demo/milvus_api.hpp"
#include "tests/demo/recorded_world.hpp"
#include "tests/demo/sample.hpp"

namespace evenkeel::demo {

// The body of an answer that the real one gave.
inline nlohmann::json real(const std::string& name) {
  return nlohmann::json::parse(recorded(name));
}

struct Cluster {
  explicit Cluster(const World& world) : simulation(world, start) {
    for (const auto& each : world.nodes) {
      directory.addresses.push_back("127.0.0.1:" + std::to_string(static_cast<int>(each.id)));
    }
  }
  explicit Cluster(const std::string& version = "2.6.19") : Cluster(recorded_world(version)) {}

  static nlohmann::json ok(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return nlohmann::json::parse(answer.body);
  }
  nlohmann::json collections(const std::string& body) {
    return ok(answer_collections(simulation, body));
  }
  nlohmann::json collection(const std::string& body) {
    return ok(answer_collection(simulation, body));
  }
  nlohmann::json segments(const std::string& body) {
    return ok(answer_segments(simulation, start, body));
  }
  nlohmann::json replicas(const std::string& body) {
    return ok(answer_replicas(simulation, directory, body));
  }
  nlohmann::json system_info() {
    const auto answer = ok(answer_metrics(simulation, start, directory,
                                          R"({"request":"{\"metric_type\":\"system_info\"}"})"));
    return nlohmann::json::parse(answer["response"].get<std::string>())["nodes_info"];
  }
  // {} or the refusal.
  nlohmann::json load_balance(const std::string& body) {
    const auto transfer = read_load_balance(body);
    if (!transfer) return nlohmann::json::parse(transfer.error().body);
    const auto done = simulation.load_balance(*transfer, start);
    return ok(done ? answer_done() : answer_refused(done.error(), simulation.release()));
  }

  Simulation::Time start{};
  Simulation simulation;
  Directory directory{node(1), {}, node(6)};
};

}  // namespace evenkeel::demo
