#include <malloc.h>

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
#include "agent/cli/configuration.hpp"
#include "agent/cli/hold.hpp"
#include "agent/cli/reloaded.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/turns.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/journal/path.hpp"
#include "agent/journal/sqlite_journal.hpp"
#include "agent/settings/address.hpp"
#include "agent/settings/load.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/file_watcher.hpp"
#include "agent/util/hard_stop.hpp"
#include "agent/util/log.hpp"
#include "agent/util/service_manager.hpp"
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

  // Runs until a signal ends it, and returns the exit code. `marks`: of the files as they were read
  // at the start.
  int run(web::Access access, FileMarks marks);

 private:
  [[nodiscard]] web::Handler handler();
  [[nodiscard]] bool serve(web::Access access);
  [[nodiscard]] Awaitable<void> await_end();
  [[nodiscard]] Awaitable<void> await_reloads();
  using Outcome = tl::expected<Reloaded, web::Mistakes>;
  Outcome reload();
  [[nodiscard]] std::optional<FileMarks> reload_changed_files(bool stays);
  // Tells the service manager, too.
  Outcome take_up(tl::expected<Configuration, web::Mistakes> read);
  [[nodiscard]] Reloaded use(Configuration configuration);
  void renew_client_tls();
  [[nodiscard]] web::Response reload_and_tell();
  [[nodiscard]] Outcome refuse(web::Mistakes mistakes);
  // The marks of the files to watch: none where they are read again only on demand.
  [[nodiscard]] FileMarks watched(FileMarks marks) const;
  void close();

  const RunOptions& options_;
  Session session_;
  std::unique_ptr<loop::Journal> journal_;
  std::unique_ptr<Hold> hold_;    // null: no etcd is asked to hold Milvus's own balancer off
  std::unique_ptr<Turns> turns_;  // null: no other agent acts on this cluster
  loop::Agent agent_;
  std::atomic<bool> read_only_;  // the server's threads read it
  std::shared_ptr<web::Traffic> traffic_ = std::make_shared<web::Traffic>();
  web::Server server_;
  ServiceManager manager_;
  asio::signal_set ends_, reloads_;
  asio::steady_timer soon_;
  FileWatcher files_;
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
      soon_(session_.io),
      files_(session_.io.get_executor(),
             [this](bool stays) { return reload_changed_files(stays); }) {}

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

int Service::run(web::Access access, FileMarks marks) {
  if (!serve(std::move(access))) return kFailed;
  agent_.on_publish([this](const loop::SnapshotPtr& snapshot) {
    if (!snapshot->decisions.empty()) manager_.status(snapshot->decisions.front()->words);
  });
  manager_.ready();
  asio::io_context& io = session_.io;
  asio::co_spawn(io, manager_.keep_alive([this] { return agent_.unwell(); }), asio::detached);
  asio::co_spawn(io, await_end(), asio::detached);
  asio::co_spawn(io, await_reloads(), asio::detached);
  files_.know(watched(std::move(marks)));
  files_.start();
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
  auto read = read_configuration(options_.common, session_.settings);
  auto outcome = take_up(std::move(read.result));
  files_.know(watched(std::move(read.marks)));
  return outcome;
}

// Files that make no sense may be half written, or away for a moment: they are refused if it stays
// so.
std::optional<FileMarks> Service::reload_changed_files(bool stays) {
  auto read = read_configuration(options_.common, session_.settings);
  if (!read.result && !stays) return std::nullopt;
  take_up(std::move(read.result));
  return watched(std::move(read.marks));
}

Service::Outcome Service::take_up(tl::expected<Configuration, web::Mistakes> read) {
  manager_.reloading();
  auto outcome = read ? use(*std::move(read)) : refuse(std::move(read.error()));
  manager_.ready();
  return outcome;
}

Reloaded Service::use(Configuration configuration) {
  settings::Settings& settings = configuration.settings;
  server_.use(std::move(configuration.access));
  auto reloaded = compare(session_.settings, settings);
  session_.settings = settings;
  renew_client_tls();
  read_only_ = settings.web.read_only;
  configure_log(settings);
  agent_.reload(std::move(settings));
  log::info("configuration reloaded", {{"file", options_.common.config_file}});
  return reloaded;
}

// The files were found good just now; one that has become bad since leaves the old ones in use.
void Service::renew_client_tls() {
  const auto report = [](const tl::expected<void, std::string>& renewed) {
    if (renewed) return;
    log::error("the old certificates are used on", {{"error", renewed.error()}});
  };
  for (auto* const client : {&session_.client, hold_ ? &hold_->etcd.http : nullptr,
                             turns_ ? &turns_->etcd.http : nullptr}) {
    if (client != nullptr) report(client->renew_tls());
  }
  report(session_.road.renew_tls());
}

FileMarks Service::watched(FileMarks marks) const {
  return session_.settings.reload.on_change ? std::move(marks) : FileMarks();
}

Service::Outcome Service::refuse(web::Mistakes mistakes) {
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
  files_.stop();
  manager_.stop();
}

}  // namespace

int run(const RunOptions& options) {
  give_large_blocks_back();
  auto read = read_configuration(options.common);
  if (!read.result) {
    std::cerr << settings::report(read.result.error());
    return kUsage;
  }
  auto& [settings, access] = *read.result;
  configure_log(settings);
  const log::Background log_writer;
  for (const auto& address : login_in_clear_to(settings)) {
    log::warn("the login for Milvus goes over the network in clear", {{"address", address}});
  }
  std::signal(SIGPIPE, SIG_IGN);
  // Made before everything that may hang, so that it is destroyed after it.
  const HardStop hard_stop(kHardStop, kFailed);
  return Service(options, std::move(settings)).run(std::move(access), std::move(read.marks));
}

}  // namespace evenkeel::cli
