#include "agent/http/server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/http/raw_client.hpp"
#include "tests/http/test_server.hpp"

namespace evenkeel::http::server_test {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class ServerTest : public testing::Test {
 protected:
  // Says what was asked, with a tail to some.
  static ServerResponse echo(const RequestHead& head, std::string_view body) {
    if (head.path == "/throw") throw std::runtime_error("no");
    ServerResponse response{.body = head.method + " " + head.path + " " + std::string(body)};
    if (head.path == "/tail") response.tail = "|tail";
    return response;
  }
  // All that comes back when nothing follows `text`.
  std::string talk(const std::string& text) {
    RawClient client(server_.port());
    client.send(text);
    client.end();
    return client.read_to_end();
  }

  TestServer server_{echo};
};

TEST_F(ServerTest, ReadsTheBodyOfAGet) {
  EXPECT_THAT(talk("GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                   "Content-Length: 5\r\n\r\nhello"),
              EndsWith("\r\n\r\nGET /a hello"));
}

TEST_F(ServerTest, SendsTheTailBehindTheBodyAndCountsItIn) {
  const auto got = talk("GET /tail HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, EndsWith("\r\n\r\nGET /tail |tail"));
  EXPECT_THAT(got, HasSubstr("Content-Length: 15\r\n"));
  EXPECT_THAT(talk("HEAD /tail HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, KeepsTheConnectionUntilToldNotTo) {
  const auto got = talk(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(got, HasSubstr("\r\n\r\nGET /1 HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(got, EndsWith("\r\n\r\nPOST /2 "));
}

TEST_F(ServerTest, AnswersWhatItCannotRead) {
  EXPECT_THAT(talk("what is this\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(talk("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, SaysNothingToAClientThatLeaves) {
  EXPECT_EQ(talk(""), "");
  EXPECT_EQ(talk("GET / HTTP/1.1\r\nHost"), "");
  EXPECT_EQ(talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell"), "");
}

TEST_F(ServerTest, ServesTheNextAfterAHandlerThrew) {
  EXPECT_EQ(talk("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"), "");
  EXPECT_THAT(talk("GET /fine HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("GET /fine "));
}

// The client's time is its own: what the service takes before it reads the body is none of it.
TEST(Server, GivesTheClientAllItsTimeForTheBody) {
  class Slow final : public Service {
   public:
    Awaitable<Result> respond(ServerRequest& request) override {
      asio::steady_timer timer(co_await asio::this_coro::executor, 400ms);
      co_await timer.async_wait(asio::use_awaitable);
      const auto body = co_await request.read_body();
      if (!body) co_return tl::unexpected(body.error());
      co_return ServerResponse{.body = std::string(*body)};
    }
  };
  asio::io_context io{1};
  std::optional<Server> server(std::in_place, *listen(io.get_executor(), "127.0.0.1", 0),
                               std::make_shared<Slow>(), Limits{.request = 300ms});
  std::thread thread([&] { io.run(); });
  RawClient client(server->port());
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  client.send("hello");
  EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\nhello"));
  asio::post(io, [&] { server.reset(); });
  thread.join();
}

TEST(Server, ClosesThePortAndEveryConnectionAtItsEnd) {
  asio::io_context io{1};
  class Silent final : public Service {
   public:
    Awaitable<Result> respond(ServerRequest&) override { co_return ServerResponse{}; }
  };
  auto server = std::make_unique<Server>(*listen(io.get_executor(), "127.0.0.1", 0),
                                         std::make_shared<Silent>());
  const auto port = server->port();
  RawClient idle(port);
  while (io.poll() > 0) {
  }
  server.reset();
  EXPECT_GT(io.run(), 0U);
  EXPECT_TRUE(io.stopped()) << "nothing is left that would keep the executor busy";
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_TRUE(idle.closed() || idle.reset());
  EXPECT_FALSE(RawClient(port).connected());
}

}  // namespace
}  // namespace evenkeel::http::server_test
