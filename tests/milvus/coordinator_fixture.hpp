#pragma once
// What the tests of HTTP alone share: a scripted server, and a coordinator that asks it. What holds
// on each road is in roads_fixture.hpp.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/milvus/http_coordinator.hpp"
#include "tests/http/asks.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::milvus {

inline const CollectionInfo kBook{rules::CollectionId{470641321825796126}, "book"};
inline const LoadBalance kMove{
    .collection = "book", .source = rules::NodeId{3}, .segments = {rules::SegmentId{5}}};

class CoordinatorTest : public testing::Test, protected tests::Asks {
 protected:
  CoordinatorTest() {
    options_.timeout = std::chrono::milliseconds(300);
    options_.move_timeout = std::chrono::milliseconds(3000);
    options_.now = [this] { return now_; };
    options_.warn = [this](const std::string& said) { warnings_.push_back(said); };
  }

  // A server that gives every request this answer, and a coordinator that asks it.
  void serve(const std::string& body, int status = 200) { serve_each({}, body, status); }

  // The same, with an answer for each path that has one.
  void serve_each(std::map<std::string, std::string> answers, const std::string& body = "",
                  int status = 404) {
    serve_script([this, answers = std::move(answers),
                  other = evenkeel::tests::answer(body, status)](auto& peer, int) {
      for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
        const auto from = request.find(' ') + 1;
        const auto path = request.substr(from, request.find(' ', from) - from);
        {
          const std::lock_guard lock(mutex_);
          asked_ = request;
          ++times_[path];
        }
        const auto found = answers.find(path);
        peer.write(found == answers.end() ? other : evenkeel::tests::answer(found->second));
      }
    });
  }

  void serve_script(evenkeel::tests::ScriptedServer::Script script) {
    coordinator_.reset();
    server_ = std::make_unique<evenkeel::tests::ScriptedServer>(std::move(script));
    ask_at(server_->url());
  }

  void ask_at(http::Url base) {
    coordinator_ = std::make_unique<HttpCoordinator>(client_, std::move(base), options_);
  }

  Failure failure_of_move(const LoadBalance& move) {
    return failure_of(coordinator_->load_balance(move));
  }

  std::string request_line() {
    const std::lock_guard lock(mutex_);
    return asked_.substr(0, asked_.find("\r\n"));
  }
  std::string request_text() {
    const std::lock_guard lock(mutex_);
    return asked_.substr(asked_.find("\r\n\r\n") + 4);
  }
  nlohmann::json request_body() { return nlohmann::json::parse(request_text()); }
  // The value of a header of the last request; empty where it had none.
  std::string request_header(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto at = asked_.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto from = at + 2 + name.size() + 2;
    return asked_.substr(from, asked_.find("\r\n", from) - from);
  }
  // How often a path was asked for, and all together.
  int times(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return times_[path];
  }
  int times() {
    const std::lock_guard lock(mutex_);
    int all = 0;
    for (const auto& [path, count] : times_) all += count;
    return all;
  }

  http::Client client_{io_.get_executor()};
  std::chrono::steady_clock::time_point now_{};
  std::vector<std::string> warnings_;
  CoordinatorOptions options_;
  std::mutex mutex_;
  std::string asked_;
  std::map<std::string, int> times_;
  std::unique_ptr<evenkeel::tests::ScriptedServer> server_;
  std::unique_ptr<HttpCoordinator> coordinator_;
};

}  // namespace evenkeel::milvus
