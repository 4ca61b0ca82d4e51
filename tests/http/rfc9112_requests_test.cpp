// What RFC 9112 (HTTP/1.1) and RFC 9110 demand of who reads requests: a row each, with its section.
// Every row is read whole and in pieces of every small size, and then by the server itself, where a
// second request lies behind it.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "agent/http/request_reader.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/http/test_server.hpp"

namespace evenkeel::http::rfc9112_requests_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Progress = RequestReader::Progress;

struct Row {
  const char* rule;    // section and demand
  std::string bytes;   // of one request
  std::string result;  // a status, or what was asked for: "GET x /path?query body"
};

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
  return "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + fields +
         "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}
std::string target(const std::string& line) {
  return line + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

const std::string kGot = "GET x /";
const std::string kLong(20'000, 'a');

std::string asked(const std::string& body) {
  return "POST localhost /p " + body;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      // RFC 9112, 2: the message
      {"2.2 an empty line before the request line is passed over", "\r\n" + get(""), kGot},
      {"2.2 … one", "\r\n\r\n" + get(""), "400"},
      {"2.2 a bare LF ends no line", "GET / HTTP/1.1\nHost: x\n\n", "400"},
      {"2.2 … nor in the fields", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", "400"},
      {"2.2 … nor the head", "GET / HTTP/1.1\r\nHost: x\r\n\n", "400"},
      {"2.2 a bare CR is invalid in the request line", "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n",
       "400"},
      {"2.2 … in a field", get("A: b\rc\r\n"), "400"},
      {"2.2 … before the line's end", get("A: b\r\r\n"), "400"},
      {"2.2 no blank between request line and fields", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", "400"},
      {"2.2 … no tabulator", "GET / HTTP/1.1\r\n\tA: b\r\nHost: x\r\n\r\n", "400"},
      {"2.3 a minor version above is read as 1.1", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", kGot},
      {"2.3 HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET  /"},
      {"2.3 another major version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
      {"2.3 … 0.9", "GET / HTTP/0.9\r\nHost: x\r\n\r\n", "505"},
      {"2.3 the name is in capitals", "GET / http/1.1\r\nHost: x\r\n\r\n", "400"},
      {"2.3 one digit each", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", "400"},
      {"2.3 … both", "GET / HTTP/1\r\nHost: x\r\n\r\n", "400"},
      {"2.3 … and nothing else", "GET / HTTP/+1.1\r\nHost: x\r\n\r\n", "400"},
      // 3: the request line
      {"3 single blanks", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"3 … no tabulators", "GET\t/\tHTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"3 … none at the end", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "400"},
      {"3 … none before", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"3 three parts", "GET /\r\nHost: x\r\n\r\n", "400"},
      {"3 a blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"3.1 the method is a token", "GE(T / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"3.1 … and there", " / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"3 a target that is too long", target("GET /" + kLong), "414"},
      {"3.2 no fragment", target("GET /#a"), "400"},
      {"3.2 no control", target(std::string("GET /\0", 6)), "400"},
      {"3.2 ASCII alone", target("GET /\xc3\xa9"), "400"},
      {"3.2.1 a path begins with a slash", target("GET a"), "400"},
      {"3.2.1 origin form", target("GET /a/b?c=d"), "GET x /a/b?c=d"},
      {"3.2.2 absolute form is taken, and its host instead of the field",
       target("GET http://y:8/a?b"), "GET y:8 /a?b"},
      {"3.2.2 … whatever the scheme's case", target("GET HTTPS://y/"), "GET y /"},
      {"3.2.2 … with no path", target("GET http://y"), "GET y /"},
      {"9110, 4.2.1 … with a host", target("GET http:///a"), "400"},
      {"9110, 4.2.4 … and no user", target("GET http://a@y/"), "400"},
      {"3.2.2 … nor another scheme", target("GET ftp://y/"), "400"},
      {"3.2.2 … the field is checked all the same", "GET http://y/ HTTP/1.1\r\n\r\n", "400"},
      {"3.2.3 authority form is for CONNECT", target("GET y:80"), "400"},
      {"3.2.3 … which is not done here", target("CONNECT y:80"), "405"},
      {"3.2.3 … and takes no other", target("CONNECT /"), "400"},
      {"3.2.3 … and needs a port", target("CONNECT y"), "400"},
      {"3.2.4 asterisk form is for OPTIONS", target("GET *"), "400"},
      {"3.2.4 … which is not done here", target("OPTIONS *"), "405"},
      {"3.2 Host has to be there", "GET / HTTP/1.1\r\n\r\n", "400"},
      {"3.2 … once", get("Host: x\r\n"), "400"},
      {"3.2 … once, whatever the case of its name", get("hOST: y\r\n"), "400"},
      {"3.2 … with HTTP/1.0 as well", "GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n", "400"},
      {"3.2 … valid: a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", "400"},
      {"3.2 … a user", "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n", "400"},
      {"3.2 … a port that is none", "GET / HTTP/1.1\r\nHost: x:y\r\n\r\n", "400"},
      {"3.2 … a port too high", "GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n", "400"},
      {"3.2 … a list", "GET / HTTP/1.1\r\nHost: x, y z\r\n\r\n", "400"},
      {"3.2 … nothing", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"},
      {"3.2 … brackets that do not close", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "400"},
      {"3.2 … brackets around a name", "GET / HTTP/1.1\r\nHost: [x]\r\n\r\n", "400"},
      {"3.2 … an address of IPv6", "GET / HTTP/1.1\r\nHost: [::1]:8\r\n\r\n", "GET [::1]:8 /"},
      // 5: fields
      {"5.1 no blank before the colon", get("A : b\r\n"), "400"},
      {"5.1 … no tabulator", get("Content-Length\t: 0\r\n"), "400"},
      {"5.1 a name that is a token", get("A(: b\r\n"), "400"},
      {"5.1 … and there", get(": b\r\n"), "400"},
      {"5.1 a colon", get("A\r\n"), "400"},
      {"5.1 a name of ASCII", get("\xc3\xa9: b\r\n"), "400"},
      {"5.1 blanks around a value are none of it", "GET / HTTP/1.1\r\nHost:\t x \t\r\n\r\n", kGot},
      {"5.1 an empty value", get("A:\r\n"), kGot},
      {"9110, 5.5 no NUL in a value", get(std::string("A: \0\r\n", 6)), "400"},
      {"9110, 5.5 … no other control", get("A: \x01\r\n"), "400"},
      {"9110, 5.5 … no DEL", get("A: \x7f\r\n"), "400"},
      {"9110, 5.5 … but a tabulator, and bytes above ASCII", get("A: b\tc\xff\r\n"), kGot},
      {"5.2 no folded lines", get("A: b\r\n c\r\n"), "400"},
      {"5.2 … of nothing", get("A: b\r\n \r\n"), "400"},
      {"5.2 … of a framing field", post("Transfer-Encoding:\r\n chunked\r\n", ""), "400"},
      {"5.4 a head that is too long", get("A: " + kLong + "\r\n"), "431"},
      // 6: the body
      {"6.1 chunked", chunked("2\r\n{}\r\n0\r\n\r\n"), asked("{}")},
      {"6.1 … whatever the case", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), asked("")},
      {"6.1 … last, and known", post("Transfer-Encoding: xchunked\r\n", "{}"), "400"},
      {"6.1 … last", post("Transfer-Encoding: chunked, gzip\r\n", "{}"), "400"},
      {"6.1 … last, over two lines",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", ""), "400"},
      {"6.1 … once", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), "400"},
      {"6.1 … once, over two lines",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
      {"7 … without parameters", post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), "400"},
      {"6.1 … not quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), "400"},
      {"6.1 identity is none any more", post("Transfer-Encoding: identity\r\n", "{}"), "400"},
      {"6.1 no coding at all", post("Transfer-Encoding:\r\n", "{}"), "400"},
      {"6.1 a coding that is not known below it",
       post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501"},
      {"6.1 … over two lines",
       post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "501"},
      {"6.1 unknown, beside a length",
       post("Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n", "{}"), "400"},
      {"6.1 chunked beside a length",
       post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), "400"},
      {"6.1 … the other way round",
       post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
      {"6.1 … of nothing", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", ""), "400"},
      {"6.1 not with HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "400"},
      {"6.2 a length", post("Content-Length: 2\r\n", "{}"), asked("{}")},
      {"6.3 digits: a sign", post("Content-Length: +2\r\n", "{}"), "400"},
      {"6.3 … minus", post("Content-Length: -2\r\n", "{}"), "400"},
      {"6.3 … hexadecimal", post("Content-Length: 0x2\r\n", "{}"), "400"},
      {"6.3 … a fraction", post("Content-Length: 2.0\r\n", "{}"), "400"},
      {"6.3 … a blank within", post("Content-Length: 2 2\r\n", "{}"), "400"},
      {"6.3 … letters after", post("Content-Length: 2x\r\n", "{}"), "400"},
      {"6.3 … none", post("Content-Length:\r\n", "{}"), "400"},
      {"9110, 8.6 no overflow", post("Content-Length: 18446744073709551618\r\n", "{}"), "400"},
      {"6.3 the same length twice is one", post("Content-Length: 2, 2\r\n", "{}"), asked("{}")},
      {"6.3 … over two lines", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"),
       asked("{}")},
      {"6.3 two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), "400"},
      {"6.3 … in a list", post("Content-Length: 2, 3\r\n", "{}"), "400"},
      {"6.3 … a list with a gap", post("Content-Length: 2,\r\n", "{}"), "400"},
      {"6.3 … before", post("Content-Length: ,2\r\n", "{}"), "400"},
      {"9110, 15.5.14 a length that is too large", post("Content-Length: 2000000\r\n", ""), "413"},
      {"6.3 neither: no body", post("", ""), asked("")},
      // 7: chunks
      {"7.1 hexadecimal, of either case, with zeros before",
       chunked("00A\r\n0123456789\r\n0\r\n\r\n"), asked("0123456789")},
      {"7.1 … several last zeros", chunked("000\r\n\r\n"), asked("")},
      {"7.1 a size", chunked("\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … without a sign", chunked("+2\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … nor minus", chunked("-2\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … nor 0x", chunked("0x2\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … nor a blank before", chunked(" 2\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … nor after", chunked("2 \r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … nor letters after", chunked("2g\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … nor an underscore", chunked("1_0\r\n0123456789abcdef\r\n0\r\n\r\n"), "400"},
      {"7.1 no overflow", chunked("10000000000000002\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 no more than is taken", chunked("fffffff\r\n"), "413"},
      {"7.1 data as long as it says", chunked("2\r\n{}x\r\n0\r\n\r\n"), "400"},
      {"7.1 … not shorter", chunked("3\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 a bare LF after a size", chunked("2\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … after data", chunked("2\r\n{}\n0\r\n\r\n"), "400"},
      {"7.1 … after the last chunk", chunked("0\n\r\n"), "400"},
      {"7.1 … at the end", chunked("0\r\n\n"), "400"},
      {"7.1 a bare CR after a size", chunked("2\r{}\r\n0\r\n\r\n"), "400"},
      {"7.1 … after the last chunk", chunked("0\r\r\n\r\n"), "400"},
      {"7.1.1 extensions are passed over", chunked("2;a;b=c ; d = \"e;\\\"\"\r\n{}\r\n0;f\r\n\r\n"),
       asked("{}")},
      {"7.1.1 … a bare LF in one", chunked("2;a=\"\n\"\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1.1 … a bare CR in one", chunked("2;a\rb\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1.1 … that has no name", chunked("2;\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1.1 … that is no token", chunked("2;a=(\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1.1 … that does not close", chunked("2;a=\"b\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1.1 … that is too long", chunked("2;a=" + kLong + "\r\n{}\r\n0\r\n\r\n"), "400"},
      {"7.1.2 trailer fields are passed over", chunked("2\r\n{}\r\n0\r\nA: b\r\nC:\r\n\r\n"),
       asked("{}")},
      {"9110, 6.5.1 … those of framing, too",
       chunked("2\r\n{}\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\nHost: y\r\n\r\n"),
       asked("{}")},
      {"7.1.2 … malformed", chunked("0\r\nA b\r\n\r\n"), "400"},
      {"7.1.2 … folded", chunked("0\r\nA: b\r\n c\r\n\r\n"), "400"},
      {"7.1.2 … with a blank before the colon", chunked("0\r\nA : b\r\n\r\n"), "400"},
      {"7.1.2 … too long", chunked("0\r\nA: " + kLong + "\r\n\r\n"), "400"},
      // RFC 9110, 10.1.1
      {"9110, 10.1.1 an expectation that is not known", get("Expect: x\r\n"), "417"},
      {"9110, 10.1.1 … with HTTP/1.0 is passed over",
       "GET / HTTP/1.0\r\nHost: x\r\nExpect: x\r\n\r\n", kGot},
  };
  return all;
}

std::string asked_of(const RequestHead& head, const std::string& body) {
  const auto rest = (head.query.empty() ? "" : '?' + head.query);
  return head.method + ' ' + head.host + ' ' + head.path + rest + (head.has_body ? ' ' + body : "");
}

std::string trim_right(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// In pieces of `size` bytes.
std::string read(std::string_view bytes, std::size_t size) {
  RequestReader reader({});
  std::string input;
  while (!bytes.empty()) {
    input += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
    auto progress = reader.take(input);
    if (progress == Progress::body) progress = reader.take(input);
    if (progress == Progress::refused) return std::to_string(reader.refusal().status);
    if (progress == Progress::done) return asked_of(reader.head(), reader.body());
  }
  return "waits";
}

TEST(Rfc9112, EachDemandOnReadingRequestsIsMetHoweverTheBytesCome) {
  for (const auto& row : rows()) {
    for (const std::size_t size : {1u << 20, 1u, 2u, 3u, 5u, 8u, 13u}) {
      EXPECT_EQ(trim_right(read(row.bytes, size)), trim_right(row.result))
          << row.rule << ", in pieces of " << size;
    }
  }
}

class Rfc9112Server : public testing::Test {
 protected:
  std::string answer_to(const std::string& bytes) {
    RawClient client(server_.port());
    client.send(bytes);
    return client.read_to_end();
  }

  TestServer server_{[](const RequestHead& head, std::string_view) -> ServerResponse {
    if (head.path == "/none") return {.status = 204, .body = "x"};
    return {.body = "asked for " + head.path};
  }};
};

// 9112, 2.2 and 6.3: what lies behind a request that was refused is no request.
TEST_F(Rfc9112Server, NothingIsReadBehindARequestThatWasRefused) {
  const std::string behind = "GET /behind HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  for (const auto& row : rows()) {
    const bool refused = row.result.size() == 3;
    const auto got = answer_to(row.bytes + behind);
    if (refused) {
      EXPECT_THAT(got, StartsWith("HTTP/1.1 " + row.result)) << row.rule;
      EXPECT_THAT(got, HasSubstr("Connection: close\r\n")) << row.rule;
      EXPECT_THAT(got, Not(HasSubstr("/behind"))) << row.rule;
    } else if (!row.bytes.starts_with("GET / HTTP/1.0")) {
      EXPECT_THAT(got, StartsWith("HTTP/1.1 200")) << row.rule;
      EXPECT_THAT(got, HasSubstr("asked for /behind")) << row.rule;
    }
  }
}

TEST_F(Rfc9112Server, AnswersAsRfc9110Demands) {
  const auto head = answer_to("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 11\r\n")) << "9.3.2, as to a GET";
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "9.3.2, no body: " << head;
  EXPECT_THAT(
      head, testing::ContainsRegex("\r\nDate: [A-Z][a-z][a-z], [0-3][0-9] [A-Z][a-z][a-z] [0-9]{4} "
                                   "[0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT\r\n"))
      << "6.6.1";
  const auto refused = answer_to("HEAD / HTTP/1.1\r\nHost: x y\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(refused.ends_with("\r\n\r\n")) << "9.3.2, nor with an error: " << refused;
  const auto none = answer_to("GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(none, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(none, Not(HasSubstr("Content-Length"))) << "8.6";
  EXPECT_TRUE(none.ends_with("\r\n\r\n")) << "15.3.5: " << none;
  const auto connect = answer_to("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n");
  EXPECT_THAT(connect, HasSubstr("\r\nAllow: ")) << "15.5.6";
}

// 9110, 10.1.1
TEST_F(Rfc9112Server, TellsOnlyWhoWaitsForItToGoOn) {
  const auto with = [](const char* version, const std::string& body) {
    return std::string("POST / HTTP/") + version +
           "\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
           "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n" +
           body;
  };
  RawClient waits(server_.port());
  waits.send(with("1.1", ""));
  EXPECT_EQ(waits.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  waits.send("{}");
  EXPECT_THAT(waits.read_to_end(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer_to(with("1.0", "{}")), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer_to(with("1.1", "{}")), StartsWith("HTTP/1.1 200")) << "it did not wait";
  auto refused = with("1.1", "");
  refused.replace(refused.find("Length: 2"), 9, "Length: 2000000");
  EXPECT_THAT(answer_to(refused), StartsWith("HTTP/1.1 413"));
}

}  // namespace
}  // namespace evenkeel::http::rfc9112_requests_test
