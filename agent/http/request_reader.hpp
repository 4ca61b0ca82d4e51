#pragma once
// Parser of HTTP/1.1 and 1.0 requests, for bytes as they come, apart from sockets. A request is
// whole and bounded, or refused. Ambiguous ones are refused, against request smuggling (RFC 9112,
// section 11).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/http/framing.hpp"
#include "agent/http/head.hpp"
#include "agent/http/limits.hpp"
#include "agent/http/server_messages.hpp"

namespace evenkeel::http {

// The parser of one request.
class RequestReader {
 public:
  enum class Progress {
    head,  // more bytes of the head are needed
    body,  // the head is known, more bytes of the body are needed
    done,
    refused,
  };

  explicit RequestReader(const Limits& limits);

  // Takes bytes off the front of `input`; after `done`, what is left belongs to the next request.
  // Stops once after the head, before any of the body is taken.
  [[nodiscard]] Progress take(std::string& input);

  [[nodiscard]] const RequestHead& head() const { return head_; }  // after the head
  [[nodiscard]] const std::string& body() const { return body_; }  // when done
  [[nodiscard]] bool is_done() const { return progress_ == Progress::done; }
  [[nodiscard]] bool is_refused() const { return progress_ == Progress::refused; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  [[nodiscard]] Progress take_head(std::string& input);
  [[nodiscard]] Progress take_body(std::string& input);
  [[nodiscard]] Progress take_length(std::string& input);
  [[nodiscard]] Progress take_chunks(std::string& input);
  [[nodiscard]] Progress refuse(int status, std::string code, std::string message);
  [[nodiscard]] Progress refuse_body();
  [[nodiscard]] std::optional<Refusal> read_head();
  [[nodiscard]] std::optional<Refusal> read_target(const RequestLine& line);
  [[nodiscard]] std::optional<Refusal> read_framing(Version version);

  Limits limits_;
  Progress progress_ = Progress::head;
  HeadReader reader_;
  Framing framing_;
  ChunkReader chunks_;
  std::string body_;
  RequestHead head_;
  Refusal refusal_;
};

}  // namespace evenkeel::http
