#include "agent/demo/http_endpoint.hpp"

#include <gmock/gmock.h>

#include "tests/demo/talk.hpp"

namespace evenkeel::demo {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class HttpEndpointTest : public testing::Test {
 protected:
  // Answers with what it was asked, and a tail to some.
  static Awaitable<HttpReply> echo(HttpRequest request) {
    HttpReply reply{200, "text/plain", request.method + " " + request.path + " " + request.body,
                    nullptr};
    if (request.path == "/tail") reply.tail = std::make_shared<const std::string>("|tail");
    co_return reply;
  }

  std::string talk(const std::string& text) { return demo::talk(io, endpoint->port(), text); }

  asio::io_context io{1};
  std::unique_ptr<HttpEndpoint> endpoint = std::make_unique<HttpEndpoint>(io.get_executor(), &echo);
};

TEST_F(HttpEndpointTest, ReadsTheBodyOfAGet) {
  EXPECT_THAT(talk("GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                   "Content-Length: 5\r\n\r\nhello"),
              EndsWith("\r\n\r\nGET /a hello"));
}

TEST_F(HttpEndpointTest, SendsTheTailAfterTheBodyAndCountsItIn) {
  const auto answer = talk("GET /tail HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /tail |tail"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 15\r\n"));
}

TEST_F(HttpEndpointTest, KeepsTheConnectionUntilToldNotTo) {
  const auto answers = talk(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(answers, HasSubstr("\r\n\r\nGET /1 HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answers, EndsWith("\r\n\r\nPOST /2 "));
}

TEST_F(HttpEndpointTest, AnswersWhatItCannotRead) {
  EXPECT_THAT(talk("what is this\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(talk("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpEndpointTest, SaysNothingToAClientThatLeaves) {
  EXPECT_EQ(talk(""), "");
  EXPECT_EQ(talk("GET / HTTP/1.1\r\nHost"), "");
}

TEST_F(HttpEndpointTest, DestructionClosesThePortAndEveryConnection) {
  asio::ip::tcp::socket idle(io);
  idle.connect({asio::ip::address_v4::loopback(), endpoint->port()});
  while (io.poll() > 0) {
  }
  endpoint.reset();
  EXPECT_GT(io.run(), 0U);
  EXPECT_TRUE(io.stopped()) << "nothing is left that would keep the executor busy";
  char byte = 0;
  boost::system::error_code error;
  EXPECT_EQ(idle.read_some(asio::buffer(&byte, 1), error), 0U);
  EXPECT_TRUE(error);
}

TEST_F(HttpEndpointTest, ServesTheNextAfterAHandlerThrew) {
  bool threw = false;
  HttpEndpoint fragile(io.get_executor(), [&](HttpRequest request) -> Awaitable<HttpReply> {
    if (request.path == "/throw") {
      threw = true;
      throw std::runtime_error("no");
    }
    return echo(std::move(request));
  });
  const auto get = [](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  };
  EXPECT_EQ(demo::talk(io, fragile.port(), get("/throw")), "");
  EXPECT_TRUE(threw);
  EXPECT_THAT(demo::talk(io, fragile.port(), get("/fine")), EndsWith("GET /fine "));
}

}  // namespace
}  // namespace evenkeel::demo
