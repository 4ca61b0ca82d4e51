// What HTTP alone has: routes, what each kind of bad server comes to, long answers.
#include "agent/milvus/http_coordinator.hpp"

#include <filesystem>
#include <iterator>

#include "tests/milvus/coordinator_fixture.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::http_coordinator_test {
namespace {

using evenkeel::tests::answer;
using evenkeel::tests::Peer;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CoordinatorTest, KeepsThePathOfTheAddress) {
  serve("{}");
  auto url = server_->url("/milvus/");
  ask_at(url);
  ASSERT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(request_line(), "GET /milvus/api/v1/query-segment-info HTTP/1.1");
}

TEST_F(CoordinatorTest, MessageSaysWhatWasAskedOfWhom) {
  serve(sample("2.3.5/error.unknown-collection.json"));
  const auto result = run(coordinator_->segments(kBook));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::not_found);
  EXPECT_THAT(result.error().message,
              StartsWith("GET " + server_->url("/api/v1/query-segment-info").str() +
                         ": Milvus answered error 4 (code 100): collection not "
                         "found[database=default][collection=nope]; the collection was dropped"));
}

TEST_F(CoordinatorTest, NobodyListens) {
  ask_at({.host = "127.0.0.1", .port = evenkeel::tests::closed_port()});
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::transport);
  EXPECT_FALSE(nodes.error().timed_out);
  EXPECT_THAT(nodes.error().message,
              HasSubstr("connection refused (is Milvus up, and is this a proxy's HTTP port"));
}

TEST_F(CoordinatorTest, AnotherServersPort) {
  serve("404 page not found", 404);
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::malformed);
  EXPECT_THAT(nodes.error().message,
              HasSubstr("HTTP 404: this is no proxy's HTTP port (9091 by default), or a Milvus "
                        "whose /api/v1 is switched off (proxy.http.enabled) or retired"));
}

TEST_F(CoordinatorTest, RequestThatMilvusCannotRead) {
  serve(R"({"error_code":5,"reason":"bad request: parse body failed: unexpected EOF"})", 400);
  const auto failure = failure_of_move(kMove);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message, HasSubstr("HTTP 400: Milvus answered error 5: bad request"));
}

TEST_F(CoordinatorTest, ProxyInFrontThatIsOutOfOrder) {
  serve("<html>503 Service Temporarily Unavailable</html>", 503);
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::refused);
  EXPECT_THAT(nodes.error().message, HasSubstr("HTTP 503: <html>503 Service"));
}

class BadAnswer : public CoordinatorTest, public testing::WithParamInterface<std::string> {};

TEST_P(BadAnswer, IsMalformedToEveryCall) {
  serve(GetParam());
  const auto expect_malformed = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, FailureKind::malformed) << result.error().message;
  };
  expect_malformed(run(coordinator_->system_info()));
  expect_malformed(run(coordinator_->collections("default")));
  expect_malformed(run(coordinator_->replicas(kBook)));
  expect_malformed(run(coordinator_->segments(kBook)));
  expect_malformed(run(coordinator_->row_bytes(kBook)));
  expect_malformed(run(coordinator_->load_balance(kMove)));
}

INSTANTIATE_TEST_SUITE_P(Texts, BadAnswer,
                         testing::Values("", "{", R"({"x":1e999})",
                                         R"({"status":{}, "infos":[{"segm)",
                                         std::string(10'000, '['), "<html></html>", "[]", "7",
                                         R"({"error_code":"no"})"));

TEST_F(CoordinatorTest, AnswerLongerThanTheSettingsTake) {
  options_.timeout = std::chrono::seconds(20);
  options_.max_answer = 3u << 20;
  serve_script([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "100000\r\n" + std::string(0x100000, ' ') + "\r\n";
    for (int i = 0; i < 64 && peer.write(piece); ++i) {
    }
  });
  const auto nodes = run(coordinator_->system_info());
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().kind, FailureKind::transport);
  EXPECT_THAT(nodes.error().message, HasSubstr("over the 3 MiB taken ([milvus] max_answer)"));
}

std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

std::string long_list(int segments) {
  std::string text = R"({"status":{},"infos":[)";
  for (int id = 1; id <= segments; ++id) {
    text += R"({"segmentID":)" + std::to_string(id) + R"(,"nodeIds":[3]},)";
  }
  text.back() = ']';
  return text + "}";
}

// What takes long to read is read aside: health and metrics are served meanwhile.
TEST_F(CoordinatorTest, BigAnswersAreReadOnAThreadOfTheirOwn) {
  options_.timeout = std::chrono::seconds(20);
  serve_each({{"/api/v1/query-segment-info", long_list(50'000)}});
  (void)run(coordinator_->balancer_active());  // the connection has a thread of the server's
  const auto before = threads();
  auto segments = run(coordinator_->segments(kBook));
  ASSERT_TRUE(segments) << segments.error().message;
  ASSERT_EQ(segments->size(), 50'000U);
  EXPECT_EQ(segments->back().id, rules::SegmentId{50'000});
  EXPECT_EQ(threads(), before + 1);
  ASSERT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(threads(), before + 1);
}

TEST_F(CoordinatorTest, SmallAnswersAreReadAtOnce) {
  serve_each({{"/api/v1/query-segment-info", long_list(1'000)}});
  (void)run(coordinator_->balancer_active());
  const auto before = threads();
  ASSERT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(threads(), before);
}

TEST_F(CoordinatorTest, BigAnswersThatMakeNoSenseAreMalformed) {
  options_.read_here = 0;
  serve(R"({"status":{},"infos":[{"segmentID":1},{"segmentID":true}]})");
  auto failure = failure_of(coordinator_->segments(kBook));
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_THAT(failure.message, HasSubstr("GET " + server_->url("/api/v1/query-segment-info").str() +
                                         ": infos[1].segmentID: expected an integer"));
  serve(R"({"status":{"code":101,"reason":"gone"},"infos":[{"segmentID":true}]})");
  failure = failure_of(coordinator_->segments(kBook));
  EXPECT_EQ(failure.kind, FailureKind::not_loaded) << failure.message;
}

TEST(FailureKindName, IsALabelValue) {
  EXPECT_EQ(name(FailureKind::transport), "transport");
  EXPECT_EQ(name(FailureKind::malformed), "malformed");
  EXPECT_EQ(name(FailureKind::not_found), "not_found");
  EXPECT_EQ(name(FailureKind::not_loaded), "not_loaded");
  EXPECT_EQ(name(FailureKind::login), "login");
  EXPECT_EQ(name(FailureKind::unsupported), "unsupported");
  EXPECT_EQ(name(FailureKind::refused), "refused");
}

}  // namespace
}  // namespace evenkeel::milvus::http_coordinator_test
