#include "agent/demo/simulated_milvus.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "agent/demo/http_endpoint.hpp"
#include "agent/demo/metrics_text.hpp"
#include "agent/demo/milvus_api.hpp"
#include "agent/demo/simulation.hpp"

namespace evenkeel::demo {
namespace {

// How often a load_balance call looks whether its moves are done: the clock may not be the
// system's.
constexpr std::chrono::milliseconds kLook{10};

HttpReply json(Answer answer) {
  return {answer.status, "application/json; charset=utf-8", std::move(answer.body), nullptr};
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

rules::NodeId coordinator_id(const World& world) {
  std::int64_t highest = 0;
  for (const auto& node : world.nodes) {
    highest = std::max(highest, static_cast<std::int64_t>(node.id));
  }
  return rules::NodeId{highest + 1};
}

// What the handlers share. They may outlive the SimulatedMilvus by a turn of the executor.
struct Shared {
  Shared(World world, SimulationClock now)
      : clock(std::move(now)),
        started_unix(
            std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
                .count()),
        directory{coordinator_id(world), {}},
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
  Simulation simulation;
  std::map<std::size_t, std::shared_ptr<const std::string>> constant_texts;  // by padding
  std::uint64_t load_balance_calls = 0;
  bool closed = false;
};

using SharedPtr = std::shared_ptr<Shared>;

HttpReply node_exposition(Shared& shared, std::size_t node) {
  const auto now = shared.clock();
  const auto& described = shared.simulation.nodes()[node];
  const NodeFigures figures{described.id, shared.simulation.memory(node, now),
                            shared.simulation.holdings(node, now),
                            shared.simulation.loads(node, now), shared.process_times()};
  return exposition(node_metrics(figures), shared.constant_texts.at(described.padding));
}

HttpReply coordinator_exposition(const Shared& shared) {
  const auto& simulation = shared.simulation;
  const CoordinatorFigures figures{shared.directory.coordinator, simulation.nodes().size(),
                                   simulation.collections().size(), shared.process_times()};
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
  if (!done) co_return json(answer_refused(done.error()));
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (auto now = shared->clock(); now < *done && !shared->closed; now = shared->clock()) {
    timer.expires_after(std::min<std::chrono::nanoseconds>(*done - now, kLook));
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return json(answer_done());
}

// What the coordinator answers at once.
HttpReply look_up(Shared& shared, const HttpRequest& request) {
  auto& simulation = shared.simulation;
  const auto& directory = shared.directory;
  const auto now = shared.clock();
  if (request.path == "/healthz") return healthy();
  if (request.path == "/metrics") return coordinator_exposition(shared);
  if (request.method != "GET") return not_found();
  if (request.path == "/api/v1/collections") return json(answer_collections(simulation));
  if (request.path == "/api/v1/collection")
    return json(answer_collection(simulation, request.body));
  if (request.path == "/api/v1/query-segment-info") {
    return json(answer_segments(simulation, now, request.body));
  }
  if (request.path == "/api/v1/replicas") {
    return json(answer_replicas(simulation, directory, request.body));
  }
  if (request.path == "/api/v1/metrics") {
    return json(answer_metrics(simulation, now, directory, request.body));
  }
  return not_found();
}

Awaitable<HttpReply> coordinator_handler(SharedPtr shared, HttpRequest request) {
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
  std::vector<std::unique_ptr<HttpEndpoint>> nodes;  // beside Simulation::nodes()
};

SimulatedMilvus::SimulatedMilvus(const asio::any_io_executor& executor, World world,
                                 SimulationClock clock)
    : impl_(std::make_unique<Impl>()) {
  const auto shared = std::make_shared<Shared>(std::move(world), std::move(clock));
  impl_->shared = shared;
  impl_->coordinator = std::make_unique<HttpEndpoint>(executor, [shared](HttpRequest request) {
    return coordinator_handler(shared, std::move(request));
  });
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
