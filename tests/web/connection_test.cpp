#include "agent/web/connection.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace evenkeel::web {
namespace {

using namespace std::chrono_literals;

class ConnectionTest : public testing::Test {
 protected:
  static constexpr ConnectionLimits kLimits{
      .read_time = 60ms, .write_time = 60ms, .parting_time = 60ms, .max_request = 100};

  static constexpr ConnectionLimits kPatient{
      .read_time = 10s, .write_time = 10s, .parting_time = 10s};

  Connection connect(ConnectionLimits limits = kLimits) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    peer_ = FileDescriptor(ends[0]);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    return Connection(FileDescriptor(ends[1]), limits);
  }
  void peer_sends(std::string_view bytes) {
    EXPECT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  // Everything up to the end or an error, one byte at a time as httplib reads.
  static std::string read_all(Connection& connection) {
    std::string all;
    char byte = 0;
    while (connection.read(&byte, 1) == 1) all += byte;
    return all;
  }
  template <typename Function>
  static std::chrono::milliseconds time_of(Function function) {
    const auto begin = Connection::Clock::now();
    function();
    return std::chrono::duration_cast<std::chrono::milliseconds>(Connection::Clock::now() - begin);
  }

  FileDescriptor peer_;
};

TEST_F(ConnectionTest, GivesUpOnARequestThatDoesNotCome) {
  auto connection = connect();
  connection.begin_request();
  peer_sends("GET /");
  const auto took = time_of([&] { EXPECT_EQ(read_all(connection), "GET /"); });
  EXPECT_GE(took, 55ms);
  EXPECT_LT(took, 3s);
}

TEST_F(ConnectionTest, GivesUpOnARequestThatTrickles) {
  auto connection = connect();
  connection.begin_request();
  const std::jthread trickle([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(10ms);
      ::send(peer_.get(), "x", 1, MSG_NOSIGNAL);
    }
  });
  const auto took = time_of([&] { EXPECT_LT(read_all(connection).size(), 20u); });
  EXPECT_LT(took, 3s);
}

TEST_F(ConnectionTest, GivesUpOnARequestBeyondItsBound) {
  auto connection = connect();
  connection.begin_request();
  peer_sends(std::string(300, 'x'));
  EXPECT_EQ(read_all(connection).size(), kLimits.max_request);
}

TEST_F(ConnectionTest, CountsTimeAndBytesAnewForEachRequest) {
  auto connection = connect({.read_time = 200ms, .max_request = 100});
  for (std::size_t i = 1; i <= 3; ++i) {
    connection.begin_request();
    EXPECT_EQ(connection.requests(), i);
    const std::jthread late([this] {
      std::this_thread::sleep_for(80ms);
      peer_sends(std::string(80, 'x'));
    });
    std::array<char, 80> request{};
    EXPECT_EQ(connection.read(request.data(), request.size()), 80);
  }
}

TEST_F(ConnectionTest, KnowsOfInputReadAhead) {
  auto connection = connect();
  connection.begin_request();
  peer_sends("ab");
  char byte = 0;
  EXPECT_EQ(connection.read(&byte, 1), 1);
  EXPECT_TRUE(connection.has_input());
  EXPECT_EQ(connection.read(&byte, 1), 1);
  EXPECT_FALSE(connection.has_input());
}

TEST_F(ConnectionTest, GivesUpOnAClientThatTakesNoAnswer) {
  auto connection = connect();
  connection.begin_request();
  const std::string answer(64u << 20, 'x');
  const auto took = time_of([&] {
    std::size_t sent = 0;
    ssize_t size = 0;
    while (sent < answer.size() &&
           (size = connection.write(answer.data() + sent, answer.size() - sent)) > 0) {
      sent += static_cast<std::size_t>(size);
    }
    EXPECT_EQ(size, -1);
  });
  EXPECT_GE(took, 55ms);
  EXPECT_LT(took, 3s);
}

TEST_F(ConnectionTest, FailsToWriteToAClientThatIsGone) {
  auto connection = connect();
  connection.begin_request();
  peer_ = FileDescriptor();
  EXPECT_EQ(connection.write("x", 1), -1);
}

TEST_F(ConnectionTest, PartsAtOnceFromAClientThatIsDone) {
  auto connection = connect(kPatient);
  ::shutdown(peer_.get(), SHUT_WR);
  EXPECT_LT(time_of([&] { connection.part(); }), 3s);
}

TEST_F(ConnectionTest, PartsSoonFromAClientThatIsNot) {
  auto connection = connect();
  const auto took = time_of([&] { connection.part(); });
  EXPECT_GE(took, 55ms);
  EXPECT_LT(took, 3s);
}

TEST_F(ConnectionTest, EndsWhatItWaitsForWhenAborted) {
  auto connection = connect(kPatient);
  connection.begin_request();
  const std::jthread other([&connection] {
    std::this_thread::sleep_for(10ms);
    connection.abort();
  });
  const auto took = time_of([&] { EXPECT_EQ(read_all(connection), ""); });
  EXPECT_LT(took, 3s);
}

}  // namespace
}  // namespace evenkeel::web
