#include "agent/cli/session.hpp"

#include <iostream>
#include <map>
#include <utility>

#include "agent/cli/hold.hpp"
#include "agent/settings/address.hpp"
#include "agent/settings/load.hpp"
#include "agent/util/log.hpp"
#include "agent/util/secret_file.hpp"
#include "agent/util/url.hpp"

namespace evenkeel::cli {
namespace {

// A flag that overrides an environment variable.
struct Override {
  const char* flag;
  const char* variable;
  std::optional<std::string> Common::*value;
};

// A flag is an environment variable that wins over the real one.
constexpr Override kOverrides[] = {
    {"--milvus.address", "EVENKEEL_MILVUS_ADDRESS", &Common::milvus_address},
    {"--scrape.targets", "EVENKEEL_SCRAPE_TARGETS", &Common::scrape_targets},
    {"--web.listen-address", "EVENKEEL_WEB_LISTEN_ADDRESS", &Common::web_listen_address},
    {"--log.level", "EVENKEEL_LOG_LEVEL", &Common::log_level},
    {"--log.format", "EVENKEEL_LOG_FORMAT", &Common::log_format},
};

scrape::HttpScraperOptions scraper_options(const settings::Settings& settings) {
  scrape::HttpScraperOptions options;
  options.timeout = settings.scrape.timeout;
  options.max_body = static_cast<std::size_t>(settings.scrape.max_body);
  return options;
}

// The file is read only where etcd is asked.
std::optional<settings::Mistake> etcd_login_mistake(const settings::Settings& settings) {
  const auto& file = settings.etcd.password_file;
  const bool asked = holds_by_etcd(settings) || settings.turns.mode == "etcd";
  if (!asked || file.empty()) return std::nullopt;
  const auto password = read_secret_line(file);
  if (password) return std::nullopt;
  return settings::Mistake{file, "[etcd] password_file: " + password.error()};
}

}  // namespace

settings::Loaded load_settings(const Common& common) {
  settings::Environment environment = settings::process_environment();
  std::map<std::string, std::string> overrides;
  std::map<std::string, std::string> flags;
  for (const auto& [flag, variable, value] : kOverrides) {
    if (!(common.*value)) continue;
    overrides[variable] = *(common.*value);
    flags[variable] = flag;
    environment.names.emplace_back(variable);
  }
  environment.get = [overrides, below = std::move(environment.get)](const std::string& name) {
    const auto found = overrides.find(name);
    return found == overrides.end() ? below(name) : std::optional(found->second);
  };
  auto loaded = common.config_file.empty() ? settings::from_environment(environment)
                                           : settings::load(common.config_file, environment);
  if (!loaded) {
    for (auto& mistake : loaded.error()) {
      if (const auto flag = flags.find(mistake.where); flag != flags.end())
        mistake.where = flag->second;
    }
  }
  return loaded;
}

std::optional<settings::Settings> settings_or_report(const Common& common) {
  auto loaded = load_settings(common);
  if (loaded) return *std::move(loaded);
  std::cerr << settings::report(loaded.error());
  return std::nullopt;
}

void configure_log(const settings::Settings& settings) {
  const auto& level = settings.log.level;
  log::configure(level == "debug"   ? log::Level::debug
                 : level == "warn"  ? log::Level::warn
                 : level == "error" ? log::Level::error
                                    : log::Level::info,
                 settings.log.format == "json" ? log::Format::json : log::Format::logfmt);
}

std::optional<settings::Mistake> login_mistake(const settings::Settings& settings) {
  if (auto mistake = etcd_login_mistake(settings)) return mistake;
  milvus::Login login(login_options(settings), [] { return std::chrono::steady_clock::now(); }, {});
  const auto authorization = login.authorization();
  if (authorization) return std::nullopt;
  return settings::Mistake{login.file(), authorization.error()};
}

bool goes_in_clear(const std::string& url) {
  const auto parsed = is_grpc_url(url) ? grpc_server(url) : http::parse_url(url);
  return parsed && !parsed->tls && !settings::Listen{.host = parsed->host}.is_loopback();
}

std::vector<std::string> login_in_clear_to(const settings::Settings& settings) {
  const auto& milvus = settings.milvus;
  std::vector<std::string> addresses;
  if (milvus.password_file.empty() && milvus.token_file.empty()) return addresses;
  const auto& beside = is_grpc_url(milvus.address) ? milvus.metrics_address : milvus.rest_address;
  for (const auto& address : {milvus.address, beside}) {
    if (goes_in_clear(address)) addresses.push_back(address);
  }
  return addresses;
}

Session::Session(settings::Settings the_settings)
    : settings(std::move(the_settings)),
      client(io.get_executor(), client_options(settings.milvus)),
      road(client, settings),
      coordinator(road.coordinator()),
      scraper(client, scraper_options(settings), [this] { return clock.now(); }),
      observer(
          coordinator, scraper, [this] { return clock.now(); }, instruments) {}

std::shared_ptr<const rules::Cluster> Session::observe(rules::Weights weights) {
  return run(observer.observe(settings, std::move(weights))).cluster;
}

bool report_problems(const rules::Cluster& cluster) {
  for (const auto& problem : cluster.problems) std::cerr << "evenkeel: " << problem.text << '\n';
  return cluster.coordinator_complete;
}

}  // namespace evenkeel::cli
