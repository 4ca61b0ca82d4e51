// What RFC 9112 (HTTP/1.1) and RFC 9110 demand of who reads answers: a row each, with its section.
// Every row is read whole and in pieces of every small size; behind it lies what is none of it.

#include "agent/http/response_reader.hpp"
#include "tests/http/client_fixture.hpp"

namespace evenkeel::http::rfc9112_responses_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::Peer;
using evenkeel::tests::ScriptedServer;
using Progress = ResponseReader::Progress;

struct Row {
  const char* rule;    // section and demand
  std::string bytes;   // until the connection ends
  std::string result;  // "200 body", with '+' before it where the connection may be used again, or
                       // the kind of the error
};

std::string ok(const std::string& rest) {
  return "HTTP/1.1 200 OK\r\n" + rest;
}
std::string chunked(const std::string& body) {
  return ok("Transfer-Encoding: chunked\r\n\r\n" + body);
}

const std::string kLong(70'000, 'a');

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      // RFC 9112, 2 and 4: the first line
      {"2.3 HTTP/1.0 closes", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "200 a"},
      {"C.2.2 … unless it says otherwise",
       "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na", "+200 a"},
      {"2.3 a minor version above is read as 1.1", "HTTP/1.7 200 OK\r\nContent-Length: 1\r\n\r\na",
       "+200 a"},
      {"2.3 another major version", "HTTP/2.0 200 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"2.3 the name is in capitals", "http/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"2.3 one digit each", "HTTP/1.10 200 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"2.2 no empty line before", "\r\n" + ok("Content-Length: 1\r\n\r\na"), "protocol"},
      {"4 a reason that is empty", "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na", "+200 a"},
      {"4 … and the blank before it", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "+200 a"},
      {"4 … or not of ASCII", "HTTP/1.1 200 \xc3\xa9\tb\r\nContent-Length: 1\r\n\r\na", "+200 a"},
      {"4 three digits", "HTTP/1.1 20 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"4 … not four", "HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"4 … not a sign", "HTTP/1.1 +20 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"9110, 15 … from 100 on", "HTTP/1.1 042 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"9110, 15 a status that is not known counts by its first digit",
       "HTTP/1.1 499 X\r\nContent-Length: 1\r\n\r\na", "+499 a"},
      {"4 one blank", "HTTP/1.1  200 OK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"2.2 a bare LF ends no line", "HTTP/1.1 200 OK\nContent-Length: 1\n\na", "protocol"},
      {"2.2 a bare CR is invalid", ok("A: b\rc\r\nContent-Length: 1\r\n\r\na"), "protocol"},
      {"2.2 … in the first line", "HTTP/1.1 200 O\rK\r\nContent-Length: 1\r\n\r\na", "protocol"},
      {"2.2 no blank between first line and fields", ok(" A: b\r\nContent-Length: 1\r\n\r\na"),
       "protocol"},
      // 5: fields
      {"5.1 no blank before the colon", ok("Content-Length : 1\r\n\r\na"), "protocol"},
      {"5.1 a name that is a token", ok("A b: c\r\nContent-Length: 1\r\n\r\na"), "protocol"},
      {"5.1 a colon", ok("A\r\nContent-Length: 1\r\n\r\na"), "protocol"},
      {"9110, 5.5 no NUL in a value", ok(std::string("A: \0\r\n\r\n", 8)), "protocol"},
      {"5.2 a folded line is one", ok("A: b\r\n c\r\nContent-Length:\r\n\t1\r\n\r\na"), "+200 a"},
      {"5.2 … so that two numbers are none", ok("Content-Length: 1\r\n 1\r\n\r\na"), "protocol"},
      {"5.4 a head that is too long", ok("A: " + kLong + "\r\n\r\n"), "protocol"},
      // 6: the body
      {"6.3 a length", ok("content-LENGTH:1\r\n\r\na"), "+200 a"},
      {"6.3 … of nothing", ok("Content-Length: 0\r\n\r\n"), "+200 "},
      {"8 cut short of it", ok("Content-Length: 3\r\n\r\nab"), "reset"},
      {"6.3 … of which nothing came", ok("Content-Length: 3\r\n\r\n"), "reset"},
      {"8 cut within the head", ok("Content-Length: 3\r\n"), "reset"},
      {"6.3 neither: until the end", ok("\r\nabc"), "200 abc"},
      {"6.3 … which may come at once", ok("\r\n"), "200 "},
      {"6.3 no sign", ok("Content-Length: +1\r\n\r\na"), "protocol"},
      {"6.3 … nor minus", ok("Content-Length: -1\r\n\r\na"), "protocol"},
      {"6.3 … nor hexadecimal", ok("Content-Length: 0x1\r\n\r\na"), "protocol"},
      {"6.3 … nor nothing", ok("Content-Length: \r\n\r\na"), "protocol"},
      {"9110, 8.6 no overflow", ok("Content-Length: 18446744073709551617\r\n\r\na"), "protocol"},
      {"6.3 no more than is taken", ok("Content-Length: 101\r\n\r\na"), "too_large"},
      {"6.3 … until the end", ok("\r\n" + std::string(101, 'a')), "too_large"},
      {"6.3 the same length twice is one", ok("Content-Length: 1\r\nContent-Length: 1, 1\r\n\r\na"),
       "+200 a"},
      {"6.3 two lengths", ok("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "protocol"},
      {"6.3 … in a list", ok("Content-Length: 1, 2\r\n\r\nab"), "protocol"},
      {"6.3 chunked", chunked("1\r\na\r\n0\r\n\r\n"), "+200 a"},
      {"6.3 … beside a length",
       ok("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n"),
       "protocol"},
      {"6.1 … with HTTP/1.0",
       "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "protocol"},
      {"6.1 … twice", ok("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), "protocol"},
      {"6.1 … not last", ok("Transfer-Encoding: chunked, gzip\r\n\r\nabc"), "protocol"},
      {"6.1 a coding that was not asked for",
       ok("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), "protocol"},
      {"6.1 … alone", ok("Transfer-Encoding: xchunked\r\n\r\nabc"), "protocol"},
      {"6.1 … beside a length", ok("Transfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\na"),
       "protocol"},
      {"6.1 identity is none any more", ok("Transfer-Encoding: identity\r\n\r\nabc"), "protocol"},
      {"8 … cut before the last chunk", chunked("1\r\na\r\n"), "reset"},
      {"8 … within a chunk", chunked("2\r\na"), "reset"},
      {"8 … after the last chunk", chunked("1\r\na\r\n0\r\n"), "reset"},
      {"8 … and a byte", chunked("0\r\n\r"), "reset"},
      {"7.1 no sign", chunked("+1\r\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1 no 0x", chunked("0x1\r\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1 a size", chunked("\r\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1 no overflow", chunked("10000000000000001\r\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1 no more than is taken", chunked("65\r\n"), "too_large"},
      {"7.1 … in all", chunked("40\r\n" + std::string(64, 'a') + "\r\n25\r\n"), "too_large"},
      {"7.1 data as long as it says", chunked("1\r\nab\r\n0\r\n\r\n"), "protocol"},
      {"7.1 a bare LF", chunked("1\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1 a bare CR", chunked("1\ra\r\n0\r\n\r\n"), "protocol"},
      {"7.1.1 extensions are passed over", chunked("1;a=\"b\";c\r\na\r\n0;d\r\n\r\n"), "+200 a"},
      {"7.1.1 … a bare LF in one", chunked("1;a=\"\n\"\r\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1.1 … too long", chunked("1;a=" + kLong + "\r\na\r\n0\r\n\r\n"), "protocol"},
      {"7.1.2 trailer fields are passed over",
       chunked("1\r\na\r\n0\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"), "+200 a"},
      {"7.1.2 … malformed", chunked("0\r\nA\r\n\r\n"), "protocol"},
      {"7.1.2 … too long", chunked("0\r\nA: " + kLong + "\r\n\r\n"), "protocol"},
      // What has no body, whatever it says
      {"6.3 204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "+204 "},
      {"6.3 … chunked", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "+204 "},
      {"9110, 15.4.5 304 was not asked for", "HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n",
       "redirect"},
      {"9110, 15.2 interim answers are passed over",
       "HTTP/1.1 103 Early Hints\r\nLink: a\r\nContent-Length: 5\r\n\r\nHTTP/1.1 100 "
       "Continue\r\n\r\n" +
           ok("Content-Length: 1\r\n\r\na"),
       "+200 a"},
      {"9110, 15.2 … but have to be followed", "HTTP/1.1 100 Continue\r\n\r\n", "reset"},
      {"9110, 15.2.2 … and 101 was not asked for",
       "HTTP/1.1 101 Switching\r\n\r\n" + ok("Content-Length: 1\r\n\r\na"), "protocol"},
      // 9: the connection
      {"9.6 close", ok("Connection: close\r\nContent-Length: 1\r\n\r\na"), "200 a"},
      {"9.6 … in a list, whatever the case",
       ok("Connection: a, CLOSE\r\nContent-Length: 1\r\n\r\na"), "200 a"},
      {"9.6 … over two lines",
       ok("Connection: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"), "200 a"},
  };
  return all;
}

// In pieces of `size` bytes, until the connection ends.
std::string read(std::string_view bytes, std::size_t size) {
  Request request;
  request.max_body = 100;
  ResponseReader reader(request);
  std::string input;
  auto progress = Progress::head;
  while (!bytes.empty() && (progress == Progress::head || progress == Progress::body)) {
    input += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
    progress = reader.take(input);
  }
  if (progress != Progress::done && progress != Progress::failed) progress = reader.end(true);
  if (progress == Progress::failed) return std::string(name(reader.failure().kind));
  EXPECT_EQ(input, "");
  return (reader.keeps_alive() ? "+" : "") + std::to_string(reader.response().status) + ' ' +
         reader.response().body;
}

TEST(Rfc9112Answers, EachDemandIsMetHoweverTheBytesCome) {
  for (const auto& row : rows()) {
    for (const std::size_t size : {1u << 20, 1u, 2u, 3u, 5u, 8u, 13u}) {
      EXPECT_EQ(read(row.bytes, size), row.result) << row.rule << ", in pieces of " << size;
    }
  }
}

TEST(Rfc9112Answers, InterimOnesAreBoundedTogether) {
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(read(many, 1000), "protocol");
}

// 9112, 6.3: whatever the fields say of a body.
TEST(Rfc9112Answers, ToAHeadHaveNoBody) {
  for (const auto* fields : {"Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
    Request request;
    request.method = "HEAD";
    request.max_body = 100;
    ResponseReader reader(request);
    auto input = ok(std::string(fields) + "\r\n");
    EXPECT_EQ(reader.take(input), Progress::done) << fields;
    EXPECT_TRUE(reader.keeps_alive()) << fields;
    EXPECT_EQ(reader.response().body, "");
  }
}

// 9112, 9.8: only a connection that was ended in order ends a body.
TEST(Rfc9112Answers, UntilTheEndWantAnEndInOrder) {
  const Request request;
  ResponseReader reader(request);
  std::string input = ok("\r\nabc");
  EXPECT_EQ(reader.take(input), Progress::body);
  EXPECT_EQ(reader.end(false), Progress::failed);
  EXPECT_EQ(reader.failure().kind, ErrorKind::reset);
}

// 9112, 6.3 and 9.2: what came unasked is no answer to the next request.
TEST_F(ClientTest, TakesNothingBehindAnAnswerForTheNextOne) {
  ScriptedServer server([](Peer& peer, int number) {
    const auto mine = std::to_string(number);
    const std::string unasked = number == 1 ? ok("Content-Length: 3\r\n\r\nbad") : "";
    while (!peer.read_request().empty() &&
           peer.write(ok("Content-Length: 1\r\n\r\n" + mine + unasked))) {
    }
  });
  EXPECT_EQ(send(get(server.url()))->body, "1");
  EXPECT_EQ(send(get(server.url()))->body, "2");
}

TEST_F(ClientTest, PassesInterimAnswersOver) {
  ScriptedServer server(always("HTTP/1.1 100 Continue\r\n\r\n" + ok("Content-Length: 1\r\n\r\na")));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(get(server.url()))->body, "a");
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace evenkeel::http::rfc9112_responses_test
