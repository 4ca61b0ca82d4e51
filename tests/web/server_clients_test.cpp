// What clients do that proper ones would not, and many of them at once.

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "tests/http/raw_client.hpp"
#include "tests/telemetry/example_snapshot.hpp"
#include "tests/web/served.hpp"

namespace evenkeel::web::server_clients_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto* kAsk = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr auto* kHealthy = "Evenkeel is healthy.\n";

class ServerClients : public Served {
 protected:
  RawClient client() { return RawClient(server_.port()); }
  static bool healthy(RawClient& client) {
    return client.send(kAsk) && client.read_until(kHealthy).ends_with(kHealthy);
  }
  std::chrono::milliseconds time_to_stop() {
    const auto begin = std::chrono::steady_clock::now();
    server_.stop();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
  }
};

TEST_F(ServerClients, MayAskAgainOnTheSameConnection) {
  auto http = client();
  EXPECT_TRUE(healthy(http));
  EXPECT_TRUE(healthy(http));
}

TEST_F(ServerClients, AreNotAnsweredUnderAnotherSitesName) {
  for (const auto* path : {"/", "/metrics", "/-/healthy", "/api/v1/nodes"}) {
    for (const auto* method : {"GET ", "HEAD "}) {
      auto http = client();
      http.send(std::string(method) + path + " HTTP/1.1\r\nHost: evil.example:10931\r\n\r\n");
      EXPECT_THAT(http.read_some(), StartsWith("HTTP/1.1 403")) << method << path;
    }
  }
  auto http = client();
  http.send("GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(http.read_some(), StartsWith("HTTP/1.1 403")) << "the address names it, too";
}

TEST_F(ServerClients, MayAskSeveralThingsAtOnce) {
  auto http = client();
  http.send(std::string(kAsk) + kAsk +
            "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const auto got = http.read_to_end();
  EXPECT_TRUE(http.closed());
  const auto second = got.find(kHealthy, got.find(kHealthy) + 1);
  ASSERT_NE(second, std::string::npos) << got;
  EXPECT_THAT(got.substr(second), HasSubstr("HTTP/1.1 404"));
}

TEST_F(ServerClients, AreLetGoAfterAHundredRequests) {
  auto http = client();
  for (int i = 0; i < 99; ++i) ASSERT_TRUE(healthy(http)) << i;
  http.send(kAsk);
  EXPECT_THAT(http.read_to_end(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(http.closed());
}

TEST_F(ServerClients, SendingABodyWithGetDoNotGetItTakenForARequest) {
  auto http = client();
  const std::string smuggled = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  http.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
            std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled);
  const auto got = http.read_to_end();
  EXPECT_THAT(got, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(got, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(got.ends_with(kHealthy)) << got;
  EXPECT_TRUE(http.closed());
}

TEST_F(ServerClients, SendingAChunkedBodyWithGetDoNotGetItTakenForARequest) {
  auto http = client();
  http.send(
      "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1c\r\nGET /metrics HTTP/1.1\r\n\r\n\r\n\r\n0\r\n\r\n");
  const auto got = http.read_to_end();
  EXPECT_TRUE(got.ends_with(kHealthy)) << got;
  EXPECT_TRUE(http.closed());
}

TEST_F(ServerClients, PostingALargeBodyStillGetTheRefusal) {
  auto http = client();
  const std::string body(1u << 20, 'x');
  http.send("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n");
  http.send(body);
  EXPECT_THAT(http.read_to_end(), HasSubstr("HTTP/1.1 405"));
  EXPECT_FALSE(http.reset());
}

TEST_F(ServerClients, SendingGarbageAreTurnedAway) {
  for (const auto& garbage : {std::string("garbage\r\n\r\n"),
                              std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 13),
                              std::string("GET / HTTP/11\r\n\r\n"), std::string("GET\r\n\r\n"),
                              std::string(64, '\0') + "\n"}) {
    auto http = client();
    http.send(garbage);
    const auto got = http.read_to_end();
    EXPECT_THAT(got, StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(got, HasSubstr("Connection: close"));
    EXPECT_TRUE(http.closed());
  }
  auto http = client();
  EXPECT_TRUE(healthy(http));
}

TEST_F(ServerClients, SendingHeadersWithoutEndAreTurnedAway) {
  auto http = client();
  http.send("GET / HTTP/1.1\r\n");
  const std::string header = "X: " + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 200 && http.send(header); ++i) {
  }
  EXPECT_THAT(http.read_to_end(), StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerClients, SendingALineWithoutEndAreTurnedAway) {
  auto http = client();
  const std::string piece(4096, 'x');
  for (int i = 0; i < 200 && http.send(piece); ++i) {
  }
  http.read_to_end();
  EXPECT_TRUE(http.closed() || http.reset());
}

TEST_F(ServerClients, ThatAreIdleKeepNobodyFromBeingServed) {
  std::vector<RawClient> idle;
  for (int i = 0; i < 40; ++i) {
    idle.push_back(client());
    const bool asked_once = i % 2 == 0;
    ASSERT_TRUE(!asked_once || healthy(idle.back()));
  }
  auto http = client();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(healthy(http));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  EXPECT_TRUE(healthy(idle.front())) << "they were let go for nothing";
}

// Two hundred clients that send their requests a byte at a time: all of them are held open, and the
// metrics are there for whoever asks properly.
TEST_F(ServerClients, TwoHundredSlowOnesDoNotDelayTheMetrics) {
  publish(loop::example_snapshot());
  std::vector<RawClient> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(client());
    ASSERT_TRUE(slow.back().send("GET /-/healthy HTTP/1.1\r\nX: "));
  }
  auto slowest = 0ms;
  for (int round = 0; round < 20; ++round) {
    for (auto& http : slow) ASSERT_TRUE(http.send("x"));
    const auto begin = std::chrono::steady_clock::now();
    auto http = client();
    http.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const auto got = http.read_to_end();
    slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - begin));
    ASSERT_THAT(got, HasSubstr("evenkeel_node_up{"));
    // This one too, and perhaps one that is just going.
    ASSERT_THAT(got, HasSubstr("evenkeel_web_connections 20"));
  }
  std::printf("slowest of 20 scrapes beside 200 slow clients: %lld ms\n",
              static_cast<long long>(slowest.count()));
  EXPECT_LT(slowest, 5s);  // 100 ms is what is wanted; a machine may be busy with more than this
  for (auto& http : slow) {
    ASSERT_TRUE(http.send("\r\nHost: localhost\r\n\r\n"));
    ASSERT_TRUE(http.read_until(kHealthy).ends_with(kHealthy)) << "they were let go for nothing";
  }
}

TEST_F(ServerClients, ThatAreIdleDoNotDelayTheEnd) {
  std::vector<RawClient> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(client());
    ASSERT_TRUE(healthy(idle.back()));
  }
  EXPECT_LT(time_to_stop(), 3s);
  for (auto& http : idle) {
    http.read_to_end();
    EXPECT_TRUE(http.closed());
  }
}

TEST_F(ServerClients, ThatSentHalfARequestDoNotDelayTheEndBeyondASecond) {
  std::vector<RawClient> halves;
  for (int i = 0; i < 8; ++i) {
    halves.push_back(client());
    halves.back().send("GET /metrics HTT");
  }
  std::this_thread::sleep_for(20ms);  // for some of them to occupy the workers
  EXPECT_LT(time_to_stop(), 3s);
}

TEST_F(ServerClients, ThatTakeNoAnswerDoNotDelayTheEndBeyondASecond) {
  auto snapshot = loop::Snapshot{};
  auto cluster = std::make_shared<rules::Cluster>();
  cluster->nodes.resize(50'000);
  for (int i = 0; i < 50'000; ++i)
    cluster->nodes[static_cast<std::size_t>(i)].id = rules::NodeId{i};
  snapshot.cluster = cluster;
  publish(snapshot);
  auto http = client();
  http.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_THAT(http.read_some(), StartsWith("HTTP/1.1 200"));  // more than the sockets hold follows
  EXPECT_LT(time_to_stop(), 3s);
}

TEST_F(ServerClients, ManyAtOnceAreAllServed) {
  constexpr int kClients = 16, kRequests = 20;
  std::vector<std::string> refused(kClients);  // what became of the first request that failed
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kClients; ++i) {
      threads.emplace_back([this, i, &why = refused[static_cast<std::size_t>(i)]] {
        auto http = client();
        for (int n = 0; n < kRequests && why.empty(); ++n) {
          const bool sent = http.send(kAsk);
          const auto got = http.read_until(kHealthy);
          if (got.ends_with(kHealthy)) continue;
          why = "client " + std::to_string(i) + ", request " + std::to_string(n) +
                (http.connected() ? "" : ", not connected") + (sent ? "" : ", not sent") +
                (http.closed() ? ", closed" : "") + (http.reset() ? ", reset" : "") +
                ", answered: '" + got + "'";
        }
      });
    }
  }
  EXPECT_THAT(refused, testing::Each(testing::IsEmpty()));
}

}  // namespace
}  // namespace evenkeel::web::server_clients_test
