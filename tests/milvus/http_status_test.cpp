// What is said of calls over HTTP that were not answered, above all to who gave Milvus's gRPC port.
#include "agent/milvus/http_status.hpp"

#include <gmock/gmock.h>

namespace evenkeel::milvus::http_status_test {
namespace {

using http::ErrorKind;
using testing::HasSubstr;
using testing::Not;

http::Response response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// As a real 2.3.5 answers on 19530.
const auto kNotFound = response(404, "404 page not found");
const auto kUnauthorized = response(401, R"({"code":1800,"message":"user hasn't authenticated"})");

constexpr const char* kAdvice =
    "this is Milvus's gRPC port: write grpc://milvus:19530 or use port 9091";

http::Url at(std::uint16_t port, std::string target = "/api/v1/collections") {
  return {.host = "milvus", .port = port, .target = std::move(target)};
}

TEST(HttpStatus, TheGrpcPortIsSaidToBeOneWhereItHasNoApi) {
  const auto failure = failure_of(kNotFound, at(19530));
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_EQ(failure.message, std::string("HTTP 404: ") + kAdvice);
}

TEST(HttpStatus, TheGrpcPortIsSaidToBeOneWhereItWantsALogin) {
  const auto failure = failure_of(kUnauthorized, at(19530));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message, HasSubstr("user hasn't authenticated"));
  EXPECT_THAT(failure.message, HasSubstr(kAdvice));
}

TEST(HttpStatus, TheGrpcPortIsSaidToBeOneWhereItSpeaksSomethingElse) {
  for (const auto kind : {ErrorKind::protocol, ErrorKind::reset, ErrorKind::tls}) {
    const auto failure = failure_of(http::Error{kind, "it broke"}, at(19530));
    EXPECT_EQ(failure.kind, FailureKind::transport);
    EXPECT_EQ(failure.message, std::string("it broke (") + kAdvice + ")");
  }
}

TEST(HttpStatus, TheAdviceKeepsTls) {
  auto url = at(19530);
  url.tls = true;
  EXPECT_THAT(failure_of(kNotFound, url).message, HasSubstr("write grpcs://milvus:19530 or"));
}

// A port that does not answer may be any.
TEST(HttpStatus, OfTheGrpcPortNothingIsSaidThatItDidNotSay) {
  for (const auto kind : {ErrorKind::timeout, ErrorKind::connect, ErrorKind::resolve}) {
    EXPECT_THAT(failure_of(http::Error{kind, "it broke"}, at(19530)).message,
                Not(HasSubstr("gRPC")));
  }
}

TEST(HttpStatus, OtherPortsAreNotTakenForIt) {
  EXPECT_THAT(failure_of(kNotFound, at(9091)).message, Not(HasSubstr("grpc")));
  EXPECT_THAT(failure_of(kUnauthorized, at(9091)).message, Not(HasSubstr("grpc")));
  EXPECT_THAT(failure_of(http::Error{ErrorKind::reset, "it broke"}, at(9091)).message,
              Not(HasSubstr("grpc")));
}

// [milvus] rest_address is that very port.
TEST(HttpStatus, RestIsWhatThatPortHas) {
  const auto rest = at(19530, "/v2/vectordb/databases/list");
  EXPECT_THAT(failure_of(kNotFound, rest).message, Not(HasSubstr("grpc")));
  EXPECT_THAT(failure_of(kUnauthorized, rest).message, Not(HasSubstr("grpc")));
}

TEST(HttpStatus, AProxyInFrontThatIsOutOfOrderHasRefused) {
  const auto failure = failure_of(response(502, "bad gateway"), at(9091));
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_EQ(failure.message, "HTTP 502: bad gateway");
}

TEST(HttpStatus, ErrorsSayWhichSettingHelps) {
  EXPECT_THAT(failure_of(http::Error{ErrorKind::too_large, "long"}, at(9091)).message,
              HasSubstr("([milvus] max_answer)"));
  EXPECT_THAT(failure_of(http::Error{ErrorKind::connect, "refused"}, at(9091)).message,
              HasSubstr("(is Milvus up, and is this a proxy's HTTP port"));
  EXPECT_TRUE(failure_of(http::Error{ErrorKind::timeout, "slow"}, at(9091)).timed_out);
}

}  // namespace
}  // namespace evenkeel::milvus::http_status_test
