#pragma once
// Parser of one HTTP response (RFC 9112), for bytes as they come, apart from sockets. A response is
// whole and bounded, or an error; interim ones (1xx) are skipped. Internal to the client.

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
  // An Error without the URL.
  struct Failure {
    ErrorKind kind = ErrorKind::protocol;
    std::string what;
  };

  // `request` must outlive the reader. Its on_body is called from take().
  explicit ResponseReader(const Request& request);

  // Takes bytes of the response off the front of `input`; after `done`, the rest is not part of it.
  [[nodiscard]] Progress take(std::string& input);
  // Call it when the server sends no more; `cleanly`: it has closed the connection in order.
  [[nodiscard]] Progress end(bool cleanly);

  [[nodiscard]] const Failure& failure() const { return failure_; }
  [[nodiscard]] bool is_empty() const { return empty_; }  // no byte has come
  [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }
  [[nodiscard]] Response& response() { return response_; }  // when done
  // True if the connection may serve another call. Only when done.
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
  std::size_t heads_ = 0;  // bytes of interim responses
  std::optional<HeadReader> reader_;
  StatusLine line_;
  Framing framing_;
  std::optional<ChunkReader> chunks_;
  bool streams_ = false;
  std::size_t keep_at_most_ = 0;
  std::size_t body_bytes_ = 0;
  std::string stopped_;  // why give() returned false
  Response response_;
  Failure failure_;
};

}  // namespace evenkeel::http
