#include "agent/demo/simulated_milvus.hpp"

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/demo/console_api.hpp"
#include "agent/demo/metrics_text.hpp"
#include "agent/demo/milvus_api.hpp"
#include "agent/http/server.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

// Who asks is trusted, and the lists of a large cluster are large.
constexpr http::Limits kLimits{.buffered = std::numeric_limits<std::size_t>::max()};

http::ServerResponse json(Answer answer) {
  return {answer.status, "application/json; charset=utf-8", std::move(answer.body)};
}

// The console and /management answer with types of their own.
http::ServerResponse console(Answer answer) {
  return {answer.status, "application/json", std::move(answer.body)};
}

http::ServerResponse text(Answer answer) {
  return {answer.status, "text/plain; charset=utf-8", std::move(answer.body)};
}

http::ServerResponse healthy() {
  return {200, "text/plain; charset=utf-8", "OK"};
}

http::ServerResponse not_found() {
  return {404, "text/plain", "404 page not found"};
}

http::ServerResponse exposition(std::string text, http::SharedText tail) {
  return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text), std::move(tail)};
}

// Returns the values of the header that a login may come in.
std::vector<std::string> credentials(const LiveCluster& cluster) {
  namespace base64 = boost::beast::detail::base64;
  const auto pair = cluster.user + ":" + cluster.password;
  std::string encoded(base64::encoded_size(pair.size()), '\0');
  encoded.resize(base64::encode(encoded.data(), pair.data(), pair.size()));
  return {"Basic " + encoded, "Bearer " + pair, pair};
}

// The cluster, and what its HTTP servers keep beside it.
struct Shared {
  explicit Shared(LiveClusterPtr live) : cluster(std::move(live)), accepted(credentials(*cluster)) {
    for (const auto& node : cluster->simulation.nodes()) {
      if (constant_texts.contains(node.padding)) continue;
      constant_texts.emplace(node.padding, constant_metrics(node.padding));
    }
  }

  [[nodiscard]] Simulation& simulation() const { return cluster->simulation; }
  [[nodiscard]] Simulation::Time now() const { return cluster->clock(); }
  [[nodiscard]] const Directory& directory() const { return cluster->directory; }
  [[nodiscard]] ProcessTimes process_times() const {
    return {std::chrono::duration<double>(now() - simulation().start()).count(),
            cluster->started_unix};
  }

  LiveClusterPtr cluster;
  std::vector<std::string> accepted;
  std::map<std::size_t, http::SharedText> constant_texts;  // by padding
};

using SharedPtr = std::shared_ptr<Shared>;

http::ServerResponse node_exposition(Shared& shared, std::size_t node) {
  const auto now = shared.now();
  auto& simulation = shared.simulation();
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

http::ServerResponse coordinator_exposition(const Shared& shared) {
  const auto& simulation = shared.simulation();
  const CoordinatorFigures figures{shared.directory().coordinator, simulation.nodes().size(),
                                   simulation.collections().size(), shared.process_times(),
                                   simulation.release()};
  return exposition(coordinator_metrics(figures), {});
}

class NodeService final : public http::Service {
 public:
  NodeService(SharedPtr shared, std::size_t node) : shared_(std::move(shared)), node_(node) {}

  Awaitable<Result> respond(http::ServerRequest& request) override {
    const auto& path = request.head().path;
    if (path == "/metrics") co_return node_exposition(*shared_, node_);
    if (path == "/healthz") co_return healthy();
    co_return not_found();
  }

 private:
  SharedPtr shared_;
  std::size_t node_;
};

Awaitable<http::ServerResponse> answer_load_balance(SharedPtr shared, std::string_view body) {
  const auto transfer = read_load_balance(body);
  if (!transfer) co_return json(transfer.error());
  const auto done = co_await load_balance(shared->cluster, *transfer);
  if (!done) co_return json(answer_refused(done.error(), shared->simulation().release()));
  co_return json(answer_done());
}

// True if the request needs no login or has a good one.
bool may_ask(const Shared& shared, const http::RequestHead& request) {
  const auto& release = shared.simulation().release();
  const bool asks = (request.path.starts_with("/api/v1/") && release.asks_for_login()) ||
                    (request.path.starts_with("/v2/") && release.has_v2());
  if (!asks || !shared.cluster->has_login()) return true;
  return std::find(shared.accepted.begin(), shared.accepted.end(), request.authorization) !=
         shared.accepted.end();
}

// Answers GET /api/v1/…; none if there is no such path.
std::optional<http::ServerResponse> api(Shared& shared, const http::RequestHead& request,
                                        std::string_view body, std::string_view path) {
  auto& simulation = shared.simulation();
  const auto now = shared.now();
  if (path == "collections") return json(answer_collections(simulation, body));
  if (path == "collection") return json(answer_collection(simulation, body));
  if (path == "query-segment-info") return json(answer_segments(simulation, now, body));
  if (path == "replicas") return json(answer_replicas(simulation, shared.directory(), body));
  if (path == "metrics") {
    return json(answer_metrics(simulation, now, shared.directory(), body));
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
std::optional<http::ServerResponse> balance(Shared& shared, std::string_view path) {
  auto& simulation = shared.simulation();
  const auto& release = simulation.release();
  if (path == "status" && release.has_console()) return text(answer_balance_status(simulation));
  if (!release.has_balance_switch()) return {};
  if (path != "suspend" && path != "resume") return {};
  simulation.suspend_balance(path == "suspend", shared.now());
  return text(answer_switched());
}

// Answers POST to /management/querycoord/node/….
std::optional<http::ServerResponse> switch_node(Shared& shared, std::string_view path,
                                                std::string_view body) {
  if (!shared.simulation().release().has_balance_switch()) return {};
  if (path != "suspend" && path != "resume") return {};
  const auto& nodes = shared.simulation().nodes();
  const auto wanted = parameter(body, "node_id");
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const auto& node) { return to_string(node.id) == wanted; });
  if (found == nodes.end()) return text(answer_no_such_node());
  shared.simulation().suspend_node(found->id, path == "suspend");
  return text(answer_switched());
}

// Gives the answers that the coordinator gives at once.
http::ServerResponse look_up(Shared& shared, const http::RequestHead& request,
                             std::string_view body) {
  constexpr std::string_view api_root = "/api/v1/",
                             balance_root = "/management/querycoord/balance/",
                             node_root = "/management/querycoord/node/";
  const std::string_view path = request.path;
  const bool gets = request.method == "GET", posts = request.method == "POST";
  std::optional<http::ServerResponse> response;
  if (gets && path == "/healthz") response = healthy();
  if (gets && path == "/metrics") response = coordinator_exposition(shared);
  if (gets && path.starts_with(api_root)) {
    response = api(shared, request, body, path.substr(api_root.size()));
  }
  if ((gets || posts) && path.starts_with(balance_root)) {
    response = balance(shared, path.substr(balance_root.size()));
  }
  if (posts && path.starts_with(node_root)) {
    response = switch_node(shared, path.substr(node_root.size()), body);
  }
  if (gets && path == "/management/querycoord/node/list" &&
      shared.simulation().release().has_balance_switch()) {
    response = text(answer_node_list(shared.simulation(), shared.directory()));
  }
  if (posts && path == "/v2/vectordb/databases/list" && shared.simulation().release().has_v2()) {
    response = json(answer_v2_databases(shared.simulation()));
  }
  return response ? *std::move(response) : not_found();
}

class CoordinatorService final : public http::Service {
 public:
  explicit CoordinatorService(SharedPtr shared) : shared_(std::move(shared)) {}

  Awaitable<Result> respond(http::ServerRequest& request) override {
    // Milvus's API has bodies on GET, too.
    const auto body = co_await request.read_body();
    if (!body) co_return tl::unexpected(body.error());
    const auto& head = request.head();
    if (!may_ask(*shared_, head)) co_return json(answer_not_authenticated());
    if (head.method == "POST" && head.path == "/api/v1/load-balance") {
      auto response = co_await answer_load_balance(shared_, *body);
      co_return response;
    }
    co_return look_up(*shared_, head, *body);
  }

 private:
  SharedPtr shared_;
};

std::unique_ptr<http::Server> serve(const asio::any_io_executor& executor, std::uint16_t port,
                                    std::shared_ptr<http::Service> service) {
  auto acceptor = http::listen(executor, "127.0.0.1", port);
  if (!acceptor) throw boost::system::system_error(acceptor.error());
  return std::make_unique<http::Server>(*std::move(acceptor), std::move(service), kLimits);
}

std::string authority(const http::Server& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

}  // namespace

struct SimulatedMilvus::Impl {
  LiveClusterPtr cluster;
  std::unique_ptr<http::Server> coordinator;
  std::vector<std::unique_ptr<http::Server>> nodes;  // indexed like Simulation::nodes()
};

SimulatedMilvus::SimulatedMilvus(const asio::any_io_executor& executor, World world,
                                 SimulationClock clock, std::uint16_t port)
    : impl_(std::make_unique<Impl>()) {
  const auto cluster = std::make_shared<LiveCluster>(std::move(world), std::move(clock));
  const auto shared = std::make_shared<Shared>(cluster);
  impl_->cluster = cluster;
  impl_->coordinator = serve(executor, port, std::make_shared<CoordinatorService>(shared));
  for (std::size_t node = 0; node < cluster->simulation.nodes().size(); ++node) {
    impl_->nodes.push_back(serve(executor, 0, std::make_shared<NodeService>(shared, node)));
    cluster->directory.addresses.push_back(authority(*impl_->nodes.back()));
  }
}

SimulatedMilvus::~SimulatedMilvus() {
  impl_->cluster->closed = true;
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
  return impl_->cluster->simulation.world(impl_->cluster->clock());
}

std::uint64_t SimulatedMilvus::load_balance_calls() const {
  return impl_->cluster->load_balance_calls;
}

const LiveClusterPtr& SimulatedMilvus::cluster() const {
  return impl_->cluster;
}

}  // namespace evenkeel::demo
