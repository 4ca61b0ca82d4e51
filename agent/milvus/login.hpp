#pragma once
// The agent's login at Milvus, from files that may change under it. No message ever holds a secret.

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tl/expected.hpp>

#include "agent/http/client.hpp"
#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// The source of the login: the first two, or the third, or none.
struct LoginOptions {
  std::string username{};
  std::string password_file{};  // one line
  std::string token_file{};     // one line, "user:password" or an API key
};

// A login that was refused is not tried again for this long, unless its secret changes.
inline constexpr std::chrono::seconds kLoginRest{30};

// Reads the login, and remembers where it was refused.
class Login {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Warn = std::function<void(const std::string&)>;

  // `warn` hears once that a file can no longer be read; the last secret stays in use.
  Login(LoginOptions options, Clock now, Warn warn);

  // A login as requests carry it.
  struct Authorization {
    std::string header{};          // the value of HTTP's Authorization; empty: no login is set
    std::string metadata{};        // the value of gRPC's authorization; empty: no login is set
    std::uint64_t generation = 0;  // counts the secrets that were read
  };
  // Returns the login for a request to `url`, unless the file cannot be read or the same secret was
  // refused there less than kLoginRest ago; `asked` begins the failure's words.
  [[nodiscard]] Result<Authorization> admit(const http::Url& url, const std::string& asked);
  // Reads the file again if it changed, also if it is a link that now leads elsewhere. The error
  // names the key and says what is wrong with the file.
  [[nodiscard]] tl::expected<Authorization, std::string> authorization();

  // Remembers that Milvus refused that authorization by HTTP `status` (or gRPC's that means the
  // same), or by an error in a 200. A wrong login is refused for the whole server; one that may not
  // do this (403), for the path.
  void refused(const http::Url& url, int status, std::uint64_t generation, const Failure& failure);

  // The file that holds the secret; empty: no login is set.
  [[nodiscard]] const std::string& file() const;

  // Names the keys of the settings to set or to look at.
  [[nodiscard]] std::string advice() const;

 private:
  // Tells one version of a file from another.
  struct Stamp {
    dev_t device = 0;
    ino_t file = 0;
    off_t size = 0;
    timespec written{};
    timespec changed{};  // also by chmod

    [[nodiscard]] bool operator==(const Stamp& other) const;
  };
  // A remembered refusal.
  struct Refusal {
    Failure failure;
    std::uint64_t generation = 0;
    std::chrono::steady_clock::time_point until;
  };

  // Returns the failure with which that secret was refused less than kLoginRest ago, else null.
  [[nodiscard]] const Failure* refusal(const http::Url& url, std::uint64_t generation) const;
  [[nodiscard]] bool by_token() const { return !options_.token_file.empty(); }
  [[nodiscard]] static Stamp stamp_of(const std::string& path);
  // Returns an authorization without its generation.
  [[nodiscard]] tl::expected<Authorization, std::string> read() const;

  LoginOptions options_;
  Clock now_;
  Warn warn_;
  Stamp stamp_;
  Authorization current_;
  std::string problem_;  // with the file as it is now; empty: none
  std::map<std::string, Refusal> refusals_;
};

}  // namespace evenkeel::milvus
