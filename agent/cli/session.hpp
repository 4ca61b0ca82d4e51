#pragma once
// What every verb that talks to a cluster needs: the settings, and the parts built from them.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/options.hpp"
#include "agent/http/client.hpp"
#include "agent/loop/agent.hpp"
#include "agent/loop/observer.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/load.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::cli {

// The file, the environment and the command line's overrides together.
[[nodiscard]] settings::Loaded load_settings(const Common& common);

// As load_settings, with the mistakes printed on standard error: none then.
[[nodiscard]] std::optional<settings::Settings> settings_or_report(const Common& common);

void configure_log(const settings::Settings& settings);

// What is wrong with the file that the login for Milvus is in: none where it can be read, or where
// no login is set.
[[nodiscard]] std::optional<settings::Mistake> login_mistake(const settings::Settings& settings);

// The addresses of Milvus at which anybody on the way could read the login: those of other machines
// without TLS. None where no login is set.
[[nodiscard]] std::vector<std::string> login_in_clear_to(const settings::Settings& settings);

// The parts that talk to one cluster. Members are built in the order they depend on each other.
struct Session {
  explicit Session(settings::Settings the_settings);

  settings::Settings settings;
  asio::io_context io{1};
  loop::SystemClock clock;
  http::Client client;
  milvus::HttpCoordinator coordinator;
  scrape::HttpScraper scraper;
  loop::Instruments instruments;
  loop::Observer observer;

  // One observation; runs the io_context until it is there.
  [[nodiscard]] std::shared_ptr<const rules::Cluster> observe(rules::Weights weights = {});
};

// What could not be read, on standard error; false where that makes the cluster's picture
// incomplete.
bool report_problems(const rules::Cluster& cluster);

}  // namespace evenkeel::cli
