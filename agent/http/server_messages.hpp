#pragma once
// Messages of a server, apart from sockets: heads of requests, refusals and responses.

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace evenkeel::http {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names and values

// The head of a request, checked and decoded.
struct RequestHead {
  std::string method;
  std::string path, query;  // the path decoded, the query as sent
  std::string host;         // from the target, else from Host; empty: none
  std::string origin;       // Origin as sent, and so is Authorization; empty: none
  std::string fetch_site;   // Sec-Fetch-Site, in lower case; empty: none
  std::string authorization;
  std::string content_type;  // without parameters, in lower case
  // The members of those headers, in lower case.
  std::vector<std::string> accept, accept_encoding;
  bool has_body = false;
  bool expects_continue = false;  // the client waits for 100 Continue before it sends the body
  bool keep_alive = true;         // another request may follow on the connection
};

// The client at the other end.
struct Peer {
  std::string address;      // for counting: of an IPv6 address only its /64 network
  std::string certificate;  // the name in its certificate, if that was verified
  bool verified = false;
};

// The reason why a request is not served.
struct Refusal {
  int status = 400;
  std::string code;     // for programs, and for counting: "bad_request"
  std::string message;  // for people: what, and what to do; nothing of what the client sent
  Headers headers = {};
};

// A text that is made once and shared by all responses that have it.
class SharedText {
 public:
  SharedText() = default;
  // Implicit: this is a string that costs nothing to copy.
  SharedText(std::string text)  // NOLINT(google-explicit-constructor)
      : text_(std::make_shared<const std::string>(fitted(std::move(text)))) {}
  SharedText(const char* text)  // NOLINT(google-explicit-constructor)
      : SharedText(std::string(text)) {}

  [[nodiscard]] const std::string& str() const {
    static const std::string nothing;
    return text_ ? *text_ : nothing;
  }
  operator const std::string&() const { return str(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::size_t size() const { return str().size(); }
  [[nodiscard]] auto begin() const { return str().begin(); }
  [[nodiscard]] auto end() const { return str().end(); }
  // The identity of the text: the same for all that share it.
  [[nodiscard]] const void* id() const { return text_.get(); }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.str() == b.str(); }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.str();
  }

 private:
  // A text that grew piece by piece may take twice its size until the slowest client has it.
  [[nodiscard]] static std::string fitted(std::string text) {
    constexpr std::size_t kWaste = 64u << 10;
    if (text.capacity() - text.size() > kWaste) text.shrink_to_fit();
    return text;
  }

  std::shared_ptr<const std::string> text_;
};

// A response to send.
struct ServerResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  SharedText body{};
  SharedText tail{};     // sent after the body
  Headers headers = {};  // besides those above and HTTP's own
};

}  // namespace evenkeel::http
