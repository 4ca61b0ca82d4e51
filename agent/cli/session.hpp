#pragma once
// Settings, and the parts built from them, for every verb that talks to a cluster.

#include <boost/asio/use_future.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/cli/milvus_road.hpp"
#include "agent/cli/options.hpp"
#include "agent/http/client.hpp"
#include "agent/loop/agent.hpp"
#include "agent/loop/observer.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/load.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::cli {

// Loads the file, the environment and the command line's overrides together.
[[nodiscard]] settings::Loaded load_settings(const Common& common);

// Like load_settings(), but prints the mistakes on standard error and returns nullopt then.
[[nodiscard]] std::optional<settings::Settings> settings_or_report(const Common& common);

void configure_log(const settings::Settings& settings);

// The mistake in the file with the login for Milvus or for its etcd; nullopt if both can be read,
// or no login is set.
[[nodiscard]] std::optional<settings::Mistake> login_mistake(const settings::Settings& settings);

// The TLS options of a section that has the keys of a client's TLS.
template <typename Section>
[[nodiscard]] http::ClientOptions client_options(const Section& section) {
  http::ClientOptions options;
  options.tls = {.ca_file = section.ca_file,
                 .cert_file = section.cert_file,
                 .key_file = section.key_file,
                 .verify = section.tls_verify};
  return options;
}

// True if what is sent to this URL leaves the machine without TLS.
[[nodiscard]] bool goes_in_clear(const std::string& url);

// The addresses to which the login for Milvus goes in clear: those of other machines without TLS.
// Empty if no login is set.
[[nodiscard]] std::vector<std::string> login_in_clear_to(const settings::Settings& settings);

// The parts that talk to one cluster. A member depends only on those above it.
struct Session {
  explicit Session(settings::Settings the_settings);

  settings::Settings settings;
  asio::io_context io{1};
  loop::SystemClock clock;
  http::Client client;
  MilvusRoad road;
  milvus::Coordinator& coordinator;  // the road's
  scrape::HttpScraper scraper;
  loop::Instruments instruments;
  loop::Observer observer;

  // Runs the io_context until the coroutine has ended.
  template <typename T>
  T run(Awaitable<T> body) {
    auto done = asio::co_spawn(io, std::move(body), asio::use_future);
    io.restart();
    io.run();
    return done.get();
  }
  // Makes one observation.
  [[nodiscard]] std::shared_ptr<const rules::Cluster> observe(rules::Weights weights = {});
};

// Prints on standard error what could not be read; false if that makes the picture incomplete.
bool report_problems(const rules::Cluster& cluster);

}  // namespace evenkeel::cli
