#include "agent/web/dispatcher.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <latch>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "agent/web/listening_socket.hpp"
#include "tests/web/raw_client.hpp"

namespace evenkeel::web {
namespace {

using namespace std::chrono_literals;

// A request is one byte here, and so is its answer.
bool echo(Connection& connection) {
  char byte = 0;
  return connection.read(&byte, 1) == 1 && connection.write(&byte, 1) == 1;
}

class DispatcherTest : public testing::Test {
 protected:
  // Declare what `answer` refers to before its dispatcher, whose threads end with it.
  std::unique_ptr<Dispatcher> start(Dispatcher::Answer answer, DispatcherLimits limits) {
    auto listening = listen_on({.host = "127.0.0.1", .port = 0});
    EXPECT_TRUE(listening) << listening.error();
    port_ = listening->port;
    return std::make_unique<Dispatcher>(std::move(listening->socket), std::move(answer), limits);
  }
  static bool answered(RawClient& client) {
    return client.send("x") && client.read_until("x") == "x";
  }

  std::uint16_t port_ = 0;
};

TEST_F(DispatcherTest, ServesMoreConnectionsThanItHasWorkers) {
  const auto dispatcher = start(echo, {.workers = 1, .connections = 8});
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back(port_);
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) EXPECT_TRUE(answered(client));
  }
}

TEST_F(DispatcherTest, ClosesAConnectionThatIsIdleForTooLong) {
  const auto dispatcher = start(echo, {.idle = 50ms});
  RawClient never(port_);
  RawClient once(port_);
  EXPECT_TRUE(answered(once));
  never.read_to_end();
  once.read_to_end();
  EXPECT_TRUE(never.closed());
  EXPECT_TRUE(once.closed());
}

TEST_F(DispatcherTest, ClosesAConnectionThatIsDoneWith) {
  const auto dispatcher =
      start([](Connection& connection) { return echo(connection) && false; }, {});
  RawClient client(port_);
  client.send("x");
  EXPECT_EQ(client.read_to_end(), "x");
  EXPECT_TRUE(client.closed());
}

TEST_F(DispatcherTest, RefusesAConnectionWhenAllOthersAreBusy) {
  std::latch release(1);
  std::counting_semaphore<> busy(0);
  const auto dispatcher = start(
      [&](Connection& connection) {
        busy.release();
        release.wait();
        return echo(connection);
      },
      {.workers = 2, .connections = 2});
  RawClient first(port_);
  RawClient second(port_);
  first.send("x");
  second.send("x");
  busy.acquire();
  busy.acquire();
  RawClient third(port_);
  third.read_to_end();
  EXPECT_TRUE(third.closed() || third.reset());
  release.count_down();
  EXPECT_EQ(first.read_until("x"), "x");
  EXPECT_EQ(second.read_until("x"), "x");
}

TEST_F(DispatcherTest, LetsAnAnswerUnderWayFinishWhenItStops) {
  std::binary_semaphore begun(0);
  const auto dispatcher = start(
      [&](Connection& connection) {
        begun.release();
        std::this_thread::sleep_for(30ms);
        return echo(connection);
      },
      {});
  RawClient client(port_);
  client.send("x");
  begun.acquire();
  dispatcher->stop();
  EXPECT_EQ(client.read_to_end(), "x");
}

TEST_F(DispatcherTest, StopsAfterItsGraceWhateverAClientDoes) {
  std::binary_semaphore begun(0);
  const auto dispatcher = start(
      [&](Connection& connection) {
        begun.release();
        return echo(connection) && echo(connection);  // the second byte never comes
      },
      {.grace = 50ms});
  RawClient client(port_);
  client.send("x");
  begun.acquire();
  const auto begin = Connection::Clock::now();
  dispatcher->stop();
  EXPECT_LT(Connection::Clock::now() - begin, 1s);
}

TEST_F(DispatcherTest, GoesOnAfterTheSystemRanOutOfDescriptors) {
  const auto dispatcher = start(echo, {});
  RawClient before(port_);
  EXPECT_TRUE(answered(before));

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
  EXPECT_TRUE(answered(before)) << "connections that are open are served";
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);

  ASSERT_EQ(::send(client_socket.get(), "x", 1, MSG_NOSIGNAL), 1);
  char byte = 0;
  EXPECT_EQ(::recv(client_socket.get(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'x');
}

}  // namespace
}  // namespace evenkeel::web
