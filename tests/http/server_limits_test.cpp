// The server's limits, made small, with a handler of the test's own.

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <latch>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "agent/util/file_descriptor.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/http/test_server.hpp"

namespace evenkeel::http::server_limits_test {
namespace {

#if defined(__has_feature)
constexpr bool kUndefinedBehaviorSanitizer = __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool kUndefinedBehaviorSanitizer = false;
#endif

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

constexpr auto* kAsk = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

ServerResponse done(const RequestHead&, std::string_view) {
  return {.body = "done"};
}

std::chrono::milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

class ServerLimits : public testing::Test {
 protected:
  // Declare what `handler` refers to before this server, whose threads end with it.
  std::unique_ptr<TestServer> start(TestServer::Handler handler, Limits limits,
                                    std::size_t workers = 4) {
    auto server = std::make_unique<TestServer>(std::move(handler), limits, workers);
    port_ = server->port();
    return server;
  }
  static bool answered(RawClient& client) {
    return client.send(kAsk) && client.read_until("done").ends_with("done");
  }

  std::uint16_t port_ = 0;
};

TEST_F(ServerLimits, MoreConnectionsThanWorkersAreServed) {
  const auto server = start(done, {.connections = 8}, 1);
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back(port_);
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) EXPECT_TRUE(answered(client));
  }
}

TEST_F(ServerLimits, ConnectionsThatSayNothingAreClosed) {
  const auto server = start(done, {.request = 50ms, .idle = 50ms});
  RawClient never(port_);
  RawClient once(port_);
  EXPECT_TRUE(answered(once));
  EXPECT_EQ(never.read_to_end(), "");
  EXPECT_EQ(once.read_to_end(), "");
  EXPECT_TRUE(never.closed());
  EXPECT_TRUE(once.closed());
}

TEST_F(ServerLimits, ARequestThatDoesNotComeWholeInTimeIsGivenUp) {
  const auto server = start(done, {.request = 100ms});
  RawClient half(port_);
  half.send("GET / HT");
  const auto begin = Clock::now();
  EXPECT_EQ(half.read_to_end(), "");
  EXPECT_TRUE(half.closed());
  server->stop();  // a client knows before it is counted
  EXPECT_EQ(server->dropped("too_slow"), 1);
  EXPECT_LT(since(begin), 5s);
}

TEST_F(ServerLimits, ARequestThatTricklesIsGivenUp) {
  const auto server = start(done, {.request = 150ms});
  RawClient client(port_);
  client.send("GET / HTTP/1.1\r\nX: ");
  for (int i = 0; i < 1000 && !client.closed() && !client.reset(); ++i) {
    client.send("x");
    EXPECT_EQ(client.read_some(10ms), "");
  }
  EXPECT_TRUE(client.closed() || client.reset());
  server->stop();  // a client knows before it is counted
  EXPECT_EQ(server->dropped("too_slow"), 1);
}

TEST_F(ServerLimits, AClientThatTakesNoAnswerIsLetGo) {
  const auto server = start(
      [](const RequestHead&, std::string_view) -> ServerResponse {
        return {.body = std::string(64u << 20, 'x')};
      },
      {.response = 100ms});
  RawClient client(port_);
  client.send(kAsk);
  std::this_thread::sleep_for(300ms);
  client.read_to_end();
  EXPECT_TRUE(client.reset() || client.closed());
}

TEST_F(ServerLimits, AnswersThatAreNotTakenDoNotPileUp) {
  const auto server = start(
      [](const RequestHead&, std::string_view) -> ServerResponse {
        return {.body = std::string(16u << 20, 'x')};
      },
      {.buffered = 40u << 20});
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(port_);
    clients.back().send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(clients.back().read_some(), StartsWith("HTTP/1.1 200"));
  }
  const auto size_of = [](RawClient& client) { return client.read_to_end().size(); };
  EXPECT_LT(size_of(clients.front()), 16u << 20) << "it kept its answer the longest";
  EXPECT_GT(size_of(clients.back()), 15u << 20);
}

TEST_F(ServerLimits, AConnectionIsRefusedWhenAllOthersAreBusy) {
  std::latch release(1);
  std::counting_semaphore<> busy(0);
  const auto server = start(
      [&](const RequestHead& head, std::string_view body) {
        busy.release();
        release.wait();
        return done(head, body);
      },
      {.connections = 2}, 2);
  RawClient first(port_);
  RawClient second(port_);
  first.send(kAsk);
  second.send(kAsk);
  busy.acquire();
  busy.acquire();
  RawClient third(port_);
  third.read_to_end();
  EXPECT_TRUE(third.closed() || third.reset());
  release.count_down();
  EXPECT_TRUE(first.read_until("done").ends_with("done"));
  EXPECT_TRUE(second.read_until("done").ends_with("done"));
}

// However many take the same answer, and however slowly.
TEST_F(ServerLimits, AnAnswerThatIsSharedIsThereOnce) {
  const SharedText shared(std::string(16u << 20, 'x'));
  const auto server = start(
      [&](const RequestHead&, std::string_view) -> ServerResponse { return {.body = shared}; },
      {.buffered = 40u << 20});
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(port_);
    clients.back().send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(clients.back().read_some(), StartsWith("HTTP/1.1 200"));
  }
  for (auto& client : clients) EXPECT_GT(client.read_to_end().size(), 15u << 20);
}

TEST_F(ServerLimits, RequestsThatAreComingDoNotPileUp) {
  const auto server = start(done, {.body = 1000, .buffered = 2500});
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(server->port());
    clients.back().send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
    EXPECT_THAT(clients.back().read_until("\r\n\r\n"), HasSubstr("100 Continue"));
    clients.back().send(std::string(900, 'x'));
  }
  // It has come when the one that has waited the longest had to go for it.
  clients.front().read_to_end();
  EXPECT_TRUE(clients.front().closed() || clients.front().reset());
  clients.back().send(std::string(100, 'x'));
  EXPECT_TRUE(clients.back().read_until("done").ends_with("done"));
}

TEST_F(ServerLimits, AnAnswerUnderWayIsFinishedBeforeTheEnd) {
  std::binary_semaphore begun(0);
  const auto server = start(
      [&](const RequestHead& head, std::string_view body) {
        begun.release();
        std::this_thread::sleep_for(30ms);
        return done(head, body);
      },
      {});
  RawClient client(port_);
  client.send(kAsk);
  begun.acquire();
  server->stop();
  const auto got = client.read_to_end();
  EXPECT_THAT(got, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(got.ends_with("done"));
}

TEST_F(ServerLimits, ConnectionsBeyondTheBoundPushOutTheLongestIdle) {
  const auto server = start(done, {.connections = 16});
  std::vector<RawClient> idle;
  for (int i = 0; i < 20; ++i) idle.emplace_back(port_);
  RawClient client(port_);
  EXPECT_TRUE(answered(client));
  idle.front().read_to_end();
  EXPECT_TRUE(idle.front().closed());
  EXPECT_TRUE(answered(idle.back()));
}

TEST_F(ServerLimits, SlowClientsBeyondTheBoundPushOutEachOther) {
  const auto server = start(done, {.connections = 16});
  std::vector<RawClient> slow;
  for (int i = 0; i < 200; ++i) {
    slow.emplace_back(port_);
    slow.back().send("GET / HTTP/1.1\r\nX: ");
    if (i % 20 != 0) continue;
    RawClient client(port_);
    EXPECT_TRUE(answered(client)) << i;
  }
  slow.front().read_to_end();
  EXPECT_TRUE(slow.front().closed() || slow.front().reset());
}

// A client that is far away has a connection for a while before its request is there. Others come
// meanwhile, from one address or several, and say nothing, begin to ask, or have been served.
TEST_F(ServerLimits, AFloodFromElsewherePushesNobodyOutWhoIsFarAway) {
  const auto server = start(done, {.connections = 32, .connections_per_address = 24});
  RawClient far(port_, 9);
  RawClient kept(port_, 10);
  EXPECT_TRUE(answered(kept));
  std::vector<RawClient> flood;
  for (int i = 0; i < 300; ++i) {
    const auto from = static_cast<std::uint8_t>(2 + (i < 150 ? 0 : i % 5));
    flood.emplace_back(port_, from);
    if (i % 3 == 1) flood.back().send("G");
    if (i % 3 == 2) answered(flood.back());
  }
  flood.emplace_back(port_, 2);
  EXPECT_TRUE(answered(flood.back())) << "all before it have been accepted";
  EXPECT_TRUE(answered(far));
  EXPECT_TRUE(answered(kept));
  flood.front().read_to_end();
  EXPECT_TRUE(flood.front().closed() || flood.front().reset());
}

TEST_F(ServerLimits, OneAddressHasNotAllConnections) {
  const auto server = start(done, {.connections = 64, .connections_per_address = 8});
  std::vector<RawClient> mine;
  for (int i = 0; i < 9; ++i) {
    mine.emplace_back(port_, 2);
    EXPECT_TRUE(answered(mine.back()));
  }
  mine.front().read_to_end();
  EXPECT_TRUE(mine.front().closed() || mine.front().reset());
  EXPECT_TRUE(answered(mine[1]));
  RawClient other(port_, 3);
  EXPECT_TRUE(answered(other));
}

TEST_F(ServerLimits, TheEndWaitsForNoClient) {
  auto server = start(
      [](const RequestHead&, std::string_view) -> ServerResponse {
        return {.body = std::string(64u << 20, 'x')};
      },
      {.grace = 100ms});
  std::vector<RawClient> clients;
  for (int i = 0; i < 30; ++i) {
    clients.emplace_back(port_);
    // Some say nothing, some half a request, and one takes no answer.
    if (i % 2 == 0) clients.back().send("GET / HT");
  }
  clients.front().send("TP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(clients.front().read_some(), StartsWith("HTTP/1.1 200"));
  const auto begin = Clock::now();
  server->stop();
  EXPECT_LT(since(begin), 3s);
}

TEST_F(ServerLimits, ServingGoesOnAfterTheSystemRanOutOfDescriptors) {
  if (kUndefinedBehaviorSanitizer) {
    GTEST_SKIP() << "its check of an object's type opens a pipe, and takes a failure of that for a "
                    "wrong object";
  }
  const auto server = start(done, {});
  RawClient before(port_);
  EXPECT_TRUE(answered(before));

  testing::internal::CaptureStderr();
  const FileDescriptor client_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const FileDescriptor lowest_free(dup(STDIN_FILENO));
  rlimit none_left = limit;
  none_left.rlim_cur = static_cast<rlim_t>(lowest_free.get());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(client_socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
            0);
  while (server->dropped("no_descriptors") < 3) {
    EXPECT_TRUE(answered(before)) << "connections that are open are served";
    std::this_thread::sleep_for(10ms);
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const auto log = testing::internal::GetCapturedStderr();
  const std::string said = "no file descriptor is left";
  EXPECT_THAT(log, HasSubstr(said));
  EXPECT_EQ(log.find(said), log.rfind(said)) << "once, though it was met three times: " << log;

  const std::string_view ask = kAsk;
  ASSERT_EQ(::send(client_socket.get(), ask.data(), ask.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(ask.size()));
  char byte = 0;
  EXPECT_EQ(::recv(client_socket.get(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'H');
}

}  // namespace
}  // namespace evenkeel::http::server_limits_test
