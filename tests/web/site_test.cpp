#include "agent/web/site.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <set>

#include "tests/telemetry/example_snapshot.hpp"
#include "tests/web/gunzipped.hpp"

namespace evenkeel::web::site_test {
namespace {

using loop::example_snapshot;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

loop::Snapshot incomplete() {
  auto cluster = loop::example_cluster();
  cluster.coordinator_complete = false;
  cluster.problems = {{"replicas of book: no answer within 10 s"}};
  loop::Snapshot snapshot;
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  return snapshot;
}

Request request_of(std::string_view method, std::string_view path) {
  Request request;
  request.method = method;
  request.path = path;
  return request;
}

TEST(Ready, NotBeforeTheFirstObservation) {
  Readiness readiness;
  const auto before = respond("/-/ready", nullptr, readiness, {});
  EXPECT_EQ(before.status, 503);
  EXPECT_EQ(before.body, "Evenkeel is not ready: the cluster has not been observed yet.\n");
  const loop::Snapshot empty;
  EXPECT_EQ(respond("/-/ready", &empty, readiness, {}).status, 503);
}

TEST(Ready, NotBeforeACompleteObservationAndSaysWhatIsMissing) {
  Readiness readiness;
  const auto snapshot = incomplete();
  const auto out = respond("/-/ready", &snapshot, readiness, {});
  EXPECT_EQ(out.status, 503);
  EXPECT_EQ(out.body,
            "Evenkeel is not ready: the proxy has not answered every question yet (replicas of "
            "book: no answer within 10 s).\n");
}

TEST(Ready, FromTheFirstCompleteObservationOnForGood) {
  Readiness readiness;
  const auto complete = example_snapshot();
  const auto out = respond("/-/ready", &complete, readiness, {});
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.body, "Evenkeel is ready.\n");
  const auto later = incomplete();
  EXPECT_EQ(respond("/-/ready", &later, readiness, {}).status, 200);
}

TEST(Ready, AlsoWhereNobodyAskedAtTheCompleteObservation) {
  Readiness readiness;
  auto snapshot = incomplete();
  snapshot.decisions = {loop::example_decision()};  // judged a complete one
  EXPECT_EQ(respond("/-/ready", &snapshot, readiness, {}).status, 200);
}

TEST(Response, MetricsBeforeTheFirstSnapshotAreOfTheProcess) {
  Readiness readiness;
  const auto out = respond("/metrics", nullptr, readiness, {});
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(out.body, HasSubstr("process_resident_memory_bytes"));
}

TEST(Response, MetricsAreInTheFormatThatIsPreferred) {
  const auto snapshot = std::make_shared<const loop::Snapshot>(example_snapshot());
  const auto handler = site([&] { return snapshot; }, {});
  auto request = request_of("GET", "/metrics");
  EXPECT_EQ(handler(request).content_type, "text/plain; version=0.0.4; charset=utf-8");
  request.prefers_openmetrics = true;
  const auto openmetrics = handler(request);
  EXPECT_EQ(openmetrics.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(openmetrics.body.str().ends_with("\n# EOF\n"));
}

// Each way of asking has its own, and those who ask alike share it.
TEST(Response, LargeMetricsAreSharedByThoseWhoAskAlike) {
  auto large = example_snapshot();
  auto cluster = *large.cluster;
  for (int i = 0; i < 20'000; ++i) {
    auto& node = cluster.nodes.emplace_back(cluster.nodes.front());
    node.id = rules::NodeId{1000 + i};
  }
  large.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
  const auto snapshot = std::make_shared<const loop::Snapshot>(std::move(large));
  const auto handler = site([&] { return snapshot; }, {});
  std::set<const void*> bodies;
  for (const bool openmetrics : {false, true}) {
    for (const bool gzip : {false, true}) {
      auto request = request_of("GET", "/metrics");
      request.prefers_openmetrics = openmetrics;
      request.takes_gzip = gzip;
      const auto first = handler(request);
      EXPECT_EQ(first.headers.empty(), !gzip);
      const std::string text = gzip ? gunzipped(first.body) : first.body.str();
      ASSERT_GT(text.size(), 1U << 20);
      EXPECT_EQ(text.ends_with("# EOF\n"), openmetrics);
      bodies.insert(first.body.id());
      bodies.insert(handler(request).body.id());
    }
  }
  // A slow machine may take more than the second for which they are kept.
  EXPECT_GE(bodies.size(), 4U);
  EXPECT_LT(bodies.size(), 8U);
}

TEST(Response, HealthyWhateverTheCluster) {
  Readiness readiness;
  EXPECT_EQ(respond("/-/healthy", nullptr, readiness, {}).body, "Evenkeel is healthy.\n");
}

TEST(Response, TheManualIsBelowDocs) {
  Readiness readiness;
  for (const std::string path : {"/docs/", "/docs/dashboards/ALERTS.md"}) {
    const auto out = respond(path, nullptr, readiness, {});
    EXPECT_EQ(out.status, 200) << path;
    EXPECT_EQ(out.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(out.body.str(), HasSubstr("<style>:root"));
    EXPECT_THAT(out.security_policy, StartsWith("default-src 'none'; style-src 'sha256-"));
    EXPECT_THAT(out.security_policy, Not(HasSubstr("script")));
  }
  EXPECT_THAT(respond("/docs/dashboards/ALERTS.md", nullptr, readiness, {}).body.str(),
              HasSubstr("id=\"evenkeeldown\""));
  for (const auto* path : {"/docs", "/docs/../metrics", "/docs/dashboards/", "/docs/README.md"}) {
    EXPECT_EQ(respond(path, nullptr, readiness, {}).status, 404) << path;
  }
}

TEST(Response, OnlyExactPathsAreKnown) {
  Readiness readiness;
  for (const auto* path :
       {"", "/metrics/", "/metrics2", "//", "/-/", "/../etc/passwd", "/index.html"}) {
    EXPECT_EQ(respond(path, nullptr, readiness, {}).status, 404) << path;
  }
}

TEST(Reload, IsAskedForByPostAlone) {
  int reloads = 0;
  const auto handler = with_reload([](const Request&) { return Response{.status = 418}; },
                                   [&] {
                                     ++reloads;
                                     return Response{.body = "read again\n"};
                                   });
  const auto read = handler(request_of("GET", kReloadPath));
  EXPECT_EQ(read.status, 405);
  EXPECT_THAT(read.headers, testing::ElementsAre(testing::Pair("Allow", "POST")));
  EXPECT_EQ(handler(request_of("POST", "/-/healthy")).status, 418);
  EXPECT_EQ(reloads, 0);
  EXPECT_EQ(handler(request_of("POST", kReloadPath)).body, "read again\n");
  EXPECT_EQ(reloads, 1);
}

TEST(Answers, SayNothingToATerminal) {
  Readiness readiness;
  loop::Snapshot snapshot;
  rules::Cluster cluster;
  cluster.problems = {
      {"collection \x1b]0;owned\x07 is not loaded\n\xc2\x9b"
       "2J"}};
  snapshot.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
  EXPECT_EQ(respond("/-/ready", &snapshot, readiness, {}).body,
            "Evenkeel is not ready: the proxy has not answered every question yet (collection "
            "?]0;owned? is not loaded??2J).\n");
}

}  // namespace
}  // namespace evenkeel::web::site_test
