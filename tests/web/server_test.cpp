// What a proper client gets.

#include "agent/web/server.hpp"

#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <latch>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/web/page.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/telemetry/example_snapshot.hpp"
#include "tests/web/gunzipped.hpp"
#include "tests/web/served.hpp"

namespace evenkeel::web::server_test {
namespace {

using loop::example_snapshot;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class ServerTest : public Served {
 protected:
  httplib::Client client() {
    httplib::Client client("127.0.0.1", server_.port());
    client.set_keep_alive(true);
    return client;
  }
};

TEST_F(ServerTest, ServesMetricsBeforeAndAfterTheFirstSnapshot) {
  auto http = client();
  const auto before = http.Get("/metrics");
  ASSERT_TRUE(before);
  EXPECT_EQ(before->status, 200);
  EXPECT_EQ(before->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(before->body, HasSubstr("evenkeel_build_info"));
  EXPECT_THAT(before->body, Not(HasSubstr("evenkeel_node_up")));

  publish(example_snapshot());
  EXPECT_THAT(http.Get("/metrics")->body, HasSubstr(R"(evenkeel_node_up{node_id="3")"));
}

TEST_F(ServerTest, IsHealthyAtOnceAndReadyOnceTheClusterWasObserved) {
  auto http = client();
  EXPECT_EQ(http.Get("/-/healthy")->status, 200);
  EXPECT_EQ(http.Get("/-/ready")->status, 503);
  publish(example_snapshot());
  EXPECT_EQ(http.Get("/-/ready")->status, 200);
}

TEST_F(ServerTest, ServesThePageUnderItsStrictPolicy) {
  auto http = client();
  const auto answer = http.Get("/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, page().html);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer->get_header_value("Cache-Control"), "no-store");
  EXPECT_EQ(answer->get_header_value("Content-Security-Policy"), page().security_policy);
  EXPECT_EQ(http.Get("/favicon.ico")->get_header_value("Content-Type"), "image/svg+xml");
}

TEST_F(ServerTest, CompressesWhatIsLongForThoseWhoTakeIt) {
  auto http = client();
  http.set_decompress(false);
  const httplib::Headers takes_gzip{{"Accept-Encoding", "deflate, gzip;q=0.5"}};
  for (const auto* path : {"/", "/metrics"}) {
    const auto packed = http.Get(path, takes_gzip);
    ASSERT_TRUE(packed);
    EXPECT_EQ(packed->get_header_value("Content-Encoding"), "gzip") << path;
    EXPECT_EQ(packed->get_header_value("Vary"), "Accept, Accept-Encoding");
    const auto plain = http.Get(path, {{"Accept-Encoding", "identity"}});
    EXPECT_EQ(plain->get_header_value("Content-Encoding"), "");
    EXPECT_LT(packed->body.size(), plain->body.size() / 2);
    const bool is_page = path == std::string_view("/");  // the metrics have changed meanwhile
    EXPECT_TRUE(!is_page || gunzipped(packed->body) == plain->body);
  }
  EXPECT_EQ(http.Get("/-/healthy", takes_gzip)->body, "Evenkeel is healthy.\n");
}

TEST_F(ServerTest, GivesOpenMetricsToThoseWhoPreferIt) {
  auto http = client();
  const auto answer = http.Get(
      "/metrics",
      {{"Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"},
       {"Accept-Encoding", "identity"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(answer->body.ends_with("# EOF\n"));
}

TEST_F(ServerTest, AnswersHeadLikeGetWithoutTheBody) {
  auto http = client();
  const auto head = http.Head("/-/healthy");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->get_header_value("Content-Length"), "21");
  EXPECT_EQ(http.Get("/-/healthy")->body, "Evenkeel is healthy.\n");
}

TEST_F(ServerTest, RefusesOtherMethodsAndSaysWhichItKnows) {
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    auto http = client();
    httplib::Request request;
    request.method = method;
    request.path = "/metrics";
    request.body = "{}";
    const auto refused = http.send(request);
    ASSERT_TRUE(refused) << method;
    EXPECT_EQ(refused->status, 405) << method;
    EXPECT_EQ(refused->get_header_value("Allow"), "GET, HEAD") << method;
  }
}

TEST_F(ServerTest, DoesNotKnowOtherPaths) {
  auto http = client();
  const auto answer = http.Get("/secret?x=<script>");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_THAT(answer->body, Not(HasSubstr("secret")));
}

TEST_F(ServerTest, SendsNoPartsAndNoCompressionThatItDoesNotHave) {
  publish(example_snapshot());
  auto http = client();
  const httplib::Headers headers{{"Range", "bytes=0-9,0-9"}, {"Accept-Encoding", "br, zstd"}};
  const auto answer = http.Get("/metrics", headers);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_FALSE(answer->has_header("Content-Encoding"));
  EXPECT_FALSE(http.Head("/metrics", headers)->has_header("Accept-Ranges"));
  EXPECT_THAT(answer->body, HasSubstr("evenkeel_node_up"));
}

TEST_F(ServerTest, ServesALargeAnswerWhole) {
  auto cluster = loop::example_cluster();
  for (int i = 1000; i < 20'000; ++i) {
    auto& node = cluster.nodes.emplace_back();
    node.id = rules::NodeId{i};
    node.capacity = 1;
  }
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  publish(snapshot);
  auto http = client();
  http.set_read_timeout(std::chrono::minutes{1});  // a sanitizer takes seconds to write it
  const auto answer = http.Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_GT(answer->body.size(), 2u << 20);
  EXPECT_THAT(answer->body.substr(answer->body.size() - 200),
              HasSubstr("process_virtual_memory_bytes"));
}

TEST_F(ServerTest, SaysWhereThePortIsTaken) {
  Server second(site([] { return nullptr; }, {}));
  const auto started = second.start({.host = "127.0.0.1", .port = server_.port()});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(), "cannot listen on 127.0.0.1:" + std::to_string(server_.port()) +
                                 ": address already in use; choose another with "
                                 "--web.listen-address or [web] listen_address");
  EXPECT_EQ(second.port(), 0);
}

TEST_F(ServerTest, CanHaveItsPortBackAtOnce) {
  const auto port = server_.port();
  EXPECT_EQ(client().Get("/-/healthy")->status, 200);
  server_.stop();
  EXPECT_FALSE(client().Get("/-/healthy"));
  const auto again = server_.start({.host = "127.0.0.1", .port = port});
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(client().Get("/-/healthy")->status, 200);
}

TEST(Server, SurvivesASourceThatThrows) {
  Server server(site([]() -> loop::SnapshotPtr { throw std::runtime_error("secret"); }, {}));
  ASSERT_TRUE(server.start({.host = "127.0.0.1", .port = 0}));
  httplib::Client http("127.0.0.1", server.port());
  const auto answer = http.Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_THAT(answer->body, Not(HasSubstr("secret")));
}

TEST(Server, ServesIpv6) {
  Server server(site([] { return nullptr; }, {}));
  const auto started = server.start({.host = "::1", .port = 0});
  if (!started) {
    // A kernel without IPv6; the message has brackets all the same.
    EXPECT_THAT(started.error(), testing::StartsWith("cannot listen on [::1]:0: "));
    return;
  }
  httplib::Client http("::1", server.port());
  EXPECT_EQ(http.Get("/-/healthy")->status, 200);
}

TEST(Server, ThatWasNeverStartedCanBeStopped) {
  Server server(site([] { return nullptr; }, {}));
  server.stop();
  EXPECT_EQ(server.port(), 0);
}

// Handlers that block. What they refer to is released before the fixture's server ends.
class ServerLanes : public testing::Test {
 protected:
  static Response done(const Request&) { return {.body = "done"}; }
  void start(Handler handler, std::size_t workers) {
    server_ = std::make_unique<Server>(
        std::move(handler), http::Limits{}, std::make_shared<Traffic>(),
        [](std::string_view) { return kReads; }, workers);
    const auto started = server_->start({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(started) << started.error();
  }

  std::unique_ptr<Server> server_;
};

// What the agent is judged by, while every worker is busy and more wait for one.
TEST_F(ServerLanes, HealthAndMetricsDoNotWaitForAnybody) {
  std::latch release(1);
  std::counting_semaphore<> busy(0);
  start(
      [&](const Request& request) {
        if (request.path != "/api/v1/segments") return done(request);
        busy.release();
        release.wait();
        return done(request);
      },
      2);
  std::vector<RawClient> readers;
  for (int i = 0; i < 40; ++i) {
    readers.emplace_back(server_->port());
    readers.back().send("GET /api/v1/segments HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  busy.acquire();
  busy.acquire();
  for (const auto* path : {"/-/healthy", "/-/ready", "/metrics"}) {
    RawClient client(server_->port());
    client.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(client.read_until("done").ends_with("done")) << path;
  }
  release.count_down();
  for (auto& reader : readers) EXPECT_TRUE(reader.read_until("done").ends_with("done"));
}

// A reload waits for the agent's loop.
TEST_F(ServerLanes, HealthDoesNotWaitForAReload) {
  std::latch release(1), busy(1);
  start(
      [&](const Request& request) {
        if (request.path == kReloadPath) {
          busy.count_down();
          release.wait();
        }
        return done(request);
      },
      1);
  RawClient reload(server_->port()), health(server_->port());
  reload.send("GET /-/reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  busy.wait();
  health.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(health.read_until("done").ends_with("done"));
  release.count_down();
  EXPECT_TRUE(reload.read_until("done").ends_with("done"));
}

TEST_F(ServerLanes, AnAnswerThatIsMadeDoesNotWaitForThoseThatAreNot) {
  std::latch second_came(1), release(1);
  start(
      [&](const Request& request) {
        if (request.path == "/first") second_came.wait();
        if (request.path == "/second") release.wait();
        return done(request);
      },
      1);
  RawClient first(server_->port()), second(server_->port());
  first.send("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n");
  second.send("GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawClient third(server_->port());
  third.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(third.read_until("done").ends_with("done")) << "by then the second waits";
  second_came.count_down();
  EXPECT_TRUE(first.read_until("done", 5s).ends_with("done"));
  release.count_down();
  EXPECT_TRUE(second.read_until("done").ends_with("done"));
}

}  // namespace
}  // namespace evenkeel::web::server_test
