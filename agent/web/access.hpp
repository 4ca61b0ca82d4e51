#pragma once
// Access rules: who may ask for what, by the settings and the files that they name.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/settings/settings.hpp"
#include "agent/web/secret_file.hpp"
#include "agent/web/token.hpp"
#include "agent/web/users.hpp"

namespace boost::asio::ssl {
class context;
}  // namespace boost::asio::ssl

namespace evenkeel::web {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// The access rules of the web server.
struct Access {
  std::vector<std::string> hosts;  // more names of this agent, in lower case
  bool read_only = false;
  int changes_per_second = 10;  // from one address
  std::optional<Token> token;
  Users users;
  bool certificates = false;  // a verified client certificate is a credential
  TlsContext tls;             // null: plain HTTP

  // True if no credential is required.
  [[nodiscard]] bool open() const { return !token && users.empty() && !certificates; }
};

// Reads the files; the error lists all mistakes at once.
[[nodiscard]] tl::expected<Access, Mistakes> load_access(const settings::Settings::Web& settings);

// Makes TLS of the server's certificate, and of the authorities whose clients' certificates it
// accepts. Returns null if no certificate is set. A client needs no certificate, for reading is
// open; a client with a certificate that is not accepted is not served.
[[nodiscard]] tl::expected<TlsContext, Mistakes> make_tls(const settings::Settings::Web& settings);

}  // namespace evenkeel::web
