#include "agent/web/listening_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/web/raw_client.hpp"

namespace evenkeel::web {
namespace {

TEST(ListeningSocket, TakesAFreePortForPortZero) {
  const auto socket = listen_on({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(socket) << socket.error();
  EXPECT_NE(socket->port, 0);
  EXPECT_TRUE(RawClient(socket->port).connected());
}

TEST(ListeningSocket, RefusesAPortInUseAndSaysWhatToDo) {
  const auto first = listen_on({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(first) << first.error();
  const auto second = listen_on({.host = "127.0.0.1", .port = first->port});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), "cannot listen on 127.0.0.1:" + std::to_string(first->port) +
                                ": address already in use; choose another with "
                                "--web.listen-address or [web] listen_address");
}

TEST(ListeningSocket, DoesNotShareThePortOfAProgramThatWould) {
  const auto first = listen_on({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(first) << first.error();
  int shared = 1;
  socklen_t size = sizeof shared;
  ASSERT_EQ(getsockopt(first->socket.get(), SOL_SOCKET, SO_REUSEPORT, &shared, &size), 0);
  EXPECT_EQ(shared, 0);
}

TEST(ListeningSocket, WithoutAHostIsReachedByIpv4) {
  const auto socket = listen_on({.host = "", .port = 0});
  ASSERT_TRUE(socket) << socket.error();
  EXPECT_TRUE(RawClient(socket->port).connected());
}

TEST(ListeningSocket, WithoutAHostAlsoFindsThePortInUse) {
  const auto first = listen_on({.host = "", .port = 0});
  ASSERT_TRUE(first) << first.error();
  const auto second = listen_on({.host = "", .port = first->port});
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().starts_with("cannot listen on :")) << second.error();
}

TEST(ListeningSocket, OfAnIpv6AddressIsNotReachedByIpv4) {
  const auto socket = listen_on({.host = "::1", .port = 0});
  if (!socket) {
    // A kernel without IPv6; the message has brackets all the same.
    EXPECT_TRUE(socket.error().starts_with("cannot listen on [::1]:0: ")) << socket.error();
    return;
  }
  EXPECT_FALSE(RawClient(socket->port).connected());
}

TEST(ListeningSocket, SaysThatAHostIsNotKnown) {
  const auto socket = listen_on({.host = "no such host", .port = 1});
  ASSERT_FALSE(socket);
  EXPECT_TRUE(socket.error().starts_with("cannot listen on no such host:1: ")) << socket.error();
}

TEST(ListeningSocket, SaysThatAnAddressIsNotOfThisMachine) {
  const auto socket = listen_on({.host = "192.0.2.1", .port = 0});
  ASSERT_FALSE(socket);
  EXPECT_TRUE(socket.error().starts_with("cannot listen on 192.0.2.1:0: cannot assign"))
      << socket.error();
}

}  // namespace
}  // namespace evenkeel::web
