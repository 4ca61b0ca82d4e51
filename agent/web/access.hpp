#pragma once
// Who may ask for what, as the settings and the files they name say.

#include <optional>
#include <string>
#include <vector>

#include "agent/settings/settings.hpp"
#include "agent/web/secret_file.hpp"
#include "agent/web/tls.hpp"
#include "agent/web/token.hpp"
#include "agent/web/users.hpp"

namespace evenkeel::web {

struct Access {
  std::vector<std::string> hosts;  // names that are ours besides those of the place
  bool read_only = false;
  int changes_per_second = 10;  // from one address
  std::optional<Token> token;
  Users users;
  bool certificates = false;  // a client's certificate, verified, is a credential
  TlsContext tls;             // null: plain HTTP

  // Nobody has to say who he is.
  [[nodiscard]] bool open() const { return !token && users.empty() && !certificates; }
};

// Reads the files; all their mistakes at once.
[[nodiscard]] tl::expected<Access, Mistakes> load_access(const settings::Settings::Web& settings);

}  // namespace evenkeel::web
