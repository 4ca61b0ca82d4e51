#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/ip/v6_only.hpp>

#include "agent/http/server.hpp"
#include "tests/http/raw_client.hpp"

namespace evenkeel::http::listen_test {
namespace {

class Listen : public testing::Test {
 protected:
  auto at(const std::string& host, std::uint16_t port = 0) {
    return listen(io_.get_executor(), host, port);
  }
  // Why that fails.
  boost::system::error_code why_not(const std::string& host, std::uint16_t port = 0) {
    const auto acceptor = at(host, port);
    return acceptor ? boost::system::error_code() : acceptor.error();
  }
  static std::uint16_t port_of(const asio::ip::tcp::acceptor& acceptor) {
    return acceptor.local_endpoint().port();
  }

  asio::io_context io_;
};

TEST_F(Listen, TakesAFreePortForPortZero) {
  const auto acceptor = at("127.0.0.1");
  ASSERT_TRUE(acceptor) << acceptor.error().message();
  EXPECT_NE(port_of(*acceptor), 0);
  EXPECT_TRUE(RawClient(port_of(*acceptor)).connected());
}

TEST_F(Listen, RefusesAPortInUse) {
  const auto first = at("127.0.0.1");
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(why_not("127.0.0.1", port_of(*first)), asio::error::address_in_use);
}

TEST_F(Listen, DoesNotShareThePortOfAProgramThatWould) {
  auto first = at("127.0.0.1");
  ASSERT_TRUE(first) << first.error().message();
  int shared = 1;
  socklen_t size = sizeof shared;
  ASSERT_EQ(getsockopt(first->native_handle(), SOL_SOCKET, SO_REUSEPORT, &shared, &size), 0);
  EXPECT_EQ(shared, 0);
}

TEST_F(Listen, WithoutAHostIsReachedByIpv4) {
  const auto acceptor = at("");
  ASSERT_TRUE(acceptor) << acceptor.error().message();
  EXPECT_TRUE(RawClient(port_of(*acceptor)).connected());
}

TEST_F(Listen, WithoutAHostAlsoFindsThePortInUse) {
  const auto first = at("");
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(why_not("", port_of(*first)), asio::error::address_in_use);
}

TEST_F(Listen, OfAnIpv6AddressIsNotReachedByIpv4) {
  const auto acceptor = at("::1");
  if (!acceptor) GTEST_SKIP() << "a kernel without IPv6: " << acceptor.error().message();
  // Not by a client of IPv4: another program may listen there under the same port.
  asio::ip::v6_only only;
  acceptor->get_option(only);
  EXPECT_TRUE(only.value());
}

TEST_F(Listen, SaysThatAHostIsNotKnown) {
  const auto error = why_not("no such host", 1);
  EXPECT_TRUE(error == asio::error::host_not_found ||
              error == asio::error::host_not_found_try_again)
      << error.message();
}

TEST_F(Listen, SaysThatAnAddressIsNotOfThisMachine) {
  EXPECT_EQ(why_not("192.0.2.1"), boost::system::errc::address_not_available);
}

}  // namespace
}  // namespace evenkeel::http::listen_test
