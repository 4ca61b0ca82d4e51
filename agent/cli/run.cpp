#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/api.hpp"
#include "agent/cli/hold.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/turns.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/journal/path.hpp"
#include "agent/journal/sqlite_journal.hpp"
#include "agent/settings/address.hpp"
#include "agent/settings/load.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/hard_stop.hpp"
#include "agent/util/log.hpp"
#include "agent/util/service_manager.hpp"
#include "agent/web/access.hpp"
#include "agent/web/server.hpp"
#include "agent/web/site.hpp"
#include "evenkeel_version.hpp"

namespace evenkeel::cli {
namespace {

// The last resort behind the promised five seconds: the agent ends by itself well before this.
constexpr std::chrono::milliseconds kHardStop{4800};
constexpr std::chrono::milliseconds kReloadDelay{20};
// How long a request for a reload waits for the loop.
constexpr std::chrono::seconds kReloadPatience{1};

// What a reload came to.
struct Reloaded {
  std::vector<std::string> changed;  // keys whose value is another one, as changed_keys() has them
  std::vector<std::string> after_restart;  // keys of changed values that wait for a restart
};

// Warns of changed keys whose new value a running agent cannot take up, and returns them. `changed`
// has all changed keys, as changed_keys() names them.
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
           a.rest_address != b.rest_address || a.databases != b.databases ||
           a.max_answer != b.max_answer,
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

std::string line_of(const std::string& what, const std::vector<std::string>& keys) {
  std::string line;
  for (const auto& key : keys) {
    line += line.empty() ? what + ": " : ", ";
    line += key;
  }
  return line.empty() ? line : line + '\n';
}

// Says what the reload came to, for the person who asked for it.
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

std::string_view methods(std::string_view path) {
  return path == web::kReloadPath ? "POST" : api::methods(path);
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Makes the C library return large blocks to the system as soon as they are free. By itself it
// keeps blocks of up to 32 MiB once it has seen one, and answers and pictures of such sizes, on
// several threads, leave gaps that nothing else fills. Call this before threads start.
void give_large_blocks_back() {
  constexpr int kLarge = 1 << 20;
  constexpr int kKeptAtTheTop = 8 << 20;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, kKeptAtTheTop);
}

// The journal that the settings name, or one that keeps nothing.
std::unique_ptr<loop::Journal> open_journal(const settings::Settings& settings) {
  journal::StoreOptions options{.path = settings.journal.path,
                                .max_age = settings.journal.max_age,
                                .max_size = settings.journal.max_size};
  if (options.path.empty()) {
    return std::make_unique<journal::NoJournal>("[journal] path is empty");
  }
  if (options.path == "auto") {
    auto standard = journal::standard_path(settings.milvus.address, environment);
    if (standard.path.empty()) return std::make_unique<journal::NoJournal>(standard.why);
    options.path = std::move(standard.path);
  }
  log::info("keeps a journal", {{"file", options.path}});
  return std::make_unique<journal::SqliteJournal>(std::move(options));
}

// The agent, its page and API, and what signals ask of them.
class Service {
 public:
  Service(const RunOptions& options, settings::Settings settings);

  // Runs until a signal ends it, and returns the exit code.
  int run(web::Access access);

 private:
  [[nodiscard]] web::Handler handler();
  [[nodiscard]] bool serve(web::Access access);
  [[nodiscard]] Awaitable<void> await_end();
  [[nodiscard]] Awaitable<void> await_reloads();
  using Outcome = tl::expected<Reloaded, std::vector<settings::Mistake>>;
  Outcome reload();  // tells the service manager, too
  [[nodiscard]] Outcome load_again();
  [[nodiscard]] web::Response reload_and_tell();
  [[nodiscard]] Outcome refuse(std::vector<settings::Mistake> mistakes);
  void close();

  const RunOptions& options_;
  Session session_;
  std::unique_ptr<loop::Journal> journal_;
  std::unique_ptr<Hold> hold_;    // null: Milvus's own balancer is left alone
  std::unique_ptr<Turns> turns_;  // null: no other agent acts on this cluster
  loop::Agent agent_;
  std::atomic<bool> read_only_;  // the server's threads read it
  std::shared_ptr<web::Traffic> traffic_ = std::make_shared<web::Traffic>();
  web::Server server_;
  ServiceManager manager_;
  asio::signal_set ends_, reloads_;
  asio::steady_timer soon_;
  bool reload_asked_ = false;
};

Service::Service(const RunOptions& options, settings::Settings settings)
    : options_(options),
      session_(std::move(settings)),
      journal_(open_journal(session_.settings)),
      hold_(make_hold(session_.io.get_executor(), session_.settings, session_.clock,
                      options.dry_run)),
      turns_(make_turns(session_.io.get_executor(), session_.settings, session_.clock,
                        options.dry_run)),
      agent_(session_.io.get_executor(),
             {session_.coordinator, session_.scraper, session_.clock, journal_.get(),
              hold_ ? &hold_->balancer : nullptr, turns_ ? &turns_->turns : nullptr},
             session_.settings, options.dry_run),
      read_only_(session_.settings.web.read_only),
      server_(handler(), {}, traffic_, methods),
      manager_(session_.io, environment),
      ends_(session_.io, SIGINT, SIGTERM),
      reloads_(session_.io, SIGHUP),
      soon_(session_.io) {}

web::Handler Service::handler() {
  api::ApiOptions api_options{.read_only = [this] { return read_only_.load(); }};
  if (auto* const kept = dynamic_cast<journal::SqliteJournal*>(journal_.get())) {
    api_options.history = [kept](const loop::HistoryQuery& query) { return kept->read(query); };
  }
  web::Handler site = web::with_health(
      web::site([this] { return agent_.snapshot(); }, {agent_.instruments(), traffic_}),
      [this] { return agent_.unwell(); });
  site = web::with_reload(std::move(site), [this] { return reload_and_tell(); });
  return api::handler(std::make_shared<api::Api>(agent_, api_options), std::move(site));
}

bool Service::serve(web::Access access) {
  const settings::Settings& settings = session_.settings;
  const auto listen = settings::parse_listen(settings.web.listen_address);
  if (const auto started = server_.start(*listen, std::move(access)); !started) {
    log::error("cannot serve", {{"error", started.error()}});
    return false;
  }
  log::info("evenkeel started", {{"version", kVersion},
                                 {"milvus", settings.milvus.address},
                                 {"listen", settings.web.listen_address},
                                 {"port", server_.port()},
                                 {"auto_balance", settings.balance.auto_balance},
                                 {"dry_run", options_.dry_run}});
  return true;
}

int Service::run(web::Access access) {
  if (!serve(std::move(access))) return kFailed;
  agent_.on_publish([this](const loop::SnapshotPtr& snapshot) {
    if (!snapshot->decisions.empty()) manager_.status(snapshot->decisions.front()->words);
  });
  manager_.ready();
  asio::io_context& io = session_.io;
  asio::co_spawn(io, manager_.keep_alive([this] { return agent_.unwell(); }), asio::detached);
  asio::co_spawn(io, await_end(), asio::detached);
  asio::co_spawn(io, await_reloads(), asio::detached);
  asio::co_spawn(io, agent_.run(), [this](const std::exception_ptr& error) {
    close();
    if (error) std::rethrow_exception(error);
  });
  io.run();
  server_.stop();
  log::info("evenkeel stopped");
  return kDone;
}

Awaitable<void> Service::await_end() {
  const auto [error, signal] = co_await ends_.async_wait(asio::as_tuple(asio::use_awaitable));
  if (error) co_return;
  log::info("stopping", {{"signal", signal}});
  manager_.stopping();
  agent_.stop();
}

// Many signals in a row cause one reload, of the files as they are at the end.
Awaitable<void> Service::await_reloads() {
  for (;;) {
    const auto [error, signal] = co_await reloads_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    if (std::exchange(reload_asked_, true)) continue;
    soon_.expires_after(kReloadDelay);
    soon_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      reload_asked_ = false;
      reload();
    });
  }
}

// Called on the server's threads: the loop reloads, and this waits for what it says.
web::Response Service::reload_and_tell() {
  const auto told = std::make_shared<std::promise<Outcome>>();
  auto outcome = told->get_future();
  asio::post(session_.io, [this, told] {
    try {
      told->set_value(reload());
    } catch (...) {  // it is the request that failed, not the agent
      told->set_exception(std::current_exception());
    }
  });
  if (outcome.wait_for(kReloadPatience) == std::future_status::ready) {
    return response_of(outcome.get());
  }
  return {.status = 503,
          .body =
              "Evenkeel is busy or stopping, and has not read its configuration within a "
              "second. If it is busy it will, and its log will say how that went.\n"};
}

Service::Outcome Service::reload() {
  manager_.reloading();
  auto outcome = load_again();
  manager_.ready();
  return outcome;
}

Service::Outcome Service::load_again() {
  auto loaded = load_settings(options_.common);
  if (!loaded) return refuse(loaded.error());
  auto access = web::load_access(loaded->web);
  if (!access) return refuse(access.error());
  if (const auto mistake = login_mistake(*loaded)) return refuse({*mistake});
  server_.use(*std::move(access));
  Reloaded reloaded;
  reloaded.changed = settings::changed_keys(session_.settings, *loaded);
  reloaded.after_restart = warn_of_restart(session_.settings, *loaded, reloaded.changed);
  session_.settings = *loaded;
  read_only_ = loaded->web.read_only;
  configure_log(*loaded);
  agent_.reload(*std::move(loaded));
  log::info("configuration reloaded", {{"file", options_.common.config_file}});
  return reloaded;
}

Service::Outcome Service::refuse(std::vector<settings::Mistake> mistakes) {
  for (const auto& mistake : mistakes) {
    log::error("configuration not reloaded, the old settings hold",
               {{"where", mistake.where}, {"mistake", mistake.what}});
  }
  agent_.reload_failed();
  return tl::unexpected(std::move(mistakes));
}

// Called when the agent has ended: nothing else may keep the loop running.
void Service::close() {
  ends_.cancel();
  reloads_.cancel();
  soon_.cancel();
  manager_.stop();
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
  // Made before everything that may hang, so that it is destroyed after it.
  const HardStop hard_stop(kHardStop, kFailed);
  return Service(options, *std::move(settings)).run(*std::move(access));
}

}  // namespace evenkeel::cli
