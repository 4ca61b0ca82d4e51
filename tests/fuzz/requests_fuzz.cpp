// What clients send on a connection, as the server reads it: the same requests and the same refusal
// wherever the bytes are cut, and no more kept than the limits say.

#include "agent/http/request_reader.hpp"

#include <optional>
#include <string>
#include <vector>

#include "agent/http/target.hpp"
#include "tests/fuzz/fuzz.hpp"

using evenkeel::fuzz::require;
using evenkeel::fuzz::take_piece;
namespace http = evenkeel::http;

namespace {

using Progress = http::RequestReader::Progress;
using Told = std::vector<std::string>;  // one request after another

constexpr http::Limits kLimits{.head = 512, .body = 1000};

Told request_in(const http::RequestReader& reader) {
  const auto& head = reader.head();
  require(http::is_token(head.method), "a method that is none");
  require(head.path.starts_with('/'), "a request for nothing");
  for (const char c : head.path) require(!http::is_control(c) && c != '\t', "a control in a path");
  require(head.host.empty() || http::parse_authority(head.host), "a host that is none");
  require(head.has_body || reader.body().empty(), "a body out of nothing");
  return {head.method,
          head.path,
          head.query,
          head.host,
          head.origin,
          head.fetch_site,
          head.authorization,
          head.content_type,
          head.expects_continue ? "waits" : "does not wait",
          head.keep_alive ? "stays" : "goes",
          reader.body()};
}

void check_kept(const http::RequestReader& reader, Progress progress, const std::string& input) {
  require(reader.body().size() <= kLimits.body, "a body beyond the limit");
  if (progress == Progress::head) require(input.size() <= kLimits.head, "a head beyond the limit");
  if (progress == Progress::body) require(input.empty(), "a body that is left lying");
}

// Takes what is there of one request, past the stop after the head.
Progress take(http::RequestReader& reader, std::string& input) {
  const bool had_head = !reader.head().method.empty();
  auto progress = reader.take(input);
  if (!had_head && progress == Progress::body) progress = reader.take(input);
  check_kept(reader, progress, input);
  return progress;
}

// In pieces of `size` bytes.
Told read(std::string_view bytes, std::size_t size) {
  Told told;
  std::string input;
  std::optional<http::RequestReader> reader(kLimits);
  while (!bytes.empty()) {
    input += take_piece(bytes, size);
    while (!input.empty()) {
      const auto progress = take(*reader, input);
      if (progress == Progress::refused) {
        const auto& refusal = reader->refusal();
        require(refusal.status >= 400 && !refusal.message.empty(), "a refusal that is none");
        told.push_back("refused: " + std::to_string(refusal.status) + ' ' + refusal.message);
        return told;
      }
      if (progress != Progress::done) break;
      const auto request = request_in(*reader);
      told.insert(told.end(), request.begin(), request.end());
      if (!reader->head().keep_alive) return told;
      reader.emplace(kLimits);
    }
  }
  return told;
}

}  // namespace

void evenkeel::fuzz::one_input(std::string_view bytes) {
  const auto whole = read(bytes, bytes.size());
  require(read(bytes, 1) == whole, "single bytes decide what was asked");
  require(read(bytes, 2 + bytes.size() % 31) == whole, "pieces decide what was asked");
}
