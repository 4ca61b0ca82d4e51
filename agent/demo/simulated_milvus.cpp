#include "agent/demo/simulated_milvus.hpp"

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/demo/console_api.hpp"
#include "agent/demo/http_endpoint.hpp"
#include "agent/demo/metrics_text.hpp"
#include "agent/demo/milvus_api.hpp"
#include "agent/demo/simulation.hpp"

namespace evenkeel::demo {
namespace {

// A load_balance call looks this often whether it is done: the clock may not be the system's.
constexpr std::chrono::milliseconds kLook{10};

HttpReply json(Answer answer) {
  return {answer.status, "application/json; charset=utf-8", std::move(answer.body), nullptr};
}

// The console and /management answer with types of their own.
HttpReply console(Answer answer) {
  return {answer.status, "application/json", std::move(answer.body), nullptr};
}

HttpReply text(Answer answer) {
  return {answer.status, "text/plain; charset=utf-8", std::move(answer.body), nullptr};
}

HttpReply healthy() {
  return {200, "text/plain; charset=utf-8", "OK", nullptr};
}

HttpReply not_found() {
  return {404, "text/plain", "404 page not found", nullptr};
}

HttpReply exposition(std::string text, std::shared_ptr<const std::string> tail) {
  return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text), std::move(tail)};
}

// The coordinator and the proxy have the ids that follow the nodes'.
Directory directory_of(const World& world) {
  std::int64_t highest = 0;
  for (const auto& node : world.nodes) {
    highest = std::max(highest, static_cast<std::int64_t>(node.id));
  }
  return {rules::NodeId{highest + 1}, {}, rules::NodeId{highest + 2}};
}

// Returns the values of the header that a login may come in.
std::vector<std::string> credentials(const World& world) {
  namespace base64 = boost::beast::detail::base64;
  const auto pair = world.user + ":" + world.password;
  std::string encoded(base64::encoded_size(pair.size()), '\0');
  encoded.resize(base64::encode(encoded.data(), pair.data(), pair.size()));
  return {"Basic " + encoded, "Bearer " + pair, pair};
}

// The handlers share this, and may outlive the SimulatedMilvus by a turn of the executor.
struct Shared {
  Shared(World world, SimulationClock now)
      : clock(std::move(now)),
        started_unix(
            std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
                .count()),
        directory(directory_of(world)),
        has_login(!world.user.empty()),
        accepted(credentials(world)),
        simulation(std::move(world), clock()) {
    for (const auto& node : simulation.nodes()) {
      auto& text = constant_texts[node.padding];
      if (!text) text = std::make_shared<const std::string>(constant_metrics(node.padding));
    }
  }

  [[nodiscard]] ProcessTimes process_times() const {
    return {std::chrono::duration<double>(clock() - simulation.start()).count(), started_unix};
  }

  SimulationClock clock;
  double started_unix;
  Directory directory;
  bool has_login;
  std::vector<std::string> accepted;
  Simulation simulation;
  std::map<std::size_t, std::shared_ptr<const std::string>> constant_texts;  // by padding
  std::uint64_t load_balance_calls = 0;
  bool closed = false;
};

using SharedPtr = std::shared_ptr<Shared>;

HttpReply node_exposition(Shared& shared, std::size_t node) {
  const auto now = shared.clock();
  auto& simulation = shared.simulation;
  const auto& described = simulation.nodes()[node];
  const NodeFigures figures{.id = described.id,
                            .resident = simulation.memory(node, now),
                            .holdings = simulation.holdings(node, now),
                            .loads = simulation.loads(node, now),
                            .process = shared.process_times(),
                            .release = simulation.release(),
                            .version = simulation.version(),
                            .streaming = described.streaming};
  return exposition(node_metrics(figures), shared.constant_texts.at(described.padding));
}

HttpReply coordinator_exposition(const Shared& shared) {
  const auto& simulation = shared.simulation;
  const CoordinatorFigures figures{shared.directory.coordinator, simulation.nodes().size(),
                                   simulation.collections().size(), shared.process_times(),
                                   simulation.release()};
  return exposition(coordinator_metrics(figures), nullptr);
}

Awaitable<HttpReply> node_handler(SharedPtr shared, std::size_t node, HttpRequest request) {
  if (request.path == "/metrics") co_return node_exposition(*shared, node);
  if (request.path == "/healthz") co_return healthy();
  co_return not_found();
}

// Answers when the last of the moves is done, as Milvus does.
Awaitable<HttpReply> load_balance(SharedPtr shared, std::string body) {
  ++shared->load_balance_calls;
  const auto transfer = read_load_balance(body);
  if (!transfer) co_return json(transfer.error());
  const auto done = shared->simulation.load_balance(*transfer, shared->clock());
  if (!done) {
    co_return json(answer_refused(done.error(), shared->simulation.release()));
  }
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (auto now = shared->clock(); now < *done && !shared->closed; now = shared->clock()) {
    timer.expires_after(std::min<std::chrono::nanoseconds>(*done - now, kLook));
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return json(answer_done());
}

// True if the request needs no login or has a good one.
bool may_ask(const Shared& shared, const HttpRequest& request) {
  const auto& release = shared.simulation.release();
  const bool asks = (request.path.starts_with("/api/v1/") && release.asks_for_login()) ||
                    (request.path.starts_with("/v2/") && release.has_v2());
  if (!asks || !shared.has_login) return true;
  return std::find(shared.accepted.begin(), shared.accepted.end(), request.authorization) !=
         shared.accepted.end();
}

// Answers GET /api/v1/…; none if there is no such path.
std::optional<HttpReply> api(Shared& shared, const HttpRequest& request, std::string_view path) {
  auto& simulation = shared.simulation;
  const auto now = shared.clock();
  if (path == "collections") return json(answer_collections(simulation, request.body));
  if (path == "collection") return json(answer_collection(simulation, request.body));
  if (path == "query-segment-info") return json(answer_segments(simulation, now, request.body));
  if (path == "replicas") return json(answer_replicas(simulation, shared.directory, request.body));
  if (path == "metrics") {
    return json(answer_metrics(simulation, now, shared.directory, request.body));
  }
  if (!simulation.release().has_console()) return {};
  if (path == "_db/list") return console(answer_databases(simulation));
  if (path == "_qn/segments") return console(answer_node_segments(simulation, now, request.query));
  if (path == "_qc/segments") {
    return console(answer_coordinator_segments(simulation, now, request.query));
  }
  if (path == "_qc/replica") return console(answer_console_replicas(simulation));
  if (path == "_qc/resource_group") return console(answer_resource_groups(simulation));
  return {};
}

// Answers /management/querycoord/balance/…, by GET or POST alike.
std::optional<HttpReply> balance(Shared& shared, std::string_view path) {
  auto& simulation = shared.simulation;
  const auto& release = simulation.release();
  if (path == "status" && release.has_console()) return text(answer_balance_status(simulation));
  if (!release.has_balance_switch()) return {};
  if (path != "suspend" && path != "resume") return {};
  simulation.suspend_balance(path == "suspend", shared.clock());
  return text(answer_balance_switched());
}

// Gives the answers that the coordinator gives at once.
HttpReply look_up(Shared& shared, const HttpRequest& request) {
  constexpr std::string_view api_root = "/api/v1/",
                             balance_root = "/management/querycoord/balance/";
  const std::string_view path = request.path;
  const bool gets = request.method == "GET", posts = request.method == "POST";
  std::optional<HttpReply> reply;
  if (gets && path == "/healthz") reply = healthy();
  if (gets && path == "/metrics") reply = coordinator_exposition(shared);
  if (gets && path.starts_with(api_root)) {
    reply = api(shared, request, path.substr(api_root.size()));
  }
  if ((gets || posts) && path.starts_with(balance_root)) {
    reply = balance(shared, path.substr(balance_root.size()));
  }
  if (gets && path == "/management/querycoord/node/list" &&
      shared.simulation.release().has_balance_switch()) {
    reply = text(answer_node_list(shared.simulation, shared.directory));
  }
  if (posts && path == "/v2/vectordb/databases/list" && shared.simulation.release().has_v2()) {
    reply = json(answer_v2_databases(shared.simulation));
  }
  return reply ? *std::move(reply) : not_found();
}

Awaitable<HttpReply> coordinator_handler(SharedPtr shared, HttpRequest request) {
  if (!may_ask(*shared, request)) co_return json(answer_not_authenticated());
  if (request.method == "POST" && request.path == "/api/v1/load-balance") {
    auto reply = co_await load_balance(shared, std::move(request.body));
    co_return reply;
  }
  co_return look_up(*shared, request);
}

std::string authority(const HttpEndpoint& endpoint) {
  return "127.0.0.1:" + std::to_string(endpoint.port());
}

}  // namespace

struct SimulatedMilvus::Impl {
  SharedPtr shared;
  std::unique_ptr<HttpEndpoint> coordinator;
  std::vector<std::unique_ptr<HttpEndpoint>> nodes;  // indexed like Simulation::nodes()
};

SimulatedMilvus::SimulatedMilvus(const asio::any_io_executor& executor, World world,
                                 SimulationClock clock, std::uint16_t port)
    : impl_(std::make_unique<Impl>()) {
  const auto shared = std::make_shared<Shared>(std::move(world), std::move(clock));
  impl_->shared = shared;
  impl_->coordinator = std::make_unique<HttpEndpoint>(
      executor,
      [shared](HttpRequest request) { return coordinator_handler(shared, std::move(request)); },
      port);
  for (std::size_t node = 0; node < shared->simulation.nodes().size(); ++node) {
    impl_->nodes.push_back(
        std::make_unique<HttpEndpoint>(executor, [shared, node](HttpRequest request) {
          return node_handler(shared, node, std::move(request));
        }));
    shared->directory.addresses.push_back(authority(*impl_->nodes.back()));
  }
}

SimulatedMilvus::~SimulatedMilvus() {
  impl_->shared->closed = true;
}

std::string SimulatedMilvus::address() const {
  return "http://" + authority(*impl_->coordinator);
}

std::vector<std::string> SimulatedMilvus::metrics_targets() const {
  std::vector<std::string> targets;
  for (const auto& node : impl_->nodes) {
    targets.push_back("http://" + authority(*node) + "/metrics");
  }
  return targets;
}

World SimulatedMilvus::world() const {
  return impl_->shared->simulation.world(impl_->shared->clock());
}

std::uint64_t SimulatedMilvus::load_balance_calls() const {
  return impl_->shared->load_balance_calls;
}

}  // namespace evenkeel::demo
