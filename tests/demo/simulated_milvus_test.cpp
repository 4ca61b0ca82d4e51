#include "agent/demo/simulated_milvus.hpp"

#include <gmock/gmock.h>

#include <boost/asio/use_future.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/demo/small_world.hpp"
#include "tests/demo/talk.hpp"

namespace evenkeel::demo::simulated_milvus_test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

class SimulatedMilvusTest : public testing::Test {
 protected:
  static std::string request(const std::string& method, const std::string& path,
                             const std::string& body) {
    return method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  // The whole answer of the coordinator, header and all.
  std::string ask(const std::string& method, const std::string& path,
                  const std::string& body = "") {
    return talk(io, port_of(milvus->address()), request(method, path, body));
  }
  static json body_of(const std::string& answer) {
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/json"));
    return json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  }
  json ask_json(const std::string& path, const std::string& body = "") {
    return body_of(ask("GET", path, body));
  }
  std::string metrics(std::size_t node) {
    return talk(io, port_of(milvus->metrics_targets().at(node)), request("GET", "/metrics", ""));
  }

  asio::io_context io{1};
  std::chrono::steady_clock::time_point now{};
  std::unique_ptr<SimulatedMilvus> milvus =
      std::make_unique<SimulatedMilvus>(io.get_executor(), small_world(), [this] { return now; });
};

TEST_F(SimulatedMilvusTest, ServesEveryEndpointOfTheCoordinator) {
  EXPECT_THAT(ask("GET", "/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(ask("GET", "/metrics"), HasSubstr("role_name=\"querycoord\"} 1\n"));
  EXPECT_EQ(ask_json("/api/v1/collections")["collection_ids"], json::parse("[100,200]"));
  EXPECT_EQ(ask_json("/api/v1/collection", R"({"collection_name":"film"})")["collectionID"], 200);
  EXPECT_THAT(ask_json("/api/v1/query-segment-info", R"({"collectionName":"book"})")["infos"],
              SizeIs(3));
  EXPECT_THAT(ask_json("/api/v1/replicas", R"({"collectionID":200})")["replicas"], SizeIs(2));
  const auto system = json::parse(
      ask_json("/api/v1/metrics", R"({"request":"{\"metric_type\":\"system_info\"}"})")["response"]
          .get<std::string>());
  EXPECT_THAT(system["nodes_info"], SizeIs(6));
}

TEST_F(SimulatedMilvusTest, ServesEachNodesMetricsOnItsOwnPort) {
  ASSERT_THAT(milvus->metrics_targets(), SizeIs(4));
  const auto first = metrics(0);
  EXPECT_THAT(first, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(first, HasSubstr("milvus_num_node{node_id=\"1\",role_name=\"querynode\"} 1\n"));
  EXPECT_THAT(first, HasSubstr("\nprocess_resident_memory_bytes 1.4e+07\n"));
  EXPECT_THAT(metrics(3), HasSubstr("milvus_num_node{node_id=\"4\",role_name=\"querynode\"} 1\n"));
  EXPECT_GT(first.size(), 20'000U);
}

TEST_F(SimulatedMilvusTest, PadsTheMetricsOfANodeThatSaysSo) {
  auto world = small_world();
  world.nodes[1].padding = 200'000;
  milvus = std::make_unique<SimulatedMilvus>(io.get_executor(), world, [this] { return now; });
  const auto plain = metrics(0).size();
  EXPECT_GT(metrics(1).size(), plain + 199'000);
}

TEST_F(SimulatedMilvusTest, KnowsNoOtherPathOrMethod) {
  for (const auto& answer :
       {ask("GET", "/api/v1/nope"), ask("POST", "/api/v1/collections"),
        ask("GET", "/api/v1/load-balance"), ask("GET", "/management/querycoord/node/list")}) {
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n404 page not found"));
  }
  EXPECT_THAT(ask("POST", "/api/v1/load-balance", "{"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(SimulatedMilvusTest, LoadBalanceAnswersWhenTheMoveIsDone) {
  bool answered = false;
  const auto call = [&]() -> Awaitable<std::string> {
    const auto text = request("POST", "/api/v1/load-balance",
                              R"({"collectionName":"book","src_nodeID":1,"dst_nodeIDs":[3],)"
                              R"("sealed_segmentIDs":[1]})");
    auto answer = co_await conversation(port_of(milvus->address()), text);
    answered = true;
    co_return answer;
  };
  auto answer = asio::co_spawn(io, call(), asio::use_future);
  while (milvus->load_balance_calls() == 0) io.run_one();
  const auto during =
      ask_json("/api/v1/query-segment-info", R"({"collectionName":"book"})")["infos"][0]["nodeIds"];
  EXPECT_EQ(during, json::parse("[1,3]"));
  EXPECT_FALSE(answered);
  EXPECT_THAT(milvus->world().collections[0].segments, SizeIs(4)) << "on both nodes";

  now += 1s;
  while (!answered) io.run_one();
  EXPECT_EQ(body_of(answer.get()), json::object());
  EXPECT_EQ(milvus->world().collections[0].segments.at(0).node, node(3));
  EXPECT_THAT(milvus->world().collections[0].segments, SizeIs(3));
}

TEST_F(SimulatedMilvusTest, LoadBalanceAnswersARefusalAtOnce) {
  const auto answer = body_of(ask("POST", "/api/v1/load-balance",
                                  R"({"collectionName":"film","src_nodeID":1,"dst_nodeIDs":[3]})"));
  EXPECT_EQ(answer["error_code"], 1);
  EXPECT_EQ(answer["code"], 901);
  EXPECT_EQ(milvus->load_balance_calls(), 1U);
}

TEST_F(SimulatedMilvusTest, DestructionGivesUpACallUnderWay) {
  const auto text =
      request("POST", "/api/v1/load-balance", R"({"collectionName":"book","src_nodeID":1})");
  auto answer =
      asio::co_spawn(io, conversation(port_of(milvus->address()), text), asio::use_future);
  while (milvus->load_balance_calls() == 0) io.run_one();
  milvus.reset();
  io.run();
  EXPECT_TRUE(io.stopped());
  EXPECT_EQ(answer.get(), "");
}

TEST(SimulatedMilvusOfManyNodes, ServesThemAll) {
  asio::io_context io{1};
  World world;
  for (std::int64_t id = 1; id <= 400; ++id) world.nodes.push_back({node(id), 1'000, 10, 0});
  const SimulatedMilvus milvus(io.get_executor(), world);
  std::set<std::string> targets;
  for (const auto& target : milvus.metrics_targets()) targets.insert(target);
  EXPECT_EQ(targets.size(), 400U);
  EXPECT_THAT(talk(io, port_of(*targets.begin()), "GET /healthz HTTP/1.0\r\n\r\n"),
              testing::EndsWith("OK"));
}

}  // namespace
}  // namespace evenkeel::demo::simulated_milvus_test
