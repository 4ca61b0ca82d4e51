#pragma once
// What a server reads and what it sends, apart from sockets.

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace evenkeel::http {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names and values

struct RequestHead {
  std::string method;
  std::string path, query;  // the path decoded, the query as sent
  std::string host;         // of the target, or else the header; empty where there is none
  std::string origin;       // the header, as sent, and so are the next two; empty: none
  std::string fetch_site;   // Sec-Fetch-Site
  std::string authorization;
  std::string content_type;  // without parameters, in lower case
  bool has_body = false;
  bool expects_continue = false;  // the client waits to be told before it sends the body
  bool keep_alive = true;         // another request may follow on the connection
};

// Who is at the other end.
struct Peer {
  std::string address;      // for counting: an IPv6 client is its network of 64 bits
  std::string certificate;  // the name in its certificate, where that was verified
  bool verified = false;
};

// Why a request is not answered as it was meant.
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
  // The same for all that share it.
  [[nodiscard]] const void* id() const { return text_.get(); }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.str() == b.str(); }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.str();
  }

 private:
  // What grew piece by piece may take twice its size, and is kept as long as the slowest takes it.
  [[nodiscard]] static std::string fitted(std::string text) {
    constexpr std::size_t kWaste = 64u << 10;
    if (text.capacity() - text.size() > kWaste) text.shrink_to_fit();
    return text;
  }

  std::shared_ptr<const std::string> text_;
};

struct ServerResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  SharedText body{};
  SharedText tail{};     // sent behind the body
  Headers headers = {};  // more than the ones above and those of HTTP itself
};

}  // namespace evenkeel::http
