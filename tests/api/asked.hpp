#pragma once
// An API on a snapshot of the test's, and what it answers.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "agent/api/api.hpp"
#include "tests/telemetry/example_snapshot.hpp"

namespace evenkeel::api {

struct ApiTest : testing::Test {
  ApiTest() { publish(example()); }

  // As the telemetry's, with what a round would need.
  [[nodiscard]] static loop::Snapshot example() {
    auto snapshot = loop::example_snapshot();
    rules::Ledger ledger;
    ledger.observe(*snapshot.cluster, snapshot.policy);
    snapshot.ledger = std::make_shared<const rules::Ledger>(std::move(ledger));
    return snapshot;
  }
  void publish(loop::Snapshot next) {
    snapshot = std::make_shared<const loop::Snapshot>(std::move(next));
  }

  web::Answer ask(std::string_view method, std::string_view path, std::string_view query = "") {
    web::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    return api.answer(request);
  }
  web::Answer get(std::string_view path, std::string_view query = "") {
    return ask("GET", path, query);
  }
  // Of an answer that must be 200.
  nlohmann::json body_of(std::string_view path, std::string_view query = "") {
    const auto answer = get(path, query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.content_type, "application/json");
    return nlohmann::json::parse(answer.body);
  }
  // Of an answer that must be this problem.
  nlohmann::json error_of(int status, std::string_view path, std::string_view query = "") {
    const auto answer = get(path, query);
    EXPECT_EQ(answer.status, status) << answer.body;
    return nlohmann::json::parse(answer.body).at("error");
  }

  loop::SnapshotPtr snapshot;
  Api api{[this] { return snapshot; }};
};

}  // namespace evenkeel::api
