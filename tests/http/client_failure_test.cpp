// The client against servers that hang, reset, trickle, redirect, flood and lie.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <future>
#include <thread>

#include "tests/http/black_hole.hpp"
#include "tests/http/client_fixture.hpp"

namespace evenkeel::http::client_failure_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::Peer;
using evenkeel::tests::ScriptedServer;
using std::chrono::milliseconds;
using testing::HasSubstr;

using Clock = std::chrono::steady_clock;

class FailingServer : public ClientTest {
 protected:
  // A call that must hit its deadline of 100 ms, and soon after.
  Error times_out(Request request) {
    request.deadline = milliseconds(100);
    const auto start = Clock::now();
    auto error = failure(std::move(request));
    EXPECT_GE(Clock::now() - start, milliseconds(100));
    EXPECT_LT(Clock::now() - start, milliseconds(1500));
    EXPECT_EQ(error.kind, ErrorKind::timeout) << error.message;
    return error;
  }
};

TEST_F(FailingServer, NobodyListens) {
  const Url url{.host = "127.0.0.1", .port = evenkeel::tests::closed_port()};
  const auto error = failure(get(url));
  EXPECT_EQ(error.kind, ErrorKind::connect);
  EXPECT_EQ(error.message, "GET " + url.str() + ": connection refused");
}

TEST_F(FailingServer, TakesNoMoreConnections) {
  const evenkeel::tests::BlackHole hole;
  const auto error = times_out(get({.host = "127.0.0.1", .port = hole.port()}));
  EXPECT_THAT(error.message, HasSubstr("no connection within 100 ms"));
}

TEST_F(FailingServer, NameThatDoesNotExist) {
  const auto error = failure(get({.host = "no-such-host.invalid", .port = 80}));
  EXPECT_EQ(error.kind, ErrorKind::resolve);
  EXPECT_THAT(error.message, HasSubstr("cannot resolve no-such-host.invalid"));
}

TEST_F(FailingServer, NameServerHangs) {
  FakeNames names;
  use(names);
  names.hang("hangs.test");
  const auto error = times_out(get({.host = "hangs.test", .port = 80}));
  EXPECT_THAT(error.message, HasSubstr("the host's name was not resolved within 100 ms"));
}

TEST_F(FailingServer, HangsBeforeTheHeader) {
  ScriptedServer server([](Peer& peer, int) { peer.hang(); });
  const auto error = times_out(get(server.url("/metrics")));
  EXPECT_EQ(error.message, "GET " + server.url("/metrics").str() + ": no answer within 100 ms");
}

TEST_F(FailingServer, HangsWithinTheHeader) {
  ScriptedServer server([](Peer& peer, int) {
    peer.write("HTTP/1.1 200 OK\r\nContent-");
    peer.hang();
  });
  times_out(get(server.url()));
}

TEST_F(FailingServer, HangsWithinTheBody) {
  ScriptedServer server([](Peer& peer, int) {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    peer.hang();
  });
  EXPECT_THAT(times_out(get(server.url())).message,
              HasSubstr("the answer did not end within 100 ms (3 bytes came)"));
}

TEST_F(FailingServer, TricklesFastEnoughToLookAlive) {
  ScriptedServer server([](Peer& peer, int) {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (peer.write("x")) std::this_thread::sleep_for(milliseconds(2));
  });
  times_out(get(server.url()));
}

TEST_F(FailingServer, FloodsWithoutAnEnd) {
  ScriptedServer server([](Peer& peer, int) {
    const std::string piece = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.write(piece)) {
    }
  });
  auto request = get(server.url());
  request.max_body = std::size_t{1} << 50;
  request.on_body = [](std::string_view) { return true; };
  times_out(std::move(request));
}

TEST_F(FailingServer, GetsNothingThatMayNoLongerBeSent) {
  std::promise<std::string> taken;
  ScriptedServer server([&taken](Peer& peer, int) { taken.set_value(peer.read_request()); });
  auto request = get(server.url());
  int asked = 0;
  request.may_send = [&asked] {
    ++asked;
    return false;
  };
  const auto error = failure(std::move(request));
  EXPECT_EQ(error.kind, ErrorKind::aborted);
  EXPECT_THAT(error.message, HasSubstr("not sent, since it came too late"));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(taken.get_future().get(), "");
}

TEST_F(FailingServer, ResetsWithinTheBody) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    std::this_thread::sleep_for(milliseconds(20));  // a reset overtakes what was not read yet
    peer.end_with_reset();
  });
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::reset);
  EXPECT_THAT(error.message, HasSubstr("the answer ended after 3 of 100 bytes"));
}

TEST_F(FailingServer, ClosesWithinTheBody) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  });
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::reset);
  EXPECT_THAT(error.message, HasSubstr("the answer ended after 3 of 100 bytes"));
}

TEST_F(FailingServer, ClosesBetweenTwoChunks) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  });
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::reset);
  EXPECT_THAT(error.message, HasSubstr("the answer ended after 3 bytes, before its end"));
}

TEST_F(FailingServer, SendsChunksThatMakeNoSense) {
  ScriptedServer server(
      always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n"));
  EXPECT_EQ(failure(get(server.url())).kind, ErrorKind::protocol);
}

TEST_F(FailingServer, Redirects) {
  ScriptedServer server(always(answer("", 301, "Location: https://elsewhere/metrics\r\n")));
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::redirect);
  EXPECT_THAT(error.message, HasSubstr("redirected to 'https://elsewhere/metrics' (HTTP 301)"));
}

TEST_F(FailingServer, AnnouncesTooMuch) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\nabc");
    peer.hang();
  });
  auto request = get(server.url());
  request.max_body = 64u << 20;
  const auto error = failure(std::move(request));
  EXPECT_EQ(error.kind, ErrorKind::too_large);
  EXPECT_THAT(error.message, HasSubstr("the answer is over the 64 MiB taken"));
}

TEST_F(FailingServer, SendsTooMuchInChunks) {
  ScriptedServer server([](Peer& peer, int) {
    const std::string piece = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 1024 && peer.write(piece); ++i) {
    }
  });
  std::size_t taken = 0;
  auto request = get(server.url());
  request.max_body = 1u << 20;
  request.on_body = [&taken](std::string_view piece) {
    taken += piece.size();
    return true;
  };
  EXPECT_EQ(failure(std::move(request)).kind, ErrorKind::too_large);
  EXPECT_LE(taken, 1U << 20);
}

TEST_F(FailingServer, SendsTooMuchUntilItCloses) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 1024 && peer.write(std::string(0x10000, 'x')); ++i) {
    }
  });
  auto request = get(server.url());
  request.max_body = 1u << 20;
  EXPECT_EQ(failure(std::move(request)).kind, ErrorKind::too_large);
}

TEST_F(FailingServer, DoesNotSpeakHttp) {
  ScriptedServer server(always("SSH-2.0-OpenSSH_9.2p1\r\n\r\n\r\n"));
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::protocol);
  EXPECT_THAT(error.message, HasSubstr("the answer is not HTTP/1.1"));
}

TEST_F(FailingServer, SendsRandomBytes) {
  ScriptedServer server(always(std::string("\x00\xff\x16\x03\x01\r\n\r\n", 9)));
  EXPECT_EQ(failure(get(server.url())).kind, ErrorKind::protocol);
}

TEST_F(FailingServer, FloodsTheHeader) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100'000 && peer.write("X-Flood: " + std::string(1000, 'x') + "\r\n"); ++i) {
    }
  });
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::protocol);
  EXPECT_THAT(error.message, HasSubstr("header is over 64 KiB"));
}

TEST_F(FailingServer, AnswersInTheInterimOnly) {
  ScriptedServer server(always("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  const auto error = failure(get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::protocol);
  EXPECT_THAT(error.message, HasSubstr("HTTP 101"));
}

class CancelledCall : public ClientTest {
 protected:
  // Sends, and cancels once the server (or the resolver) has been reached.
  Error cancel_after(milliseconds delay, Request request) {
    std::optional<Outcome> outcome;
    asio::cancellation_signal signal;
    asio::co_spawn(io_, client_->send(std::move(request)),
                   asio::bind_cancellation_slot(
                       signal.slot(), [&outcome](const std::exception_ptr& thrown, Outcome ended) {
                         EXPECT_FALSE(thrown);
                         outcome = std::move(ended);
                       }));
    asio::steady_timer timer(io_, delay);
    timer.async_wait([&signal](auto) { signal.emit(asio::cancellation_type::terminal); });
    const auto start = Clock::now();
    while (!outcome && io_.run_one() > 0) {
    }
    EXPECT_LT(Clock::now() - start, milliseconds(1500));
    if (!outcome.has_value() || outcome->has_value()) {
      ADD_FAILURE() << "not cancelled";
      return {ErrorKind::status, "not cancelled"};
    }
    return outcome->error();
  }
};

TEST_F(CancelledCall, EndsWhileTheServerHangs) {
  ScriptedServer server([](Peer& peer, int) { peer.hang(); });
  const auto error = cancel_after(milliseconds(20), get(server.url()));
  EXPECT_EQ(error.kind, ErrorKind::cancelled);
  EXPECT_EQ(error.message, "GET " + server.url().str() + ": cancelled");
}

TEST_F(CancelledCall, EndsWhileTheServerFloods) {
  ScriptedServer server([](Peer& peer, int) {
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    while (peer.write(std::string(1 << 16, 'x'))) {
    }
  });
  auto request = get(server.url());
  request.max_body = std::size_t{1} << 50;
  request.on_body = [](std::string_view) { return true; };
  EXPECT_EQ(cancel_after(milliseconds(20), std::move(request)).kind, ErrorKind::cancelled);
}

TEST_F(CancelledCall, EndsWhileTheNameServerHangs) {
  FakeNames names;
  use(names);
  names.hang("hangs.test");
  const auto error = cancel_after(milliseconds(20), get({.host = "hangs.test", .port = 80}));
  EXPECT_EQ(error.kind, ErrorKind::cancelled);
}

TEST_F(ClientTest, EndsItsCallsWhenItEnds) {
  ScriptedServer server([](Peer& peer, int) { peer.hang(); });
  std::optional<Outcome> outcome;
  asio::co_spawn(
      io_, client_->send(get(server.url())),
      [&outcome](const std::exception_ptr&, Outcome ended) { outcome = std::move(ended); });
  io_.run_for(milliseconds(20));
  ASSERT_FALSE(outcome);
  client_.reset();
  io_.run_for(milliseconds(1000));
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ErrorKind::cancelled);
}

TEST(ClientLoop, MayEndWithCallsUnderWay) {
  ScriptedServer server([](Peer& peer, int) { peer.hang(); });
  auto io = std::make_unique<asio::io_context>();
  auto client = std::make_unique<Client>(io->get_executor());
  Request request;
  request.url = server.url();
  asio::co_spawn(*io, client->send(request), asio::detached);
  io->run_for(milliseconds(20));
  client.reset();
  io.reset();
  SUCCEED() << "the sanitizers watch";
}

}  // namespace
}  // namespace evenkeel::http::client_failure_test
