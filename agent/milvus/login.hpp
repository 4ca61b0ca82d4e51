#pragma once
// The agent's login at Milvus: read from files that may change under it, and not sent again and
// again where it was refused. No message of it ever holds a secret.

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

// Either the first two, or the third, or nothing.
struct LoginOptions {
  std::string username{};
  std::string password_file{};  // one line
  std::string token_file{};     // one line, "user:password" or an API key
};

// How long a login that was refused is not tried again, unless its secret changed.
inline constexpr std::chrono::seconds kLoginRest{30};

class Login {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Warn = std::function<void(const std::string&)>;

  // `warn` hears once that a file can no longer be read; what was read last is used then.
  Login(LoginOptions options, Clock now, Warn warn);

  struct Authorization {
    std::string header;            // the value of Authorization; empty: no login is set
    std::uint64_t generation = 0;  // counts the secrets that were read
  };
  // Looks whether the file changed, by its name, so also where it is a link that now leads
  // elsewhere. The error names the key and says what is wrong with the file.
  [[nodiscard]] tl::expected<Authorization, std::string> authorization();

  // Milvus answered HTTP `status`, or an error in a 200, to a request with that authorization. A
  // login that is wrong is so for the whole server; one that may not do this (403) for the path.
  void refused(const http::Url& url, int status, std::uint64_t generation, const Failure& failure);
  // That failure, where the same secret was refused less than kLoginRest ago.
  [[nodiscard]] const Failure* refusal(const http::Url& url, std::uint64_t generation) const;

  // The file that the secret is in; empty: no login is set.
  [[nodiscard]] const std::string& file() const;

  // Which keys of the settings to set, or to look at.
  [[nodiscard]] std::string advice() const;

 private:
  // What tells one version of a file from another.
  struct Stamp {
    dev_t device = 0;
    ino_t file = 0;
    off_t size = 0;
    timespec written{};
    timespec changed{};  // also by chmod

    [[nodiscard]] bool operator==(const Stamp& other) const;
  };
  struct Refusal {
    Failure failure;
    std::uint64_t generation = 0;
    std::chrono::steady_clock::time_point until;
  };

  [[nodiscard]] bool by_token() const { return !options_.token_file.empty(); }
  [[nodiscard]] static Stamp stamp_of(const std::string& path);
  [[nodiscard]] tl::expected<std::string, std::string> read() const;

  LoginOptions options_;
  Clock now_;
  Warn warn_;
  Stamp stamp_;
  Authorization current_;
  std::string problem_;  // with the file as it is now; empty: none
  std::map<std::string, Refusal> refusals_;
};

}  // namespace evenkeel::milvus
