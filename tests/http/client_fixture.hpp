#pragma once
// What the tests of the client share: a loop, a client on it, and calls that run to their end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/fake_names.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::http {

class ClientTest : public testing::Test {
 protected:
  using Outcome = tl::expected<Response, Error>;

  explicit ClientTest(ClientOptions options = {})
      : client_(std::make_unique<Client>(io_.get_executor(), std::move(options))) {}

  // A client that asks these for names.
  void use(const FakeNames& names) {
    ClientOptions options;
    options.resolver = names.options();
    client_ = std::make_unique<Client>(io_.get_executor(), std::move(options));
  }

  static Request get(Url url) {
    Request request;
    request.url = std::move(url);
    request.deadline = std::chrono::seconds(5);
    return request;
  }

  Outcome send(Request request) {
    return evenkeel::tests::run(io_, client_->send(std::move(request)));
  }

  // A call expected to fail, and how.
  Error failure(Request request) {
    auto outcome = send(std::move(request));
    if (outcome) {
      ADD_FAILURE() << "answered " << outcome->status << ": " << outcome->body.substr(0, 200);
      return {ErrorKind::status, "answered"};
    }
    return outcome.error();
  }

  asio::io_context io_;
  std::unique_ptr<Client> client_;
};

}  // namespace evenkeel::http
