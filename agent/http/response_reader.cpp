#include "agent/http/response_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace evenkeel::http {
namespace {

constexpr std::size_t kHeadLimit = 64u << 10;
constexpr std::size_t kErrorBodyKept = 64u << 10;  // bytes, unless the status is 200
constexpr std::size_t kReservedAtMost = 1u << 20;  // bytes, whatever Content-Length says

}  // namespace

ResponseReader::ResponseReader(const Request& request) : request_(request) {
  reader_.emplace(Message::response, kHeadLimit);
}

ResponseReader::Progress ResponseReader::fail(ErrorKind kind, std::string what) {
  failure_ = {kind, std::move(what)};
  return progress_ = Progress::failed;
}

ResponseReader::Progress ResponseReader::too_large() {
  return fail(ErrorKind::too_large,
              fmt::format("the answer is over the {:g} MiB taken",
                          static_cast<double>(request_.max_body) / (1u << 20)));
}

ResponseReader::Progress ResponseReader::take(std::string& input) {
  empty_ = empty_ && input.empty();
  // Loops only after an interim response.
  for (auto size = input.size() + 1; progress_ == Progress::head && input.size() < size;) {
    size = input.size();
    if (size > 0) progress_ = take_head(input);
  }
  return progress_ == Progress::body ? take_body(input) : progress_;
}

ResponseReader::Progress ResponseReader::take_head(std::string& input) {
  using Reading = HeadReader::Progress;
  // Text that begins otherwise is an error at once, however long its line.
  constexpr std::string_view kBegin = "HTTP/";
  const auto size = std::min(kBegin.size(), input.size());
  if (reader_->size() == 0 && input.compare(0, size, kBegin, 0, size) != 0) {
    return fail(ErrorKind::protocol, "the answer is not HTTP/1.1");
  }
  switch (reader_->take(input)) {
    case Reading::more:
      return progress_;
    case Reading::malformed:
      return fail(ErrorKind::protocol, "the answer is not HTTP/1.1: its header is malformed");
    case Reading::first_line_too_long:
    case Reading::too_long:
      return fail(ErrorKind::protocol,
                  fmt::format("the answer's header is over {} KiB", kHeadLimit >> 10));
    case Reading::done:
      break;
  }
  const auto line = parse_status_line(reader_->first_line());
  if (!line)
    return fail(ErrorKind::protocol, "the answer is not HTTP/1.1: its first line is malformed");
  line_ = *line;
  return begin_response();
}

ResponseReader::Progress ResponseReader::begin_response() {
  if (line_.status == 101) {
    return fail(ErrorKind::protocol, "HTTP 101 was not asked for");
  }
  if (line_.status < 200) {
    // Another response follows. All heads together have one bound.
    heads_ += reader_->size();
    reader_.emplace(Message::response, kHeadLimit - std::min(heads_, kHeadLimit));
    return progress_;
  }
  if (line_.status >= 300 && line_.status < 400) {
    return fail(ErrorKind::redirect,
                fmt::format("redirected to '{}' (HTTP {}); name the final address",
                            reader_->fields().value("Location").substr(0, 200), line_.status));
  }
  return begin_body();
}

ResponseReader::Progress ResponseReader::begin_body() {
  const auto& fields = reader_->fields();
  response_.status = line_.status;
  response_.content_type = fields.value("Content-Type");
  streams_ = line_.status == 200 && request_.on_body;
  keep_at_most_ =
      line_.status == 200 ? request_.max_body : std::min(request_.max_body, kErrorBodyKept);
  framing_ = framing_of_response(fields, line_, request_.method == "HEAD");
  switch (framing_.kind) {
    case Kind::none:
      return progress_ = Progress::done;
    case Kind::faulty:
      return fail(ErrorKind::protocol, "where the answer ends is not clear");
    case Kind::unknown:
      return fail(ErrorKind::protocol, "the answer has a transfer coding that is not understood");
    case Kind::length:
      if (framing_.length > request_.max_body) return too_large();
      if (!streams_)
        response_.body.reserve(std::min<std::size_t>(framing_.length, kReservedAtMost));
      break;
    case Kind::chunked:
      chunks_.emplace(request_.max_body, kHeadLimit);
      break;
    case Kind::until_close:
      break;
  }
  return progress_ = Progress::body;
}

ResponseReader::Progress ResponseReader::take_body(std::string& input) {
  if (framing_.kind == Kind::chunked) {
    std::string_view rest = input;
    const auto reading =
        chunks_->take(rest, [this](std::string_view piece) { return give(piece); });
    input.erase(0, input.size() - rest.size());
    if (reading == ChunkReader::Progress::more) return progress_;
    return fail_chunks(reading);
  }
  const bool bounded = framing_.kind == Kind::length;
  const auto missing = (bounded ? framing_.length : request_.max_body) - body_bytes_;
  if (!bounded && input.size() > missing) return too_large();
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(missing, input.size()));
  if (size > 0 && !give(std::string_view(input).substr(0, size))) {
    return fail(ErrorKind::aborted, stopped_);
  }
  input.erase(0, size);
  if (bounded && size == missing) progress_ = Progress::done;
  return progress_;
}

ResponseReader::Progress ResponseReader::fail_chunks(ChunkReader::Progress why) {
  using Reading = ChunkReader::Progress;
  if (why == Reading::done) return progress_ = Progress::done;
  if (why == Reading::too_large) return too_large();
  if (why == Reading::stopped) return fail(ErrorKind::aborted, stopped_);
  return fail(
      ErrorKind::protocol,
      fmt::format("the answer makes no sense after {} bytes: a chunk is malformed", body_bytes_));
}

bool ResponseReader::give(std::string_view piece) {
  body_bytes_ += piece.size();
  response_.body_bytes = body_bytes_;
  assert(body_bytes_ <= request_.max_body);
  if (!streams_) {
    response_.body.append(piece.substr(0, keep_at_most_ - response_.body.size()));
    return true;
  }
  try {
    if (request_.on_body(piece)) return true;
    stopped_ = "the answer was not wanted to its end";
  } catch (const std::exception& thrown) {
    stopped_ = std::string("the answer could not be taken: ") + thrown.what();
  }
  return false;
}

ResponseReader::Progress ResponseReader::end(bool cleanly) {
  if (empty_) return fail(ErrorKind::reset, "the connection was closed without an answer");
  if (progress_ == Progress::head) {
    return fail(ErrorKind::reset, "the answer ended within its header");
  }
  if (framing_.kind == Kind::until_close && cleanly) return progress_ = Progress::done;
  if (framing_.kind == Kind::length) {
    return fail(ErrorKind::reset,
                fmt::format("the answer ended after {} of {} bytes", body_bytes_, framing_.length));
  }
  return fail(ErrorKind::reset,
              fmt::format("the answer ended after {} bytes, before its end", body_bytes_));
}

bool ResponseReader::keeps_alive() const {
  return framing_.kind != Kind::until_close && http::keeps_alive(reader_->fields(), line_.version);
}

}  // namespace evenkeel::http
