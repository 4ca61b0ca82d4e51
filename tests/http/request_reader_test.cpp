// What is made of the bytes that come, without a socket: also cut at every place.

#include "agent/http/request_reader.hpp"

#include <gmock/gmock.h>

namespace evenkeel::http::request_reader_test {
namespace {

using testing::HasSubstr;
using Progress = RequestReader::Progress;

constexpr Limits kLimits{.head = 1024, .body = 1000};

// Gives `bytes` in pieces of `size`, past the stop after the head, to the end of the request.
Progress feed(RequestReader& reader, std::string_view bytes, std::size_t size = 1u << 20) {
  std::string input;
  auto progress = Progress::head;
  while (!bytes.empty()) {
    input += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
    progress = reader.take(input);
    if (progress == Progress::body) progress = reader.take(input);
    if (progress == Progress::done || progress == Progress::refused) break;
  }
  return progress;
}

int refusal_of(std::string_view bytes) {
  RequestReader reader(kLimits);
  return feed(reader, bytes) == Progress::refused ? reader.refusal().status : 0;
}

constexpr auto* kPost =
    "POST /api/v1/pause?x=%41 HTTP/1.1\r\nHost: here:10931\r\nOrigin: http://here:10931\r\n"
    "Sec-Fetch-Site: Same-Origin\r\nAuthorization: Bearer abc\r\n"
    "Content-Type: Application/JSON ; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}";

TEST(RequestReader, TakesARequestApart) {
  RequestReader reader(kLimits);
  ASSERT_EQ(feed(reader, kPost), Progress::done);
  const RequestHead& head = reader.head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/api/v1/pause");
  EXPECT_EQ(head.query, "x=%41");
  EXPECT_EQ(head.host, "here:10931");
  EXPECT_EQ(head.origin, "http://here:10931");
  EXPECT_EQ(head.fetch_site, "same-origin");
  EXPECT_EQ(head.authorization, "Bearer abc");
  EXPECT_EQ(head.content_type, "application/json");
  EXPECT_TRUE(head.has_body);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(reader.body(), "{}");
}

TEST(RequestReader, TakesTheSameFromAnyPieces) {
  for (std::size_t size = 1; size < 300; ++size) {
    RequestReader reader(kLimits);
    ASSERT_EQ(feed(reader, kPost, size), Progress::done) << size;
    EXPECT_EQ(reader.head().path, "/api/v1/pause") << size;
    EXPECT_EQ(reader.body(), "{}") << size;
  }
}

TEST(RequestReader, IsNotDoneWithACutRequestWhereverItIsCut) {
  const std::string_view whole = kPost;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    RequestReader reader(kLimits);
    const auto progress = feed(reader, whole.substr(0, size));
    EXPECT_TRUE(progress == Progress::head || progress == Progress::body) << size;
  }
}

TEST(RequestReader, LeavesTheNextRequestAlone) {
  std::string input = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  input += kPost;
  RequestReader first(kLimits);
  ASSERT_EQ(first.take(input), Progress::done);
  EXPECT_EQ(input, kPost);
  RequestReader second(kLimits);
  EXPECT_EQ(second.take(input), Progress::body);
  EXPECT_EQ(input, "{}");
  EXPECT_EQ(second.take(input), Progress::done);
  EXPECT_EQ(input, "");
}

TEST(RequestReader, ReadsChunks) {
  constexpr auto* kChunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\n{\"a\r\n4;extension=1\r\n\":1}\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t size = 1; size < 120; ++size) {
    RequestReader reader(kLimits);
    ASSERT_EQ(feed(reader, kChunked, size), Progress::done) << size;
    EXPECT_EQ(reader.body(), R"({"a":1})") << size;
  }
}

// Found by the fuzzer: a control behind the limit counted where it came in one piece with the rest.
TEST(RequestReader, RefusesWhatIsTooLongTheSameFromAnyPieces) {
  const std::string much = std::string(2000, 'x') + '\0';
  for (const std::string begin : {"GET /", "GET / HTTP/1.1\r\nX: "}) {
    for (const std::size_t size : {1u, 100u, 1u << 20}) {
      RequestReader reader(kLimits);
      EXPECT_EQ(feed(reader, begin + much, size), Progress::refused) << size;
      EXPECT_EQ(reader.refusal().status, begin.ends_with('/') ? 414 : 431) << size;
    }
  }
}

TEST(RequestReader, RefusesWhatIsTooLong) {
  const std::string much(2000, 'x');
  EXPECT_EQ(refusal_of("GET /" + much), 414);
  EXPECT_EQ(refusal_of("GET /" + much + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nX: " + much), 431);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + much), 413);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + much), 0);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3e9\r\n" +
                       much),
            413);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "1f4\r\n" +
                       std::string(500, 'x') + "\r\n1f5\r\n" + much),
            413);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                       std::string(9000, 'x')),
            400);
}

TEST(RequestReader, RefusesWhatTwoReadersMightUnderstandDifferently) {
  for (const auto* odd :
       {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nOrigin: http://y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%0d%0aX:y HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02", "{}"}) {
    EXPECT_EQ(refusal_of(odd), 400) << odd;
  }
}

TEST(RequestReader, KnowsWhetherAnotherRequestMayFollow) {
  const auto keep_alive = [](const std::string& bytes) {
    RequestReader reader(kLimits);
    EXPECT_EQ(feed(reader, bytes), Progress::done);
    return reader.head().keep_alive;
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, KnowsWhoWaitsToBeToldToGoOn) {
  RequestReader reader(kLimits);
  EXPECT_EQ(feed(reader,
                 "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
            Progress::body);
  EXPECT_TRUE(reader.head().expects_continue);
}

TEST(RequestReader, SaysNothingOfWhatTheClientSent) {
  RequestReader reader(kLimits);
  ASSERT_EQ(feed(reader, "GET /%zzsecret HTTP/1.1\r\nHost: x\r\n\r\n"), Progress::refused);
  EXPECT_THAT(reader.refusal().message, testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace evenkeel::http::request_reader_test
