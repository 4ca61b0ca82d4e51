#include "agent/web/request_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <charconv>
#include <utility>

namespace evenkeel::web {
namespace {

namespace http = boost::beast::http;

// The line that begins a chunk, and what follows the last one, are short where they are honest.
constexpr std::size_t kMaxChunkLine = 4096;

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool begins_like_a_method(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

std::string media_type(std::string_view content_type) {
  const auto end = std::min(content_type.find(';'), content_type.size());
  auto type = lower(content_type.substr(0, end));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  return type;
}

}  // namespace

struct RequestReader::Parser {
  http::request_parser<http::string_body> beast;
  boost::system::error_code error;

  // One step on; what it used is taken out of `input`.
  void put(std::string& input) {
    const auto used = beast.put(boost::asio::buffer(input), error);
    input.erase(0, used);
  }
};

RequestReader::RequestReader(const Limits& limits)
    : limits_(limits), parser_(std::make_unique<Parser>()) {
  parser_->beast.header_limit(static_cast<std::uint32_t>(limits.head));
  parser_->beast.body_limit(boost::none);  // the length is looked at when the head is known
}

RequestReader::~RequestReader() = default;

std::string& RequestReader::body() {
  return parser_->beast.get().body();
}

RequestReader::Progress RequestReader::refuse(int status, std::string code, std::string message) {
  refusal_ = {.status = status, .code = std::move(code), .message = std::move(message)};
  return progress_ = Progress::refused;
}

RequestReader::Progress RequestReader::take(std::string& input) {
  if (progress_ == Progress::head) return take_head(input);
  if (progress_ == Progress::body) return take_body(input);
  return progress_;
}

RequestReader::Progress RequestReader::take_head(std::string& input) {
  if (input.empty()) return progress_;
  // Beast would wait for the end of a head; a client that speaks TLS to this port is told at once.
  if (!begins_like_a_method(input.front()) && !first_line_ended_) {
    return refuse(400, "bad_request", "This is not a request of HTTP/1.1.");
  }
  first_line_ended_ = first_line_ended_ || input.find('\n') != std::string::npos;
  parser_->put(input);
  if (parser_->error == http::error::header_limit) {
    return first_line_ended_
               ? refuse(431, "head_too_large", "The headers of this request are too long.")
               : refuse(414, "target_too_long", "The address of this request is too long.");
  }
  if (parser_->error == http::error::need_more) return progress_;
  if (parser_->error) return refuse(400, "bad_request", "This request is not well formed.");
  if (auto refusal = read_fields()) {
    refusal_ = *std::move(refusal);
    return progress_ = Progress::refused;
  }
  parser_->beast.body_limit(limits_.body);
  return progress_ = parser_->beast.is_done() ? Progress::done : Progress::body;
}

std::optional<Refusal> RequestReader::read_fields() {
  const auto bad = [](const char* message) {
    return Refusal{.status = 400, .code = "bad_request", .message = message};
  };
  const auto& beast = parser_->beast;
  const auto& request = beast.get();
  for (const auto field : {http::field::host, http::field::origin, http::field::authorization,
                           http::field::content_type, http::field::expect}) {
    if (request.count(field) > 1) return bad("A header stands here twice that may stand once.");
  }
  if (request.count("Sec-Fetch-Site") > 1) {
    return bad("A header stands here twice that may stand once.");
  }
  if (request.version() != 11 && request.version() != 10) {
    return Refusal{.status = 505, .code = "bad_version", .message = "Use HTTP/1.1."};
  }
  if (request.version() == 11 && request.count(http::field::host) == 0) {
    return bad("The Host header is missing.");
  }
  const auto target = view(request.target());
  const auto question = std::min(target.find('?'), target.size());
  auto path = decode_path(target.substr(0, question));
  if (!target.starts_with('/') || !path) return bad("The address of this request is malformed.");

  head_.method = view(request.method_string());
  head_.path = *std::move(path);
  head_.query = target.substr(std::min(question + 1, target.size()));
  head_.host = view(request[http::field::host]);
  head_.origin = view(request[http::field::origin]);
  head_.fetch_site = lower(view(request["Sec-Fetch-Site"]));
  head_.authorization = view(request[http::field::authorization]);
  head_.content_type = media_type(view(request[http::field::content_type]));
  head_.has_body = !beast.is_done();
  head_.expects_continue = lower(view(request[http::field::expect])) == "100-continue";
  head_.keep_alive = beast.keep_alive();
  return std::nullopt;
}

RequestReader::Progress RequestReader::take_body(std::string& input) {
  const auto too_large = [this] {
    return refuse(
        413, "body_too_large",
        "The body of this request is longer than " + std::to_string(limits_.body >> 10) + " KiB.");
  };
  auto& beast = parser_->beast;
  if (beast.content_length().value_or(0) > limits_.body) return too_large();
  while (!beast.is_done() && !input.empty()) {
    parser_->put(input);
    if (parser_->error == http::error::need_more) break;
    if (parser_->error == http::error::body_limit) return too_large();
    if (parser_->error) return refuse(400, "bad_request", "This body is not well formed.");
  }
  if (beast.is_done()) return progress_ = Progress::done;
  if (input.size() > kMaxChunkLine) {
    return refuse(400, "bad_request", "This body is not well formed.");
  }
  return progress_;
}

std::optional<std::string> decode_path(std::string_view path) {
  std::string decoded;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%') {
      unsigned char byte = 0;
      const auto* const digits = path.data() + i + 1;
      if (i + 2 >= path.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
        return std::nullopt;
      }
      c = static_cast<char>(byte);
      i += 2;
    }
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) return std::nullopt;
    decoded += c;
  }
  return decoded;
}

}  // namespace evenkeel::web
