#pragma once
// An API on a snapshot of the test's, and how it responds.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "agent/api/api.hpp"
#include "tests/api/example.hpp"
#include "tests/api/fake_control.hpp"

namespace evenkeel::api {

struct ApiTest : testing::Test {
  // `read`: the journal; none: the agent keeps none.
  explicit ApiTest(HistoryReader read = {}) : reader(std::move(read)) { publish(example()); }

  void publish(loop::Snapshot next) {
    control.picture = std::make_shared<const loop::Snapshot>(std::move(next));
  }

  web::Response ask(std::string_view method, std::string_view path, std::string_view query = "") {
    web::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    return api.respond(request);
  }
  web::Response get(std::string_view path, std::string_view query = "") {
    return ask("GET", path, query);
  }
  // Of a response that must be 200.
  nlohmann::json body_of(std::string_view path, std::string_view query = "") {
    const auto response = get(path, query);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return nlohmann::json::parse(response.body);
  }
  // Of a response that must be this problem.
  nlohmann::json error_of(int status, std::string_view path, std::string_view query = "") {
    const auto response = get(path, query);
    EXPECT_EQ(response.status, status) << response.body;
    return nlohmann::json::parse(response.body).at("error");
  }

  web::Response post(std::string_view path, std::string_view body) {
    web::Request request;
    request.method = "POST";
    request.path = path;
    request.content_type = "application/json";
    request.body = body;
    request.user = "ann";
    return api.respond(request);
  }
  // Of a response to a POST that must be this problem.
  nlohmann::json problem_of(int status, std::string_view path, std::string_view body) {
    const auto response = post(path, body);
    EXPECT_EQ(response.status, status) << response.body;
    return nlohmann::json::parse(response.body).at("error");
  }

  // Two nodes of one replica, of which the first holds all: a plan moves some of it, and a person
  // may.
  void make_movable() {
    auto skewed = example();
    rules::Cluster cluster = loop::example_cluster();
    cluster.nodes.erase(cluster.nodes.begin() + 1);
    cluster.nodes[0].used = 700 * loop::kMiB;
    cluster.nodes[1].used = 100 * loop::kMiB;
    cluster.replicas[0].nodes = {rules::NodeId{3}, rules::NodeId{4}};
    cluster.segments.resize(1);
    for (int id = 2; id <= 6; ++id) {
      cluster.segments.push_back(cluster.segments.front());
      cluster.segments.back().id = rules::SegmentId{id};
    }
    for (auto& segment : cluster.segments) segment.bytes = 100 * loop::kMiB;
    skewed.policy.evidence_samples = 1;
    rules::Ledger ledger;
    ledger.observe(cluster, skewed.policy);
    skewed.ledger = std::make_shared<const rules::Ledger>(std::move(ledger));
    skewed.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
    publish(std::move(skewed));
  }

  FakeControl control;
  rules::TimePoint now{std::chrono::hours{1}};
  bool read_only = false;
  HistoryReader reader;
  Api api{control,
          {.read_only = [this] { return read_only; },
           .now = [this] { return now; },
           .history = reader}};
};

}  // namespace evenkeel::api
