#include "agent/cli/reloaded.hpp"

#include <algorithm>

#include "agent/settings/load.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::cli {
namespace {

std::string line_of(const std::string& what, const std::vector<std::string>& keys) {
  std::string line;
  for (const auto& key : keys) {
    line += line.empty() ? what + ": " : ", ";
    line += key;
  }
  return line.empty() ? line : line + '\n';
}

// `changed` has all changed keys, as changed_keys() names them.
std::vector<std::string> warn_of_restart(const settings::Settings& before,
                                         const settings::Settings& after,
                                         const std::vector<std::string>& changed) {
  std::vector<std::string> waiting;
  const auto warn = [&waiting](bool has_changed, const char* keys) {
    if (!has_changed) return;
    log::warn("changed, but takes effect only after a restart", {{"keys", keys}});
    waiting.emplace_back(keys);
  };
  const auto& a = before.milvus;
  const auto& b = after.milvus;
  warn(a.address != b.address || a.timeout != b.timeout || a.move_timeout != b.move_timeout ||
           a.ca_file != b.ca_file || a.cert_file != b.cert_file || a.key_file != b.key_file ||
           a.tls_verify != b.tls_verify || a.username != b.username ||
           a.password_file != b.password_file || a.token_file != b.token_file ||
           a.rest_address != b.rest_address || a.metrics_address != b.metrics_address ||
           a.databases != b.databases || a.max_answer != b.max_answer,
       "[milvus]");
  warn(before.scrape.timeout != after.scrape.timeout ||
           before.scrape.max_body != after.scrape.max_body,
       "[scrape] timeout, max_body");
  for (const char* section : {"[journal]", "[etcd]", "[builtin_balancer]", "[turns]"}) {
    warn(std::any_of(changed.begin(), changed.end(),
                     [&](const std::string& key) { return key.starts_with(section); }),
         section);
  }
  warn(before.web.listen_address != after.web.listen_address, "[web] listen_address");
  return waiting;
}

}  // namespace

Reloaded compare(const settings::Settings& before, const settings::Settings& after) {
  Reloaded reloaded{.changed = settings::changed_keys(before, after), .after_restart = {}};
  reloaded.after_restart = warn_of_restart(before, after, reloaded.changed);
  return reloaded;
}

web::Response response_of(const tl::expected<Reloaded, std::vector<settings::Mistake>>& reloaded) {
  if (!reloaded) {
    return {.status = 422,
            .body = "Evenkeel was not reloaded, the old settings hold:\n" +
                    settings::report(reloaded.error())};
  }
  std::string text = "Evenkeel has read its configuration again, and the files that it names.\n";
  text += reloaded->changed.empty() ? "No setting has another value.\n"
                                    : line_of("Changed", reloaded->changed);
  return {.body = text + line_of("Takes effect only after a restart", reloaded->after_restart)};
}

}  // namespace evenkeel::cli
