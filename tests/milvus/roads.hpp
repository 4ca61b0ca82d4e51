#pragma once
// A scripted Milvus on either road, for the tests whose expectations are the same on both. Its
// answers are /api/v1's JSON, which renders the messages of gRPC.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace evenkeel::milvus {

enum class Road { http, grpc };

// The roads of this build, for INSTANTIATE_TEST_SUITE_P, and their names there.
[[nodiscard]] inline auto roads() {
#ifdef EVENKEEL_GRPC
  return testing::Values(Road::http, Road::grpc);
#else
  return testing::Values(Road::http);
#endif
}
[[nodiscard]] inline std::string road_name(const testing::TestParamInfo<Road>& info) {
  return info.param == Road::http ? "Http" : "Grpc";
}

// A question as both roads ask it.
struct Asked {
  std::string method;      // as MilvusService names it: "GetReplicas"
  nlohmann::json request;  // HTTP's body, gRPC's message
  std::string login;       // "user:password" or an API key; empty: none
};

// How the scripted Milvus takes a question.
enum class Manner {
  answers,      // with the JSON
  wrong_login,  // 401, UNAUTHENTICATED
  forbids,      // 403, PERMISSION_DENIED
  lacks,        // 404, UNIMPLEMENTED
  hangs,        // until the client gives up
};
struct Told {
  std::string json = "{}";
  Manner manner = Manner::answers;
  std::chrono::milliseconds after{0};
};

// Serves on 127.0.0.1 until it is destroyed.
class ScriptedMilvus {
 public:
  // Called on a thread of the server's, by one connection at a time or, over gRPC, for one call at
  // a time.
  using Script = std::function<Told(const Asked&)>;

  virtual ~ScriptedMilvus() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

[[nodiscard]] std::unique_ptr<ScriptedMilvus> scripted_milvus(Road road,
                                                              ScriptedMilvus::Script script);

}  // namespace evenkeel::milvus
