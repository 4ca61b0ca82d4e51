// The client against servers that behave: requests, bodies, keep-alive.
#include <mutex>

#include "tests/http/client_fixture.hpp"

namespace evenkeel::http::client_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::Peer;
using evenkeel::tests::ScriptedServer;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Answers "ok", and keeps what was asked.
class Recorder {
 public:
  ScriptedServer::Script script() {
    return [this](Peer& peer, int) {
      for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
        {
          const std::lock_guard lock(mutex_);
          last_ = request;
        }
        peer.write(answer("ok"));
      }
    };
  }
  std::string last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  std::mutex mutex_;
  std::string last_;
};

TEST_F(ClientTest, AnswersStatusTypeAndBody) {
  ScriptedServer server(always(answer("hello", 200, "Content-Type: text/plain\r\n")));
  const auto response = send(get(server.url()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_type, "text/plain");
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->body_bytes, 5U);
}

TEST_F(ClientTest, AnyStatusButARedirectIsAnAnswer) {
  for (const int status : {204, 400, 404, 500, 503}) {
    const auto body = status == 204 ? "" : "why";
    ScriptedServer server(always(answer(body, status)));
    const auto response = send(get(server.url()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(response->body, body);
  }
}

TEST_F(ClientTest, SendsAnAuthorizationWhereItHasOne) {
  Recorder recorder;
  ScriptedServer server(recorder.script());
  auto request = get(server.url());
  ASSERT_TRUE(send(request));
  EXPECT_THAT(recorder.last(), Not(HasSubstr("Authorization")));
  request.authorization = "Bearer root:Milvus";
  ASSERT_TRUE(send(request));
  EXPECT_THAT(recorder.last(), HasSubstr("\r\nAuthorization: Bearer root:Milvus\r\n"));
}

TEST_F(ClientTest, TakesNoAuthorizationToWhereItIsRedirected) {
  ScriptedServer other(always(answer("hello")));
  ScriptedServer server(always(answer("", 307, "Location: " + other.url().str() + "\r\n")));
  auto request = get(server.url());
  request.authorization = "Bearer root:Milvus";
  const auto error = failure(request);
  EXPECT_EQ(error.kind, ErrorKind::redirect);
  EXPECT_THAT(error.message, Not(HasSubstr("root:Milvus")));
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(ClientTest, AsksWithHostAgentAndAccept) {
  Recorder recorder;
  ScriptedServer server(recorder.script());
  auto request = get(server.url("/metrics?x=1"));
  request.accept = "text/plain;version=0.0.4";
  ASSERT_TRUE(send(std::move(request)));
  EXPECT_THAT(recorder.last(), StartsWith("GET /metrics?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(recorder.last(),
              HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(recorder.last(), HasSubstr("User-Agent: evenkeel\r\n"));
  EXPECT_THAT(recorder.last(), HasSubstr("Accept: text/plain;version=0.0.4\r\n"));
  EXPECT_THAT(recorder.last(), Not(HasSubstr("Content-Length")));
}

TEST_F(ClientTest, SendsABodyWithGetAsMilvusWantsIt) {
  Recorder recorder;
  ScriptedServer server(recorder.script());
  auto request = get(server.url("/api/v1/collections"));
  request.body = R"({"type":1})";
  request.content_type = "application/json";
  ASSERT_TRUE(send(std::move(request)));
  EXPECT_THAT(recorder.last(), StartsWith("GET /api/v1/collections HTTP/1.1\r\n"));
  EXPECT_THAT(recorder.last(), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(recorder.last(), HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(recorder.last(), testing::EndsWith("\r\n\r\n{\"type\":1}"));
}

TEST_F(ClientTest, ReadsChunkedAnswers) {
  ScriptedServer server(
      always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "5\r\nhello\r\n1;ext=1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n"));
  const auto response = send(get(server.url()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "hello world");
  EXPECT_EQ(client_->idle_connections(), 1U);
}

TEST_F(ClientTest, ReadsAnswersThatEndWithTheConnection) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\nall there is");
  });
  const auto response = send(get(server.url()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "all there is");
  EXPECT_EQ(client_->idle_connections(), 0U);
}

TEST_F(ClientTest, StreamsAGoodAnswerPieceByPiece) {
  const std::string body(1 << 20, 'x');
  ScriptedServer server(always(answer(body)));
  std::string streamed;
  std::size_t largest = 0;
  auto request = get(server.url());
  request.on_body = [&](std::string_view piece) {
    streamed += piece;
    largest = std::max(largest, piece.size());
    return true;
  };
  const auto response = send(std::move(request));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(streamed, body);
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(response->body_bytes, body.size());
  EXPECT_LE(largest, 16U << 10) << "no connection may hold more than a chunk";
}

TEST_F(ClientTest, KeepsTheBodyOfABadAnswerForTheMessage) {
  ScriptedServer server(always(answer("no such page", 404)));
  auto request = get(server.url());
  request.on_body = [](std::string_view) {
    ADD_FAILURE() << "a 404 is not what was wanted";
    return true;
  };
  const auto response = send(std::move(request));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "no such page");
}

TEST_F(ClientTest, KeepsLittleOfAHugeBadAnswer) {
  ScriptedServer server(always(answer(std::string(1 << 20, 'x'), 500)));
  for (const bool streams : {false, true}) {
    auto request = get(server.url());
    if (streams) request.on_body = [](std::string_view) { return true; };
    const auto response = send(std::move(request));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body.size(), 64U << 10);
    EXPECT_EQ(response->body_bytes, 1U << 20);
  }
}

TEST_F(ClientTest, StopsWhereTheTakerSaysSo) {
  ScriptedServer server(always(answer(std::string(1 << 20, 'x'))));
  auto request = get(server.url());
  request.on_body = [](std::string_view) { return false; };
  EXPECT_EQ(failure(std::move(request)).kind, ErrorKind::aborted);
  EXPECT_EQ(client_->idle_connections(), 0U);
}

TEST_F(ClientTest, StopsWhereTheTakerThrows) {
  ScriptedServer server(always(answer("text")));
  auto request = get(server.url());
  request.on_body = [](std::string_view) -> bool { throw std::runtime_error("out of paper"); };
  const auto error = failure(std::move(request));
  EXPECT_EQ(error.kind, ErrorKind::aborted);
  EXPECT_THAT(error.message, HasSubstr("out of paper"));
}

TEST_F(ClientTest, UsesAKeptConnectionAgain) {
  ScriptedServer server(always(answer("ok")));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(get(server.url())));
  EXPECT_EQ(server.connections(), 1);
  client_->close_idle();
  EXPECT_EQ(client_->idle_connections(), 0U);
  ASSERT_TRUE(send(get(server.url())));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, KeepsNoConnectionThatTheServerWillClose) {
  ScriptedServer server(always(answer("ok", 200, "Connection: close\r\n")));
  ASSERT_TRUE(send(get(server.url())));
  EXPECT_EQ(client_->idle_connections(), 0U);
}

TEST_F(ClientTest, KeepsNoConnectionWithMoreThanTheAnswerOnIt) {
  ScriptedServer server(always(answer("ok") + "HTTP/1.1 200 smuggled"));
  ASSERT_TRUE(send(get(server.url())));
  EXPECT_EQ(client_->idle_connections(), 0U);
}

TEST_F(ClientTest, SendsOnceMoreWhereAKeptConnectionTurnsOutClosed) {
  // The first connection answers once, takes the second request and closes without a byte.
  ScriptedServer server([](Peer& peer, int number) {
    peer.read_request();
    peer.write(answer("from " + std::to_string(number)));
    peer.read_request();
    if (number == 2) peer.write(answer("unused"));
  });
  EXPECT_EQ(send(get(server.url()))->body, "from 1");
  const auto second = send(get(server.url()));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "from 2");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, DoesNotSendAgainOnceTheAnswerHasBegun) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write(answer("first"));
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n");
  });
  ASSERT_TRUE(send(get(server.url())));
  EXPECT_EQ(failure(get(server.url())).kind, ErrorKind::reset);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, DoesNotSendAgainOnAFreshConnection) {
  ScriptedServer server([](Peer& peer, int) { peer.read_request(); });
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::reset);
  EXPECT_THAT(error.message, HasSubstr("closed without an answer"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, AChangeGoesOnAFreshConnectionAndIsNeverRepeated) {
  ScriptedServer server([](Peer& peer, int number) {
    peer.read_request();
    if (number == 1) peer.write(answer("ok"));
    peer.read_request();
  });
  ASSERT_TRUE(send(get(server.url())));
  ASSERT_EQ(client_->idle_connections(), 1U);
  auto request = get(server.url());
  request.method = "POST";
  request.body = "{}";
  request.deadline = std::chrono::milliseconds(100);
  EXPECT_EQ(failure(std::move(request)).kind, ErrorKind::timeout);
  EXPECT_EQ(server.connections(), 2);
}

class BoundedPool : public ClientTest {
 protected:
  BoundedPool() : ClientTest({.max_idle_per_host = 2, .max_idle = 3}) {}

  // As many calls at once as asked, each on a connection of its own.
  void send_at_once(const ScriptedServer& server, int calls) {
    int ended = 0;
    for (int i = 0; i < calls; ++i) {
      asio::co_spawn(io_, client_->send(get(server.url())),
                     [&ended](const std::exception_ptr&, const Outcome& outcome) {
                       EXPECT_TRUE(outcome);
                       ++ended;
                     });
    }
    io_.restart();
    while (ended < calls && io_.run_one() > 0) {
    }
  }
};

TEST_F(BoundedPool, KeepsSoManyAHostAndSoManyInAll) {
  ScriptedServer one(always(answer("1")));
  ScriptedServer two(always(answer("2")));
  send_at_once(one, 5);
  EXPECT_EQ(one.connections(), 5);
  EXPECT_EQ(client_->idle_connections(), 2U);
  send_at_once(two, 5);
  EXPECT_EQ(client_->idle_connections(), 3U);
}

class ImpatientPool : public ClientTest {
 protected:
  ImpatientPool() : ClientTest({.idle_timeout = std::chrono::seconds(0)}) {}
};

TEST_F(ImpatientPool, ClosesWhatWasIdleTooLong) {
  ScriptedServer server(always(answer("ok")));
  ASSERT_TRUE(send(get(server.url())));
  ASSERT_TRUE(send(get(server.url())));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, SpeaksToIpv6Literals) {
  ScriptedServer server(always(answer("six")), "::1");
  const auto response = send(get(server.url()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "six");
}

TEST_F(ClientTest, ResolvesNames) {
  ScriptedServer server(always(answer("ok")));
  auto url = server.url();
  url.host = "localhost";
  const auto response = send(get(url));
  ASSERT_TRUE(response) << response.error().message;
}

}  // namespace
}  // namespace evenkeel::http::client_test
