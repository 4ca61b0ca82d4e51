#pragma once
// What the tests of the port share that hold on each road: a scripted Milvus, and a coordinator
// that asks it.

#include <gmock/gmock.h>

#include <mutex>
#include <vector>

#include "agent/milvus/http_coordinator.hpp"
#include "tests/http/asks.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/milvus/roads.hpp"
#ifdef EVENKEEL_GRPC
#include "agent/milvus/grpc_coordinator.hpp"
#endif

// The tests of the suite are run on each road.
#define EVENKEEL_ON_EACH_ROAD(suite) INSTANTIATE_TEST_SUITE_P(Over, suite, roads(), road_name)

namespace evenkeel::milvus {

class RoadTest : public testing::TestWithParam<Road>, protected tests::Asks {
 protected:
  RoadTest() {
    options_.timeout = std::chrono::seconds(20);
    options_.move_timeout = std::chrono::seconds(20);
    options_.now = [this] { return now_; };
    options_.warn = [this](const std::string& said) { warnings_.push_back(said); };
  }

  // A Milvus that answers every question so, and a coordinator that asks it.
  void serve(const Told& told) {
    serve_script([told](const Asked&) { return told; });
  }
  void serve(const std::string& json) { serve(Told{.json = json}); }
  void serve_script(ScriptedMilvus::Script script) {
    coordinator_.reset();
    server_ = scripted_milvus(GetParam(), [this, script = std::move(script)](const Asked& asked) {
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(asked);
      }
      return script(asked);
    });
    ask_at(server_->port());
  }

  void ask_at(std::uint16_t port) {
    const http::Url url{.host = "127.0.0.1", .port = port};
#ifdef EVENKEEL_GRPC
    if (GetParam() == Road::grpc) {
      coordinator_ = std::make_unique<GrpcCoordinator>(url, options_);
      return;
    }
#endif
    coordinator_ = std::make_unique<HttpCoordinator>(client_, url, options_);
  }

  Failure failure_of_move(const LoadBalance& move) {
    return failure_of(coordinator_->load_balance(move));
  }

  // What was asked last, and how many questions there were.
  Asked asked() {
    const std::lock_guard lock(mutex_);
    return asked_.empty() ? Asked{} : asked_.back();
  }
  std::size_t times() {
    const std::lock_guard lock(mutex_);
    return asked_.size();
  }

  const CollectionInfo book_{rules::CollectionId{470641321825796126}, "book"};
  const LoadBalance move_{
      .collection = "book", .source = rules::NodeId{3}, .segments = {rules::SegmentId{5}}};
  http::Client client_{io_.get_executor()};
  std::chrono::steady_clock::time_point now_{};
  std::vector<std::string> warnings_;
  CoordinatorOptions options_;
  std::mutex mutex_;
  std::vector<Asked> asked_;
  std::unique_ptr<ScriptedMilvus> server_;
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace evenkeel::milvus
