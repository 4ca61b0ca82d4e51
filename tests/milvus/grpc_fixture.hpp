#pragma once
// What the tests of the gRPC road share: a scripted server, and a coordinator that asks it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/milvus/grpc_coordinator.hpp"
#include "agent/milvus/grpc_status.hpp"
#include "tests/http/asks.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/milvus/grpc_samples.hpp"
#include "tests/milvus/grpc_server.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::milvus {

inline const CollectionInfo kShopBook{rules::CollectionId{470641321825796126}, "book", 100, "shop"};
inline const LoadBalance kShopMove{.collection = "book",
                                   .source = rules::NodeId{3},
                                   .destinations = {rules::NodeId{5}},
                                   .segments = {rules::SegmentId{7}},
                                   .database = "shop"};

class GrpcCoordinatorTest : public testing::Test, protected tests::Asks {
 protected:
  GrpcCoordinatorTest() {
    options_.timeout = std::chrono::milliseconds(5'000);
    options_.move_timeout = std::chrono::milliseconds(6'000);
    options_.now = [this] { return now_; };
  }

  // A server that gives each method its answer, and does not know the others.
  void serve(std::map<std::string, tests::GrpcReply> answers,
             const tests::GrpcIdentity& identity = {}, std::uint16_t port = 0) {
    server_.reset();
    server_ = std::make_unique<tests::GrpcServer>(
        [answers = std::move(answers)](const tests::GrpcAsked& asked) {
          const auto found = answers.find(asked.method);
          return found == answers.end() ? tests::GrpcReply{.code = grpc_code::kUnimplemented}
                                        : found->second;
        },
        identity, port);
  }

  GrpcCoordinator& coordinator() {
    if (!coordinator_) ask_at(server_->url());
    return *coordinator_;
  }
  void ask_at(http::Url url, Coordinator* http = nullptr) {
    coordinator_ = std::make_unique<GrpcCoordinator>(std::move(url), options_, http);
  }

  std::vector<std::string> methods() const {
    std::vector<std::string> methods;
    for (const auto& asked : server_->asked()) methods.push_back(asked.method);
    return methods;
  }
  tests::GrpcAsked last() const { return server_->asked().back(); }
  // The last request, as the message that it should be.
  template <typename Message>
  Message request() const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(last().message));
    return message;
  }

  std::chrono::steady_clock::time_point now_{};
  CoordinatorOptions options_;
  std::unique_ptr<tests::GrpcServer> server_;
  std::unique_ptr<GrpcCoordinator> coordinator_;
  web::Secrets files_;
};

}  // namespace evenkeel::milvus
