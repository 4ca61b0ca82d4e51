#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "agent/api/api.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/settings/report.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/hard_stop.hpp"
#include "agent/util/heap.hpp"
#include "agent/util/log.hpp"
#include "agent/util/service_manager.hpp"
#include "agent/web/access.hpp"
#include "agent/web/server.hpp"
#include "agent/web/site.hpp"
#include "evenkeel_version.hpp"

namespace evenkeel::cli {
namespace {

// The agent ends by itself well before this; it is the last resort behind the promised five
// seconds.
constexpr std::chrono::milliseconds kHardStop{4800};
constexpr std::chrono::milliseconds kReloadDelay{20};

// Keys whose new value a running agent cannot take up.
void warn_of_restart(const settings::Settings& before, const settings::Settings& after) {
  const auto warn = [](bool changed, const char* keys) {
    if (changed) log::warn("changed, but takes effect only after a restart", {{"keys", keys}});
  };
  const auto& a = before.milvus;
  const auto& b = after.milvus;
  warn(a.address != b.address || a.timeout != b.timeout || a.move_timeout != b.move_timeout ||
           a.ca_file != b.ca_file || a.cert_file != b.cert_file || a.key_file != b.key_file ||
           a.tls_verify != b.tls_verify || a.username != b.username ||
           a.password_file != b.password_file || a.token_file != b.token_file ||
           a.rest_address != b.rest_address || a.databases != b.databases ||
           a.max_answer != b.max_answer,
       "[milvus]");
  warn(before.scrape.timeout != after.scrape.timeout ||
           before.scrape.max_body != after.scrape.max_body,
       "[scrape] timeout, max_body");
  warn(before.web.listen_address != after.web.listen_address, "[web] listen_address");
}

void reload_fails(const std::vector<settings::Mistake>& mistakes, loop::Agent& agent) {
  for (const auto& mistake : mistakes) {
    log::error("configuration not reloaded, the old settings hold",
               {{"where", mistake.where}, {"mistake", mistake.what}});
  }
  agent.reload_failed();
}

void reload(const Common& common, Session& session, loop::Agent& agent, web::Server& server) {
  auto loaded = load_settings(common);
  if (!loaded) return reload_fails(loaded.error(), agent);
  auto access = web::load_access(loaded->web);
  if (!access) return reload_fails(access.error(), agent);
  if (const auto mistake = login_mistake(*loaded)) return reload_fails({*mistake}, agent);
  server.use(*std::move(access));
  warn_of_restart(session.settings, *loaded);
  session.settings = *loaded;
  configure_log(*loaded);
  agent.reload(*std::move(loaded));
  log::info("configuration reloaded", {{"file", common.config_file}});
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int run(const RunOptions& options) {
  give_large_blocks_back();
  auto settings = settings_or_report(options.common);
  if (!settings) return kUsage;
  auto access = web::load_access(settings->web);
  if (!access) {
    std::cerr << settings::report(access.error());
    return kUsage;
  }
  if (const auto mistake = login_mistake(*settings)) {
    std::cerr << settings::report({*mistake});
    return kUsage;
  }
  configure_log(*settings);
  const log::Background log_writer;
  for (const auto& address : login_in_clear_to(*settings)) {
    log::warn("the login for Milvus goes over the network in clear", {{"address", address}});
  }
  std::signal(SIGPIPE, SIG_IGN);
  // Before all that may get stuck, so that it goes after it.
  const HardStop hard_stop(kHardStop, kFailed);

  Session session(*std::move(settings));
  loop::Agent agent(session.io.get_executor(),
                    {session.coordinator, session.scraper, session.clock}, session.settings,
                    options.dry_run);
  std::atomic<bool> read_only = session.settings.web.read_only;
  const api::ApiOptions api_options{.read_only = [&read_only] { return read_only.load(); }};
  const auto traffic = std::make_shared<web::Traffic>();
  const auto unwell = [&agent] { return agent.unwell(); };
  web::Handler site =
      web::with_health(web::site([&agent] { return agent.snapshot(); }, traffic), unwell);
  web::Server server(api::handler(std::make_shared<api::Api>(agent, api_options), std::move(site)),
                     {}, traffic, api::methods);
  const auto listen = settings::parse_listen(session.settings.web.listen_address);
  if (const auto started = server.start(*listen, *std::move(access)); !started) {
    log::error("cannot serve", {{"error", started.error()}});
    return kFailed;
  }
  log::info("evenkeel started", {{"version", kVersion},
                                 {"milvus", session.settings.milvus.address},
                                 {"listen", session.settings.web.listen_address},
                                 {"port", server.port()},
                                 {"auto_balance", session.settings.balance.auto_balance},
                                 {"dry_run", options.dry_run}});

  ServiceManager manager(session.io, environment);
  agent.on_publish([&manager](const loop::SnapshotPtr& snapshot) {
    if (!snapshot->decisions.empty()) manager.status(snapshot->decisions.front()->words);
  });
  manager.ready();
  asio::co_spawn(session.io, manager.keep_alive(unwell), asio::detached);

  asio::signal_set ends(session.io, SIGINT, SIGTERM);
  asio::signal_set reloads(session.io, SIGHUP);
  const auto await_end = [&]() -> Awaitable<void> {
    const auto [error, signal] = co_await ends.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    log::info("stopping", {{"signal", signal}});
    manager.stopping();
    agent.stop();
  };
  // Many signals in a row ask for one thing: the files as they are at the end.
  asio::steady_timer soon(session.io);
  bool asked = false;
  const auto await_reloads = [&]() -> Awaitable<void> {
    for (;;) {
      const auto [error, signal] = co_await reloads.async_wait(asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      if (std::exchange(asked, true)) continue;
      soon.expires_after(kReloadDelay);
      soon.async_wait([&](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        asked = false;
        manager.reloading();
        reload(options.common, session, agent, server);
        manager.ready();
        read_only = session.settings.web.read_only;
      });
    }
  };
  asio::co_spawn(session.io, await_end(), asio::detached);
  asio::co_spawn(session.io, await_reloads(), asio::detached);
  asio::co_spawn(session.io, agent.run(), [&](const std::exception_ptr& error) {
    ends.cancel();
    reloads.cancel();
    soon.cancel();
    manager.stop();
    if (error) std::rethrow_exception(error);
  });
  session.io.run();
  server.stop();
  log::info("evenkeel stopped");
  return kDone;
}

}  // namespace evenkeel::cli
