// What a server may send to the outbound client: an answer or an error in words, the same wherever
// the bytes are cut, and never more than was allowed. Without sockets, so that it is fast; and by
// the parts below the client's reader, whose bounds are small enough here to be met.

#include <optional>
#include <string>

#include "agent/http/response_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

using evenkeel::fuzz::require;
using evenkeel::fuzz::take_piece;
namespace http = evenkeel::http;

namespace {

constexpr std::size_t kMaxBody = 500;
constexpr std::size_t kMaxHead = std::size_t{64} << 10;  // of ResponseReader
constexpr std::size_t kMaxParts = 100;                   // of the parts alone

using Progress = http::ResponseReader::Progress;

bool goes_on(Progress progress) {
  return progress == Progress::head || progress == Progress::body;
}

struct Outcome {
  std::optional<http::ErrorKind> error;
  std::string words;  // or the body
  int status = 0;
  std::string content_type;
  bool reusable = false;
  std::size_t left = 0;  // bytes after the answer

  bool operator==(const Outcome&) const = default;
};

// In pieces of `size` bytes, and then the connection ends.
Outcome read(http::Request request, bool streams, std::string_view bytes, std::size_t size) {
  request.max_body = kMaxBody;
  std::string streamed;
  if (streams) {
    request.on_body = [&streamed](std::string_view piece) {
      streamed += piece;
      require(streamed.size() <= kMaxBody, "more is streamed than was allowed");
      return true;
    };
  }
  http::ResponseReader reader(request);
  std::string input;
  auto progress = Progress::head;
  while (goes_on(progress) && !bytes.empty()) {
    input += take_piece(bytes, size);
    progress = reader.take(input);
    if (progress == Progress::head) require(input.size() <= kMaxHead, "a head beyond the limit");
    if (progress == Progress::body) require(input.empty(), "a body that is left lying");
  }
  if (goes_on(progress)) progress = reader.end(true);
  auto& response = reader.response();
  require(response.body.size() <= kMaxBody, "more is kept than was allowed");
  if (progress == Progress::failed) {
    require(!reader.failure().what.empty(), "an error without words");
    return {.error = reader.failure().kind, .words = reader.failure().what};
  }
  require(progress == Progress::done, "neither answer nor error");
  require(response.status >= 200 && response.status < 1000, "an answer that is none");
  require(response.body_bytes == response.body.size() + streamed.size(), "bytes are lost");
  require(request.method != "HEAD" || response.body_bytes == 0, "a body of a head");
  return {.words = response.body + streamed,
          .status = response.status,
          .content_type = response.content_type,
          .reusable = reader.keeps_alive(),
          .left = input.size() + bytes.size()};
}

// A head and the chunks behind it, in pieces of `size` bytes: what came of it.
std::string read_parts(std::string_view bytes, std::size_t size) {
  http::HeadReader head(http::Message::response, kMaxParts);
  http::ChunkReader chunks(kMaxParts, kMaxParts);
  auto of_head = http::HeadReader::Progress::more;
  auto of_chunks = http::ChunkReader::Progress::more;
  std::string input, data;
  const auto keep = [&data](std::string_view piece) {
    require(!piece.empty(), "a piece of nothing");
    data += piece;
    return true;
  };
  while (!bytes.empty()) {
    input += take_piece(bytes, size);
    if (of_head == http::HeadReader::Progress::more) of_head = head.take(input);
    require(head.size() <= kMaxParts || of_head != http::HeadReader::Progress::done,
            "a head beyond the limit");
    if (of_head == http::HeadReader::Progress::more) continue;
    if (of_head != http::HeadReader::Progress::done) break;
    std::string_view rest = input;
    of_chunks = chunks.take(rest, keep);
    require(data.size() <= kMaxParts, "chunks beyond the limit");
    if (of_chunks != http::ChunkReader::Progress::more) break;
    require(rest.empty(), "chunks that are left lying");
    input.clear();
  }
  return std::to_string(static_cast<int>(of_head)) + std::to_string(static_cast<int>(of_chunks)) +
         data;
}

}  // namespace

void evenkeel::fuzz::one_input(std::string_view bytes) {
  const std::size_t pieces[] = {1, 2 + bytes.size() % 31};
  const auto check = [&](const http::Request& request, bool streams) {
    const auto whole = read(request, streams, bytes, bytes.size());
    for (const auto size : pieces) {
      require(read(request, streams, bytes, size) == whole, "pieces decide what the answer is");
    }
    return whole;
  };
  const auto kept = check({}, false);
  const auto streamed = check({}, true);
  require(kept.status != 200 || kept == streamed, "streamed is another answer");
  (void)check({.method = "HEAD"}, false);
  const auto parts = read_parts(bytes, bytes.size());
  for (const auto size : pieces) {
    require(read_parts(bytes, size) == parts, "pieces decide what the parts are");
  }
}
