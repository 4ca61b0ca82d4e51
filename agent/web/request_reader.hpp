#pragma once
// Makes requests of bytes as they come, apart from sockets: HTTP/1.1 and 1.0, whole and bounded, or
// refused. Boost.Beast parses; what it would let pass and two readers might understand differently
// is refused here.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/web/limits.hpp"
#include "agent/web/refusal.hpp"

namespace evenkeel::web {

struct Head {
  std::string method;
  std::string path, query;  // the path decoded, the query as sent
  std::string host;         // the header, as sent; so are the next three
  std::string origin;       // empty where there is none
  std::string fetch_site;   // Sec-Fetch-Site
  std::string authorization;
  std::string content_type;  // without parameters, in lower case
  bool has_body = false;
  bool expects_continue = false;  // the client waits to be told before it sends the body
  bool keep_alive = true;         // another request may follow on the connection
};

// One request.
class RequestReader {
 public:
  enum class Progress {
    head,  // more bytes of the head are needed
    body,  // the head is known, more bytes of the body are needed
    done,
    refused,
  };

  explicit RequestReader(const Limits& limits);
  ~RequestReader();

  // Uses bytes of `input` from its begin, and takes them out; what is left belongs to the next
  // request. Stops once after the head, before anything of the body is used.
  [[nodiscard]] Progress take(std::string& input);

  [[nodiscard]] const Head& head() const { return head_; }  // after the head
  [[nodiscard]] std::string& body();                        // when done
  [[nodiscard]] bool is_done() const { return progress_ == Progress::done; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  struct Parser;

  [[nodiscard]] Progress take_head(std::string& input);
  [[nodiscard]] Progress take_body(std::string& input);
  [[nodiscard]] Progress refuse(int status, std::string code, std::string message);
  [[nodiscard]] std::optional<Refusal> read_fields();

  Limits limits_;
  std::unique_ptr<Parser> parser_;
  Progress progress_ = Progress::head;
  bool first_line_ended_ = false;
  Head head_;
  Refusal refusal_;
};

// A path's %xx, decoded; none where that is malformed or makes a control character.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view path);

}  // namespace evenkeel::web
