#pragma once
// Inside the client: makes an answer of bytes as they come, apart from sockets (RFC 9112): whole,
// bounded, or an error. Interim answers (1xx) are read and passed over.

#include <optional>
#include <string>
#include <string_view>

#include "agent/http/client.hpp"
#include "agent/http/framing.hpp"
#include "agent/http/head.hpp"

namespace evenkeel::http {

class ResponseReader {
 public:
  enum class Progress { head, body, done, failed };
  // Of `what` in an Error, without where.
  struct Failure {
    ErrorKind kind = ErrorKind::protocol;
    std::string what;
  };

  // `request` must outlive the reader. Its on_body is called from take().
  explicit ResponseReader(const Request& request);

  // Takes bytes of the answer out of `input`; what is left after `done` is none of it.
  [[nodiscard]] Progress take(std::string& input);
  // The server sends no more: `cleanly`, or for want of the connection.
  [[nodiscard]] Progress end(bool cleanly);

  [[nodiscard]] const Failure& failure() const { return failure_; }
  [[nodiscard]] bool is_empty() const { return empty_; }  // nothing has come
  [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }
  [[nodiscard]] Response& response() { return response_; }  // when done
  // Whether the connection may serve another call, once the answer is done.
  [[nodiscard]] bool keeps_alive() const;

 private:
  using Kind = Framing::Kind;

  [[nodiscard]] Progress take_head(std::string& input);
  [[nodiscard]] Progress take_body(std::string& input);
  [[nodiscard]] Progress begin_response();
  [[nodiscard]] Progress begin_body();
  [[nodiscard]] Progress fail(ErrorKind kind, std::string what);
  [[nodiscard]] Progress fail_chunks(ChunkReader::Progress why);
  [[nodiscard]] Progress too_large();
  [[nodiscard]] bool give(std::string_view piece);

  const Request& request_;
  Progress progress_ = Progress::head;
  bool empty_ = true;
  std::size_t heads_ = 0;  // bytes of interim answers
  std::optional<HeadReader> reader_;
  StatusLine line_;
  Framing framing_;
  std::optional<ChunkReader> chunks_;
  bool streams_ = false;
  std::size_t keep_at_most_ = 0;
  std::size_t body_bytes_ = 0;
  std::string stopped_;  // why give() ended it
  Response response_;
  Failure failure_;
};

}  // namespace evenkeel::http
