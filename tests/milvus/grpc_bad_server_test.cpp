// What each kind of bad server comes to over gRPC, and who is believed by TLS.
#include "agent/milvus/http_coordinator.hpp"
#include "tests/http/self_signed.hpp"
#include "tests/milvus/grpc_fixture.hpp"

namespace evenkeel::milvus::grpc_bad_server_test {
namespace {

using evenkeel::tests::closed_port;
using evenkeel::tests::ScriptedServer;
using evenkeel::tests::self_signed;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

class GrpcBadServer : public GrpcCoordinatorTest {};

TEST_F(GrpcBadServer, NobodyListens) {
  ask_at({.host = "127.0.0.1", .port = closed_port()});
  for (int i = 0; i < 2; ++i) {
    const auto failure = failure_of(coordinator().system_info());
    EXPECT_EQ(failure.kind, FailureKind::transport);
    EXPECT_FALSE(failure.timed_out);
    EXPECT_THAT(failure.message, HasSubstr("Connection refused"));
    EXPECT_THAT(failure.message, HasSubstr("is Milvus up"));
  }
}

TEST_F(GrpcBadServer, ThatIsBackIsAskedAgain) {
  serve({{"LoadBalance", {}}});
  ASSERT_TRUE(run(coordinator().load_balance(kShopMove)));
  const auto port = server_->url().port;
  server_.reset();
  EXPECT_EQ(failure_of(coordinator().load_balance(kShopMove)).kind, FailureKind::transport);
  serve({{"LoadBalance", {}}}, {}, port);
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
}

TEST_F(GrpcBadServer, ThatHangsTimesOut) {
  options_.timeout = milliseconds(200);
  serve({{"GetMetrics", {.never = true}}, {"LoadBalance", {}}});
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_TRUE(failure.timed_out);
  EXPECT_THAT(failure.message, HasSubstr("no answer within 200 ms"));
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove))) << "one call holds no other up";
}

TEST_F(GrpcBadServer, ThatAcceptsAndSaysNothingTimesOut) {
  options_.timeout = milliseconds(200);
  ScriptedServer silent([](auto& peer, int) { peer.hang(); });
  ask_at(silent.url());
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_TRUE(failure.timed_out);
  EXPECT_THAT(failure.message, HasSubstr("no connection within 200 ms"));
}

TEST_F(GrpcBadServer, ACallIsCancelledWithItsCoroutine) {
  using namespace asio::experimental::awaitable_operators;
  serve({{"GetMetrics", {.never = true}}});
  auto& asked = coordinator();
  const auto both = [&]() -> Awaitable<int> {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto until_asked = [&]() -> Awaitable<void> {
      while (server_->asked().empty()) {
        timer.expires_after(milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
      }
    };
    co_await (asked.system_info() || until_asked());
    co_return 0;
  };
  run(both());
  EXPECT_TRUE(server_->saw_cancelled(1));
}

TEST_F(GrpcBadServer, ACoordinatorThatGoesEndsItsCalls) {
  serve({{"GetMetrics", {.never = true}}});
  bool answered = false;
  asio::co_spawn(io_, coordinator().system_info(),
                 [&](const std::exception_ptr&, auto result) { answered = !result; });
  while (server_->asked().empty()) io_.run_for(milliseconds(1));
  EXPECT_FALSE(answered);
  coordinator_.reset();
  EXPECT_TRUE(server_->saw_cancelled(1));
}

TEST_F(GrpcBadServer, AnAnswerLongerThanTheSettingsTake) {
  options_.max_answer = 64 << 10;
  serve({{"GetMetrics", {std::string(100 << 10, 'x')}}});
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("[milvus] max_answer"));
}

TEST_F(GrpcBadServer, SixtyMebibytesAreReadAndSixtyFiveAreTooLong) {
  options_.timeout = std::chrono::seconds(20);
  serve({{"GetMetrics", {std::string(60u << 20, 'x')}}});
  const auto read = failure_of(coordinator().system_info());
  EXPECT_EQ(read.kind, FailureKind::malformed) << "it came whole, and is no answer";
  coordinator_.reset();  // the next server has another port
  serve({{"GetMetrics", {std::string(65u << 20, 'x')}}});
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("[milvus] max_answer"));
}

TEST_F(GrpcBadServer, ALongAnswerIsReadOnAThreadOfItsOwn) {
  options_.read_here = 100;
  serve({{"GetQuerySegmentInfo",
          {segments_over_grpc(sample("2.3.5/query-segment-info.book.json"))}}});
  EXPECT_EQ(good(run(coordinator().segments(kShopBook))).size(), 8U);
}

TEST_F(GrpcBadServer, BytesThatAreNoAnswerAreMalformed) {
  serve({{"GetQuerySegmentInfo", {"\xff\xff\xff"}}});
  EXPECT_EQ(failure_of(coordinator().segments(kShopBook)).kind, FailureKind::malformed);
}

TEST_F(GrpcBadServer, APortOfHttpIsSaidToBeOne) {
  ScriptedServer http([](auto& peer, int) {
    peer.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    peer.hang();
  });
  ask_at(http.url());
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("this is a port of HTTP"));
}

TEST_F(GrpcBadServer, APortOfGrpcIsNoneOfHttp) {
  serve({});
  http::Client client(io_.get_executor());
  HttpCoordinator http(client, server_->url(), {.timeout = milliseconds(2'000)});
  EXPECT_EQ(failure_of(http.system_info()).kind, FailureKind::transport);
}

TEST_F(GrpcBadServer, ThatResetsEachConnection) {
  ScriptedServer resetting([](auto& peer, int) { peer.end_with_reset(); });
  ask_at(resetting.url());
  const auto failure = failure_of(coordinator().system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_FALSE(failure.timed_out);
}

class GrpcTls : public GrpcCoordinatorTest {
 protected:
  GrpcTls() { options_.tls.ca_file = files_.write("ca.pem", server_identity_.certificate); }

  void serve_tls(const std::string& client_authorities = {}) {
    serve({{"LoadBalance", {}}},
          {server_identity_.certificate, server_identity_.key, client_authorities});
  }

  const evenkeel::tests::Identity server_identity_ = self_signed("DNS:localhost,IP:127.0.0.1");
  const evenkeel::tests::Identity client_identity_ = self_signed("DNS:evenkeel");
};

TEST_F(GrpcTls, BelievesTheNamedCa) {
  serve_tls();
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
}

TEST_F(GrpcTls, DoesNotBelieveAnother) {
  serve_tls();
  options_.tls.ca_file = files_.write("other.pem", client_identity_.certificate);
  const auto failure = failure_of(coordinator().load_balance(kShopMove));
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("ca_file"));
  EXPECT_THAT(methods(), ElementsAre());
}

TEST_F(GrpcTls, DoesNotBelieveAnotherName) {
  serve_tls();
  const auto other = self_signed("DNS:elsewhere");
  serve({{"LoadBalance", {}}}, {other.certificate, other.key, {}});
  options_.tls.ca_file = files_.write("elsewhere.pem", other.certificate);
  EXPECT_EQ(failure_of(coordinator().load_balance(kShopMove)).kind, FailureKind::transport);
}

TEST_F(GrpcTls, BelievesAnybodyWhereToldTo) {
  serve_tls();
  options_.tls = {.verify = false};
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
}

TEST_F(GrpcTls, ShowsItsOwnCertificateWhereItIsWanted) {
  serve_tls(client_identity_.certificate);
  const auto failure = failure_of(coordinator().load_balance(kShopMove));
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("needs [milvus] cert_file"));
  coordinator_.reset();
  options_.tls.cert_file = files_.write("own.pem", client_identity_.certificate);
  options_.tls.key_file = files_.write("own.key", client_identity_.key);
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
  coordinator_.reset();
  options_.tls.ca_file.clear();
  options_.tls.verify = false;
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
}

TEST_F(GrpcTls, ReadsItsFilesAgain) {
  serve_tls();
  options_.tls.ca_file = files_.write("ca.pem", client_identity_.certificate);
  EXPECT_FALSE(run(coordinator().load_balance(kShopMove)));
  files_.write("ca.pem", server_identity_.certificate);
  EXPECT_TRUE(coordinator().renew_tls());
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove)));
  files_.write("ca.pem", "nothing");
  EXPECT_FALSE(coordinator().renew_tls());
  EXPECT_TRUE(run(coordinator().load_balance(kShopMove))) << "the old ones are used on";
}

TEST_F(GrpcTls, APortThatWantsItIsToldFromOneThatDoesNot) {
  serve_tls();
  auto url = server_->url();
  url.tls = false;
  ask_at(url);
  const auto failure = failure_of(coordinator().load_balance(kShopMove));
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("asked as grpcs://"));
}

}  // namespace
}  // namespace evenkeel::milvus::grpc_bad_server_test
