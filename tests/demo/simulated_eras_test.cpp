// The routes of 2.4 and later, and their logins, through sockets.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "agent/demo/simulated_milvus.hpp"
#include "tests/demo/recorded_world.hpp"
#include "tests/demo/talk.hpp"

namespace evenkeel::demo::simulated_eras_test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const char* const kConsole[] = {"/api/v1/_db/list",     "/api/v1/_qn/segments",
                                "/api/v1/_qc/segments", "/api/v1/_qc/segments?in=qc",
                                "/api/v1/_qc/replica",  "/api/v1/_qc/resource_group"};
const char* const kBalance = "/management/querycoord/balance/";

class SimulatedErasTest : public testing::Test {
 protected:
  void start(World world, std::uint16_t port = 0) {
    milvus = std::make_unique<SimulatedMilvus>(
        io.get_executor(), std::move(world), [this] { return now; }, port);
  }
  static std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  std::string ask(const std::string& method, const std::string& path, const std::string& body = "",
                  const std::string& authorization = "") {
    std::string text = method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return talk(io, port_of(milvus->address()), text);
  }
  static std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  asio::io_context io{1};
  std::chrono::steady_clock::time_point now{};
  std::unique_ptr<SimulatedMilvus> milvus;
};

TEST_F(SimulatedErasTest, TheConsoleIsThereFrom2_5On) {
  start(recorded_world("2.5.6"));
  for (const auto* path : kConsole) {
    const auto answer = ask("GET", path);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n")) << path;
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n")) << path;
    EXPECT_FALSE(json::parse(body_of(answer)).empty()) << path;
    EXPECT_THAT(ask("POST", path), StartsWith("HTTP/1.1 404 ")) << path;
  }
  start(recorded_world("2.4.17"));
  for (const auto* path : kConsole) {
    EXPECT_THAT(ask("GET", path), StartsWith("HTTP/1.1 404 ")) << path;
  }
  EXPECT_THAT(ask("GET", std::string(kBalance) + "status"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("POST", std::string(kBalance) + "suspend"), StartsWith("HTTP/1.1 200 OK\r\n"));
  start(recorded_world("2.3.5"));
  EXPECT_THAT(ask("POST", std::string(kBalance) + "suspend"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(SimulatedErasTest, ANodeIsSuspendedAndResumedFrom2_4On) {
  const std::string node = "/management/querycoord/node/";
  const auto state_of_3 = [&] {
    const auto list = json::parse(body_of(ask("GET", node + "list")));
    for (const auto& each : list["nodeInfos"]) {
      if (each["ID"] == 3) return each["state"].get<std::string>();
    }
    return std::string("not there");
  };
  start(recorded_world());
  EXPECT_EQ(state_of_3(), "active");
  EXPECT_EQ(body_of(ask("POST", node + "suspend", "node_id=3")), R"({"msg": "OK"})");
  EXPECT_EQ(state_of_3(), "suspended");
  EXPECT_EQ(body_of(ask("POST", node + "resume", "node_id=3")), R"({"msg": "OK"})");
  EXPECT_EQ(state_of_3(), "active");
  EXPECT_THAT(ask("POST", node + "suspend", "node_id=99"), StartsWith("HTTP/1.1 500 "));
  start(recorded_world("2.3.5"));
  EXPECT_THAT(ask("POST", node + "suspend", "node_id=3"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(SimulatedErasTest, ParametersReachTheConsole) {
  start(recorded_world());
  EXPECT_THAT(
      json::parse(body_of(ask("GET", "/api/v1/_qn/segments?collection_id=470781385398694253"))),
      SizeIs(1));
  EXPECT_TRUE(
      json::parse(body_of(ask("GET", "/api/v1/_qc/segments?in=qc")))[0].contains("channel"));
}

TEST_F(SimulatedErasTest, DatabasesAreListedByV2From2_4On) {
  start(recorded_world("2.4.17"));
  EXPECT_EQ(body_of(ask("POST", "/v2/vectordb/databases/list", "{}")),
            R"({"code":0,"data":["default","db2"]})");
  EXPECT_THAT(ask("GET", "/v2/vectordb/databases/list"), StartsWith("HTTP/1.1 404 "));
  start(recorded_world("2.3.5"));
  EXPECT_THAT(ask("POST", "/v2/vectordb/databases/list", "{}"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(SimulatedErasTest, TheBalancerIsSwitchedByGetOrPost) {
  auto world = recorded_world();
  world.takes_back_after = 3s;
  start(world);
  const auto to = [&](const char* method, const char* what) {
    return body_of(ask(method, std::string(kBalance) + what));
  };
  EXPECT_EQ(to("GET", "status"), R"({"msg": "OK", "status": "active"})");
  EXPECT_EQ(to("POST", "suspend"), R"({"msg": "OK"})");
  EXPECT_EQ(to("GET", "status"), R"({"msg": "OK", "status": "suspended"})");
  EXPECT_EQ(to("GET", "resume"), R"({"msg": "OK"})");
  EXPECT_EQ(to("GET", "status"), R"({"msg": "OK", "status": "active"})");
  EXPECT_THAT(body_of(ask("GET", "/management/querycoord/node/list")),
              StartsWith(R"({"nodeInfos":[{"ID":3,"address":"127.0.0.1:)"));
  EXPECT_THAT(ask("GET", std::string(kBalance) + "nonsense"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(SimulatedErasTest, ALoginIsAskedForWhereItIsRight) {
  auto world = recorded_world();
  world.user = "root";
  world.password = "Milvus";
  start(world);
  const std::string refused = R"({"code":1800,"message":"user hasn't authenticated"})";
  const auto ask_as = [&](const std::string& authorization) {
    return ask("GET", "/api/v1/collections", "", authorization);
  };
  for (const char* wrong : {"", "Basic cm9vdDp3cm9uZw==", "Bearer root:wrong", "root:"}) {
    EXPECT_THAT(ask_as(wrong), StartsWith("HTTP/1.1 401 Unauthorized\r\n")) << wrong;
    EXPECT_EQ(body_of(ask_as(wrong)), refused) << wrong;
  }
  for (const char* right : {"Basic cm9vdDpNaWx2dXM=", "Bearer root:Milvus", "root:Milvus"}) {
    EXPECT_THAT(ask_as(right), StartsWith("HTTP/1.1 200 OK\r\n")) << right;
  }
  EXPECT_THAT(ask("POST", "/api/v1/load-balance", R"({"collectionName":"book","src_nodeID":3})"),
              StartsWith("HTTP/1.1 401 "));
  EXPECT_EQ(milvus->load_balance_calls(), 0U);
  EXPECT_THAT(ask("GET", "/api/v1/_db/list"), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask("POST", "/v2/vectordb/databases/list", "{}"), StartsWith("HTTP/1.1 401 "));
  for (const auto& open :
       {std::string("/metrics"), std::string("/healthz"), std::string(kBalance) + "status"}) {
    EXPECT_THAT(ask("GET", open), StartsWith("HTTP/1.1 200 OK\r\n")) << open;
  }
}

TEST_F(SimulatedErasTest, EarlierReleasesAskForNoLogin) {
  auto world = recorded_world("2.6.9");
  world.user = "root";
  world.password = "Milvus";
  start(world);
  EXPECT_THAT(ask("GET", "/api/v1/collections"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(SimulatedErasTest, StreamingNodesServeTheirMetrics) {
  start(recorded_world());
  ASSERT_THAT(milvus->metrics_targets(), SizeIs(4));
  const auto page = [&](std::size_t node) {
    return talk(io, port_of(milvus->metrics_targets()[node]), "GET /metrics HTTP/1.0\r\n\r\n");
  };
  EXPECT_THAT(page(3), HasSubstr("\nmilvus_wal_acknowledge_time_tick_total{"));
  EXPECT_THAT(page(0), Not(HasSubstr("milvus_wal_")));
}

TEST_F(SimulatedErasTest, ListensWhereItIsTold) {
  start(recorded_world());
  const auto port = port_of(milvus->address());
  EXPECT_THROW(SimulatedMilvus(
                   io.get_executor(), recorded_world(), [this] { return now; }, port),
               boost::system::system_error);
  ask("GET", "/healthz");
  milvus.reset();
  start(recorded_world(), port);
  EXPECT_EQ(milvus->address(), "http://127.0.0.1:" + std::to_string(port));
  EXPECT_THAT(ask("GET", "/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

// Thousands of collections on a thousand nodes: what a benchmark asks for in one round.
TEST_F(SimulatedErasTest, ServesThousandsOfCollections) {
  World world;
  world.era = Era::v2_6;
  std::vector<rules::NodeId> members;
  for (std::int64_t id = 1; id <= 200; ++id) {
    world.nodes.push_back({node(id), 1'000'000'000, 10, 0});
    members.push_back(node(id));
  }
  for (int c = 0; c < 2'000; ++c) {
    world.collections.push_back({rules::CollectionId{1'000'000 + c * 1'000},
                                 "c" + std::to_string(c),
                                 4,
                                 {{rules::ReplicaId{c + 1}, members}},
                                 {{segment(5'000'000 + c), 10, members[c % members.size()]}},
                                 c % 2 == 0 ? "default" : "other"});
  }
  start(std::move(world));
  EXPECT_THAT(json::parse(body_of(
                  ask("GET", "/api/v1/collections", R"({"db_name":"other"})")))["collection_ids"],
              SizeIs(1'000));
  EXPECT_EQ(json::parse(body_of(
                ask("GET", "/api/v1/query-segment-info",
                    R"({"collectionName":"c1999","dbName":"other"})")))["infos"][0]["segmentID"],
            5'001'999);
  EXPECT_THAT(json::parse(body_of(ask("GET", "/api/v1/_qn/segments"))), SizeIs(2'000));
}

}  // namespace
}  // namespace evenkeel::demo::simulated_eras_test
