#include "agent/cli/verbs.hpp"

#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

#include "agent/api/api.hpp"
#include "agent/cli/options.hpp"
#include "agent/cli/session.hpp"
#include "agent/demo/console.hpp"
#include "agent/demo/course.hpp"
#include "agent/demo/simulated_milvus.hpp"
#include "agent/demo/view.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/settings/address.hpp"
#include "agent/web/server.hpp"
#include "agent/web/site.hpp"

namespace evenkeel::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeLimit = 55s;
constexpr int kChangesPerSecond = 1000;  // people try it out, and nothing real is moved
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// The agent's own thresholds, but shorter times: a demo has seconds where a cluster has minutes.
settings::Settings settings_for(const demo::SimulatedMilvus& milvus, const DemoOptions& options) {
  settings::Settings settings;
  settings.milvus.address = milvus.address();
  settings.milvus.timeout = 2s;
  settings.milvus.verify_timeout = 5s;
  settings.scrape.interval = 500ms;
  settings.scrape.timeout = 1s;
  settings.scrape.targets = milvus.metrics_targets();
  // Milvus's own figures can be read only every seven seconds, which is long for a demo.
  settings.memory.source = "resident";
  settings.balance.interval = 2s;
  auto& policy = settings.balance.policy;
  policy.max_sample_age = 3s;
  policy.max_moves_per_round = 100;  // one plan levels it all …
  policy.max_segments_per_call = 1;  // … and shows each move as it is made
  policy.segment_cooldown = 10s;
  policy.settle = 6s;
  policy.failure_rest = 10s;
  settings.web.listen_address = options.listen_address;
  settings.log.level = options.log_level;
  return settings;
}

class Demo {
 public:
  Demo(const DemoOptions& options, demo::World world)
      : keep_(options.keep),
        milvus_(std::make_unique<demo::SimulatedMilvus>(io_.get_executor(), std::move(world))),
        settings_(settings_for(*milvus_, options)),
        coordinator_(client_, *http::parse_url(settings_.milvus.address),
                     {settings_.milvus.timeout, settings_.milvus.move_timeout}),
        scraper_(client_, {.timeout = settings_.scrape.timeout}, [this] { return clock_.now(); }),
        agent_(io_.get_executor(), {coordinator_, scraper_, clock_}, settings_, false),
        server_(handler(), {}, traffic_, api::methods),
        console_(options.plain) {}

  [[nodiscard]] tl::expected<void, std::string> serve(const settings::Listen& listen) {
    host_ = listen.host;
    web::Access access;
    // No credential is required.
    access.read_only = read_only_ = !listen.is_loopback();
    access.changes_per_second = kChangesPerSecond;
    return server_.start(listen, std::move(access));
  }

  // Runs to the end and returns the exit code.
  [[nodiscard]] int run();

 private:
  [[nodiscard]] web::Handler handler();
  void on_move(const loop::MoveRecord& move);
  void on_publish(const loop::SnapshotPtr& snapshot);
  [[nodiscard]] Awaitable<void> conduct();
  [[nodiscard]] Awaitable<void> await_signal();
  void announce(const loop::Snapshot& snapshot);
  [[nodiscard]] std::string page() const;

  // Every asynchronous part runs on this one context; members below depend on those above.
  asio::io_context io_{1};
  bool keep_;
  bool read_only_ = false;  // set before the server starts
  std::unique_ptr<demo::SimulatedMilvus> milvus_;
  settings::Settings settings_;
  loop::SystemClock clock_;
  http::Client client_{io_.get_executor()};
  milvus::HttpCoordinator coordinator_;
  scrape::HttpScraper scraper_;
  loop::Agent agent_;
  std::shared_ptr<web::Traffic> traffic_ = std::make_shared<web::Traffic>();
  web::Server server_;
  std::string host_;
  demo::Console console_;
  demo::Course course_;
  asio::steady_timer pause_{io_};  // conduct() waits for it; cancelled to go on
  asio::signal_set signals_{io_, SIGINT, SIGTERM};
  bool announced_ = false, interrupted_ = false, finished_ = false, balanced_ = false;
};

web::Handler Demo::handler() {
  const api::ApiOptions options{.read_only = [this] { return read_only_; }};
  return api::handler(
      std::make_shared<api::Api>(agent_, options),
      web::site([this] { return agent_.snapshot(); }, {agent_.instruments(), traffic_}));
}

std::string Demo::page() const {
  const bool everywhere = host_.empty() || host_ == "0.0.0.0" || host_ == "::";
  const http::Url url{.host = everywhere ? "localhost" : host_, .port = server_.port()};
  return "http://" + url.authority();
}

// Waits for the first picture of the whole cluster, before anything is moved.
void Demo::announce(const loop::Snapshot& snapshot) {
  announced_ = true;
  console_.tell("a simulated Milvus at " + milvus_->address() + ", the agent's page at " + page() +
                "/");
  console_.print_once(snapshot);
}

void Demo::on_move(const loop::MoveRecord& move) {
  course_.take(move);
  if (const auto snapshot = agent_.snapshot(); snapshot && !finished_) {
    console_.tell(demo::line(move, *snapshot));
  }
}

void Demo::on_publish(const loop::SnapshotPtr& snapshot) {
  if (finished_) return;
  const auto news = course_.take(*snapshot);
  if (!announced_ && course_.spread_now()) announce(*snapshot);
  for (const auto& line : news) console_.tell(line);
  console_.redraw(*snapshot);
  if (course_.balanced()) pause_.cancel();
}

Awaitable<void> Demo::await_signal() {
  const auto [error, signal] = co_await signals_.async_wait(kAsTuple);
  if (error) co_return;
  interrupted_ = true;
  pause_.cancel();
}

Awaitable<void> Demo::conduct() {
  pause_.expires_after(kTimeLimit);
  co_await pause_.async_wait(kAsTuple);
  finished_ = true;
  balanced_ = course_.balanced();
  auto lines = demo::summary(course_, console_.seconds(), page());
  const bool stay = keep_ && !interrupted_;
  if (stay) lines.emplace_back("Still serving, until ^C.");
  const auto snapshot = agent_.snapshot();
  console_.finish(snapshot ? *snapshot : loop::Snapshot{}, lines);
  if (stay) {
    pause_.expires_at(asio::steady_timer::time_point::max());
    co_await pause_.async_wait(kAsTuple);
  }
  agent_.stop();
}

int Demo::run() {
  agent_.on_move([this](const loop::MoveRecord& move) { on_move(move); });
  agent_.on_publish([this](const loop::SnapshotPtr& snapshot) { on_publish(snapshot); });
  const auto rethrow = [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  };
  asio::co_spawn(io_, await_signal(), rethrow);
  asio::co_spawn(io_, conduct(), rethrow);
  asio::co_spawn(io_, agent_.run(), [this, rethrow](const std::exception_ptr& error) {
    // Nothing is left to do: whatever still listens or waits would keep the context running.
    signals_.cancel();
    pause_.cancel();
    client_.close_idle();
    milvus_.reset();
    rethrow(error);
  });
  io_.run();
  server_.stop();
  return balanced_ ? kDone : kFailed;
}

}  // namespace

int run_demo(const DemoOptions& options) try {
  const auto listen = settings::parse_listen(options.listen_address);
  if (!listen) {
    std::cerr << "evenkeel: --web.listen-address: " << listen.error() << '\n';
    return kUsage;
  }
  auto world = demo::demo_world_of(options.milvus, options.seed);
  if (!world) {
    std::cerr << "evenkeel: --milvus: " << world.error() << '\n';
    return kUsage;
  }
  std::signal(SIGPIPE, SIG_IGN);
  settings::Settings for_log;
  for_log.log.level = options.log_level;
  configure_log(for_log);
  Demo demo(options, *std::move(world));
  if (const auto serving = demo.serve(*listen); !serving) {
    std::cerr << "evenkeel: " << serving.error() << '\n';
    return kFailed;
  }
  return demo.run();
} catch (const boost::system::system_error& error) {
  std::cerr << "evenkeel: the simulated cluster cannot have its ports: " << error.code().message()
            << '\n';
  return kFailed;
}

}  // namespace evenkeel::cli
