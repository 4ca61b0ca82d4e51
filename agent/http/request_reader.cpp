#include "agent/http/request_reader.hpp"

#include <algorithm>
#include <utility>

#include "agent/http/target.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::http {
namespace {

using Kind = Framing::Kind;

std::string media_type(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';'))));
}

Refusal bad_request(const char* message) {
  return {.status = 400, .code = "bad_request", .message = message};
}

// True if a field is repeated that must not be: readers of the first and of the last would differ.
bool has_repeated(const Fields& fields) {
  constexpr std::string_view kOnce[]{"Host",         "Origin",         "Authorization",
                                     "Content-Type", "Sec-Fetch-Site", "Expect"};
  return std::any_of(std::begin(kOnce), std::end(kOnce),
                     [&](std::string_view name) { return fields.count(name) > 1; });
}

// The refusal of a request that is well formed, but served nowhere here.
Refusal not_done_here() {
  return {.status = 405,
          .code = "method_not_allowed",
          .message = "This method is taken for nothing here.",
          .headers = {{"Allow", "GET, HEAD, POST"}}};
}

}  // namespace

RequestReader::RequestReader(const Limits& limits)
    : limits_(limits), reader_(Message::request, limits.head), chunks_(limits.body, limits.head) {}

RequestReader::Progress RequestReader::refuse(int status, std::string code, std::string message) {
  refusal_ = {.status = status, .code = std::move(code), .message = std::move(message)};
  return progress_ = Progress::refused;
}

RequestReader::Progress RequestReader::refuse_body() {
  return refuse(
      413, "body_too_large",
      "The body of this request is longer than " + std::to_string(limits_.body >> 10) + " KiB.");
}

RequestReader::Progress RequestReader::take(std::string& input) {
  if (progress_ == Progress::head) return take_head(input);
  if (progress_ == Progress::body) return take_body(input);
  return progress_;
}

RequestReader::Progress RequestReader::take_head(std::string& input) {
  if (input.empty()) return progress_;
  // A client that speaks TLS to this port, or no HTTP at all, is told at once.
  const char first = input.front();
  if (reader_.size() == 0 && !is_token_character(first) && first != '\r') {
    return refuse(400, "bad_request", "This is not a request of HTTP/1.1.");
  }
  using Reading = HeadReader::Progress;
  switch (reader_.take(input)) {
    case Reading::more:
      return progress_;
    case Reading::malformed:
      return refuse(400, "bad_request", "This request is not well formed.");
    case Reading::first_line_too_long:
      return refuse(414, "target_too_long", "The address of this request is too long.");
    case Reading::too_long:
      return refuse(431, "head_too_large", "The headers of this request are too long.");
    case Reading::done:
      break;
  }
  if (auto refusal = read_head()) {
    refusal_ = *std::move(refusal);
    return progress_ = Progress::refused;
  }
  return progress_ = head_.has_body ? Progress::body : Progress::done;
}

std::optional<Refusal> RequestReader::read_head() {
  const auto line = parse_request_line(reader_.first_line());
  if (!line) return bad_request("This request is not well formed.");
  if (line->version.major != 1) {
    return Refusal{.status = 505, .code = "bad_version", .message = "Use HTTP/1.1."};
  }
  const auto& fields = reader_.fields();
  if (has_repeated(fields)) return bad_request("A header stands here twice that may stand once.");
  head_.method = line->method;
  head_.origin = fields.value("Origin");
  head_.fetch_site = lower(fields.value("Sec-Fetch-Site"));
  head_.authorization = fields.value("Authorization");
  head_.content_type = media_type(fields.value("Content-Type"));
  head_.accept = fields.list("Accept");
  head_.accept_encoding = fields.list("Accept-Encoding");
  head_.keep_alive = keeps_alive(fields, line->version);
  if (auto refusal = read_framing(line->version)) return refusal;
  if (auto refusal = read_target(*line)) return refusal;
  // HTTP/1.0 has no interim responses, so no client of it waits for one.
  if (!line->version.at_least_1_1()) return std::nullopt;
  for (const auto& expected : fields.list("Expect")) {
    if (expected != "100-continue") {
      return Refusal{.status = 417,
                     .code = "bad_expectation",
                     .message = "Of expectations, 100-continue alone is met."};
    }
    head_.expects_continue = true;
  }
  return std::nullopt;
}

std::optional<Refusal> RequestReader::read_target(const RequestLine& line) {
  const auto& fields = reader_.fields();
  const auto host = fields.value("Host");
  if (fields.count("Host") == 0 && line.version.at_least_1_1()) {
    return bad_request("The Host header is missing.");
  }
  if (fields.count("Host") > 0 && !parse_authority(host)) {
    return Refusal{.status = 400, .code = "bad_host", .message = "The Host header is malformed."};
  }
  auto target = parse_target(line.method, line.target);
  if (!target) return bad_request("The address of this request is malformed.");
  using Form = Target::Form;
  if (target->form == Form::authority || target->form == Form::asterisk) return not_done_here();
  head_.path = std::move(target->path);
  head_.query = std::move(target->query);
  head_.host = target->form == Form::absolute ? std::move(target->authority) : std::string(host);
  return std::nullopt;
}

std::optional<Refusal> RequestReader::read_framing(Version version) {
  framing_ = framing_of_request(reader_.fields(), version);
  if (framing_.kind == Kind::faulty) return bad_request("Where this request ends is not clear.");
  if (framing_.kind == Kind::unknown) {
    return Refusal{.status = 501,
                   .code = "bad_coding",
                   .message = "Of transfer codings, chunked alone is understood."};
  }
  head_.has_body = framing_.kind != Kind::none;
  return std::nullopt;
}

RequestReader::Progress RequestReader::take_body(std::string& input) {
  return framing_.kind == Kind::length ? take_length(input) : take_chunks(input);
}

RequestReader::Progress RequestReader::take_length(std::string& input) {
  if (framing_.length > limits_.body) return refuse_body();
  const auto missing = static_cast<std::size_t>(framing_.length) - body_.size();
  const auto size = std::min(missing, input.size());
  body_.append(input, 0, size);
  input.erase(0, size);
  return progress_ = size == missing ? Progress::done : Progress::body;
}

RequestReader::Progress RequestReader::take_chunks(std::string& input) {
  std::string_view rest = input;
  const auto reading = chunks_.take(rest, [this](std::string_view piece) {
    body_ += piece;
    return true;
  });
  input.erase(0, input.size() - rest.size());
  using Reading = ChunkReader::Progress;
  if (reading == Reading::more) return progress_;
  if (reading == Reading::done) return progress_ = Progress::done;
  if (reading == Reading::too_large) return refuse_body();
  return refuse(400, "bad_request", "This body is not well formed.");
}

}  // namespace evenkeel::http
