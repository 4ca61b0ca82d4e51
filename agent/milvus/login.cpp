#include "agent/milvus/login.hpp"

#include <utility>

#include "agent/util/base64.hpp"
#include "agent/util/secret_file.hpp"

namespace evenkeel::milvus {
namespace {

std::string server_of(const http::Url& url) {
  return url.authority();
}

std::string path_of(const http::Url& url) {
  return url.authority() + url.target.substr(0, url.target.find('?'));
}

// File systems stamp by a clock's tick: a file written just now may change without a new stamp.
bool may_change_unseen(const timespec& changed) {
  constexpr std::chrono::seconds kLongerThanATick{2};
  const auto at = std::chrono::seconds(changed.tv_sec) + std::chrono::nanoseconds(changed.tv_nsec);
  return std::chrono::system_clock::now().time_since_epoch() - at < kLongerThanATick;
}

bool same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

bool Login::Stamp::operator==(const Stamp& other) const {
  return device == other.device && file == other.file && size == other.size &&
         same(written, other.written) && same(changed, other.changed);
}

Login::Login(LoginOptions options, Clock now, Warn warn)
    : options_(std::move(options)), now_(std::move(now)), warn_(std::move(warn)) {}

const std::string& Login::file() const {
  return by_token() ? options_.token_file : options_.password_file;
}

Login::Stamp Login::stamp_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
  return {about.st_dev, about.st_ino, about.st_size, about.st_mtim, about.st_ctim};
}

tl::expected<Login::Authorization, std::string> Login::read() const {
  auto line = read_secret_line(file());
  if (!line) {
    const char* key = by_token() ? "token_file" : "password_file";
    return tl::unexpected(std::string("[milvus] ") + key + ": " + line.error());
  }
  if (by_token()) return Authorization{"Bearer " + *line, encode_base64(*line)};
  const auto both = encode_base64(options_.username + ":" + *line);
  return Authorization{"Basic " + both, both};
}

tl::expected<Login::Authorization, std::string> Login::authorization() {
  if (file().empty()) return current_;
  // The stamp comes first: a file that changes before it is read has a newer one at the next call.
  const auto stamp = stamp_of(file());
  if (current_.generation != 0 && problem_.empty() && stamp == stamp_) return current_;
  auto fresh = read();
  if (!fresh) {
    if (current_.generation == 0) return tl::unexpected(fresh.error());
    if (problem_ != fresh.error()) {
      problem_ = fresh.error();
      if (warn_) warn_(file() + ": " + problem_ + "; the login that was read before is used");
    }
    return current_;
  }
  problem_.clear();
  stamp_ = may_change_unseen(stamp.changed) ? Stamp{} : stamp;
  if (current_.header != fresh->header) {
    fresh->generation = current_.generation + 1;
    current_ = *std::move(fresh);
  }
  return current_;
}

Result<Login::Authorization> Login::admit(const http::Url& url, const std::string& asked) {
  auto found = authorization();
  if (!found) {
    return tl::unexpected(Failure{.kind = FailureKind::login,
                                  .message = asked + "not sent, since the login cannot be read: " +
                                             file() + ": " + found.error()});
  }
  if (const auto* failure = refusal(url, found->generation)) return tl::unexpected(*failure);
  return *std::move(found);
}

void Login::refused(const http::Url& url, int status, std::uint64_t generation,
                    const Failure& failure) {
  const auto key = status == 403 ? path_of(url) : server_of(url);
  refusals_.insert_or_assign(key, Refusal{failure, generation, now_() + kLoginRest});
}

const Failure* Login::refusal(const http::Url& url, std::uint64_t generation) const {
  for (const auto& key : {server_of(url), path_of(url)}) {
    const auto found = refusals_.find(key);
    if (found == refusals_.end()) continue;
    const auto& refusal = found->second;
    if (refusal.generation == generation && now_() < refusal.until) return &refusal.failure;
  }
  return nullptr;
}

std::string Login::advice() const {
  if (by_token()) return "check [milvus] token_file";
  if (!file().empty()) return "check [milvus] username and password_file";
  return "set [milvus] username and password_file, or token_file";
}

}  // namespace evenkeel::milvus
