#include "agent/web/access.hpp"

#include <iterator>
#include <utility>

namespace evenkeel::web {
namespace {

void add(Mistakes& mistakes, Mistakes more) {
  mistakes.insert(mistakes.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

tl::expected<Token, Mistakes> load_token(const std::string& path) {
  const auto text = read_file(path, "token_file", Secrecy::secret);
  if (!text) return tl::unexpected(Mistakes{text.error()});
  auto token = Token::parse(*text);
  if (!token) return tl::unexpected(Mistakes{mistake_in(path, "token_file", token.error())});
  return *std::move(token);
}

tl::expected<Users, Mistakes> load_users(const std::string& path) {
  const auto text = read_file(path, "users_file", Secrecy::secret);
  if (!text) return tl::unexpected(Mistakes{text.error()});
  return parse_users(*text, path);
}

}  // namespace

tl::expected<Access, Mistakes> load_access(const settings::Settings::Web& settings) {
  Access access;
  access.hosts = settings.hosts;
  access.read_only = settings.read_only;
  access.changes_per_second = settings.changes_per_second;
  access.certificates = !settings.client_ca_file.empty();
  Mistakes mistakes;
  if (!settings.token_file.empty()) {
    if (auto token = load_token(settings.token_file)) {
      access.token = *token;
    } else {
      add(mistakes, std::move(token.error()));
    }
  }
  if (!settings.users_file.empty()) {
    if (auto users = load_users(settings.users_file)) {
      access.users = *std::move(users);
    } else {
      add(mistakes, std::move(users.error()));
    }
  }
  if (auto tls = make_tls(settings)) {
    access.tls = *std::move(tls);
  } else {
    add(mistakes, std::move(tls.error()));
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return access;
}

}  // namespace evenkeel::web
