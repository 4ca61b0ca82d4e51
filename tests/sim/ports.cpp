#include "tests/sim/ports.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "tests/sim/dice.hpp"

namespace evenkeel::sim {
namespace {

using namespace std::chrono_literals;
using milvus::FailureKind;

constexpr Duration kLag = 30s;
constexpr Duration kConnecting = 20ms;
// So long the proxy tries again for a call on a collection that has been released.
constexpr Duration kReleaseAnswers = 52s;
// Of the raw columns that an indexed collection still holds, a row (2.4 and later).
constexpr Bytes kPartialRow = 8;

tl::unexpected<milvus::Failure> failure(FailureKind kind, std::string message,
                                        bool timed_out = false, std::int64_t code = 0) {
  return tl::unexpected(milvus::Failure{kind, std::move(message), timed_out, code});
}

tl::unexpected<milvus::Failure> no_answer(const std::string& what) {
  return failure(FailureKind::transport, what + ": no answer in time", true);
}

tl::unexpected<milvus::Failure> not_found() {
  return failure(FailureKind::not_found, "collection not found");
}

}  // namespace

Ports::Ports(const World& world, Cluster& cluster, loop::Clock& clock, Checker& checker,
             TimePoint calm)
    : world_(world), cluster_(cluster), clock_(clock), checker_(&checker), calm_(calm) {
  lags_ = std::any_of(world.events.begin(), world.events.end(),
                      [](const Event& event) { return event.what == Happening::metrics_lag; });
}

Awaitable<void> Ports::take_time() {
  if (world_.manners.answer_time > 0ms) co_await clock_.sleep(world_.manners.answer_time);
  cluster_.advance(clock_.now());
  ++questions_;
  if (cluster_.throws() && questions_ % 3 == 0) throw std::runtime_error("a part throws");
}

Awaitable<bool> Ports::take_question() {
  co_await take_time();
  if (!cluster_.hangs()) co_return true;
  co_await clock_.sleep(world_.settings.milvus.timeout);
  cluster_.advance(clock_.now());
  co_return false;
}

Ports::Answer Ports::reach(const std::string& what) const {
  if (!cluster_.unreachable()) return {};
  return failure(FailureKind::transport, what + ": connection refused");
}

Awaitable<milvus::Result<milvus::SystemInfo>> Ports::system_info() {
  co_await take_time();
  milvus::Result<milvus::SystemInfo> answer;
  if (const Answer reached = reach("query nodes"); !reached) {
    answer = tl::unexpected(reached.error());
  } else if (cluster_.now() < cluster_.node_list_hangs_until()) {
    co_await clock_.sleep(world_.settings.milvus.timeout);
    answer = no_answer("query nodes");
  } else {
    answer->version = world_.version();
    const std::vector<Bytes> used = cluster_.used();
    for (const Node& node : cluster_.nodes()) {
      if (!node.listed) continue;
      milvus::QueryNode listed;
      listed.version = world_.version();
      listed.streaming = node.streaming && world_.since(2, 6, 14);
      listed.memory_used = figure_of(node, used, false);
      listed.id = node.id;
      listed.address = address_of(node.home);
      listed.memory = node.capacity;
      listed.has_error = node.stopping;
      answer->nodes.push_back(std::move(listed));
    }
  }
  if (answer && checker_ != nullptr) checker_->told_nodes(*answer, cluster_.now());
  co_return answer;
}

Awaitable<milvus::Result<milvus::Databases>> Ports::databases() {
  co_await take_time();
  if (const Answer reached = reach("databases"); !reached)
    co_return tl::unexpected(reached.error());
  const bool all = !world_.settings.milvus.databases.empty() || world_.since(2, 5);
  co_return milvus::Databases{world_.seen_databases(), all};
}

Awaitable<milvus::Result<std::vector<milvus::CollectionInfo>>> Ports::collections(
    const std::string& asked) {
  const std::string database = asked;
  co_await take_time();
  milvus::Result<std::vector<milvus::CollectionInfo>> answer;
  if (const Answer reached = reach("collections"); !reached) {
    answer = tl::unexpected(reached.error());
  } else if (!cluster_.forgetful()) {
    for (const Collection& each : cluster_.collections()) {
      if (each.released || each.database != database) continue;
      answer->push_back({each.id, each.name, each.loaded_percentage, database});
    }
  }
  co_return answer;
}

Awaitable<milvus::Result<std::vector<milvus::ReplicaInfo>>> Ports::replicas(
    const milvus::CollectionInfo& info) {
  const CollectionId id = info.id;
  const bool answered = co_await take_question();
  milvus::Result<std::vector<milvus::ReplicaInfo>> answer;
  const Collection* collection = cluster_.collection(id);
  if (!answered) {
    answer = no_answer("replicas");
  } else if (const Answer reached = reach("replicas"); !reached) {
    answer = tl::unexpected(reached.error());
  } else if (collection == nullptr) {
    answer = gone<std::vector<milvus::ReplicaInfo>>();
  } else if (cluster_.forgetful() || cluster_.now() < collection->refused_until) {
    answer = failure(FailureKind::refused, "failed to get shard leader");
  } else {
    for (const ReplicaSpec& replica : collection->replicas) {
      milvus::ReplicaInfo told{replica.id, id, "group", cluster_.members(replica)};
      for (const NodeId member : told.nodes) {
        const Node* node = cluster_.node(member);
        if (node->streaming) told.leaders.push_back(member);
      }
      // Before 2.6 some query node leads.
      if (told.leaders.empty() && !told.nodes.empty()) told.leaders.push_back(told.nodes.front());
      answer->push_back(std::move(told));
    }
  }
  if (checker_ != nullptr) checker_->told_replicas(id, answer);
  co_return answer;
}

Awaitable<milvus::Result<std::vector<milvus::SegmentInfo>>> Ports::segments(
    const milvus::CollectionInfo& info) {
  const milvus::CollectionInfo asked = info;
  const CollectionId id = info.id;
  const bool answered = co_await take_question();
  milvus::Result<std::vector<milvus::SegmentInfo>> answer;
  const Collection* collection = collection_of(asked);
  if (!answered) {
    answer = no_answer("segments");
  } else if (const Answer reached = reach("segments"); !reached) {
    answer = tl::unexpected(reached.error());
  } else if (collection == nullptr) {
    answer = gone<std::vector<milvus::SegmentInfo>>();
  } else if (!cluster_.forgetful()) {
    for (const Segment& segment : collection->segments) {
      if (segment.growing && world_.since(2, 6)) continue;  // on streaming nodes, and not listed
      milvus::SegmentInfo told;
      told.id = segment.id;
      told.collection = collection->id;
      told.rows = segment.rows;
      told.state = segment.growing ? rules::SegmentState::growing : rules::SegmentState::sealed;
      if (world_.manners.sizes == Sizes::reported && !world_.since(2, 4)) {
        told.memory_size = Cluster::stated_bytes_of(*collection, segment);
      }
      for (const Copy& copy : segment.copies) {
        told.nodes.push_back(copy.node);
        if (copy.moving_to && world_.manners.transit_shown) told.nodes.push_back(*copy.moving_to);
      }
      std::sort(told.nodes.begin(), told.nodes.end());
      told.nodes.erase(std::unique(told.nodes.begin(), told.nodes.end()), told.nodes.end());
      answer->push_back(std::move(told));
    }
  }
  if (checker_ != nullptr) checker_->told_segments(id, answer);
  co_return answer;
}

Awaitable<milvus::Result<Bytes>> Ports::row_bytes(const milvus::CollectionInfo& info) {
  const milvus::CollectionInfo asked = info;
  co_await take_time();
  if (const Answer reached = reach("schema"); !reached) co_return tl::unexpected(reached.error());
  const Collection* collection = collection_of(asked);
  if (collection == nullptr) co_return not_found();
  co_return static_cast<Bytes>(static_cast<double>(collection->row_bytes) / collection->weight *
                               world_.manners.schema_error);
}

// ---- the console's lists

Ports::Answer Ports::reach_list(const std::string& what) const {
  if (!world_.since(2, 5) || !world_.manners.lists) {
    return failure(FailureKind::unsupported, "no list of " + what);
  }
  return reach(what);
}

Awaitable<milvus::Result<std::vector<milvus::ReplicaRoles>>> Ports::replica_roles() {
  co_await take_time();
  if (const Answer reached = reach_list("replicas"); !reached) {
    co_return tl::unexpected(reached.error());
  }
  std::vector<milvus::ReplicaRoles> roles;
  if (!cluster_.forgetful()) {
    for (const Collection& collection : cluster_.collections()) {
      if (collection.released) continue;
      for (const ReplicaSpec& replica : collection.replicas) {
        milvus::ReplicaRoles told{replica.id, collection.id, cluster_.members(replica), {}, {}};
        for (const NodeId member : told.nodes) {
          if (cluster_.suspended(*cluster_.node(member))) told.read_only.push_back(member);
        }
        for (int channel = 0; world_.manners.exclusive && channel < Cluster::kChannels; ++channel) {
          told.channels.push_back(
              {"channel" + std::to_string(channel), cluster_.channel_nodes(replica, channel)});
        }
        roles.push_back(std::move(told));
      }
    }
  }
  if (checker_ != nullptr) checker_->told_roles(roles, cluster_.now());
  co_return roles;
}

Awaitable<milvus::Result<std::vector<milvus::ResourceGroup>>> Ports::resource_groups() {
  co_await take_time();
  if (const Answer reached = reach_list("resource groups"); !reached) {
    co_return tl::unexpected(reached.error());
  }
  std::map<int, milvus::ResourceGroup> groups;
  if (!cluster_.forgetful()) {
    for (const Node& node : cluster_.nodes()) {
      if (!node.listed || cluster_.suspended(node)) continue;
      if (node.streaming && world_.since(2, 6, 1)) continue;
      groups[node.group].nodes.push_back(node.id);
    }
  }
  std::vector<milvus::ResourceGroup> answer;
  for (auto& [number, group] : groups) {
    group.name = "group" + std::to_string(number);
    std::sort(group.nodes.begin(), group.nodes.end());
    answer.push_back(std::move(group));
  }
  co_return answer;
}

// One node that does not answer spoils it all.
Awaitable<milvus::Result<std::vector<milvus::SegmentSize>>> Ports::segment_sizes() {
  co_await take_time();
  if (const Answer reached = reach_list("sizes"); !reached) {
    co_return tl::unexpected(reached.error());
  }
  const bool silent = std::any_of(cluster_.nodes().begin(), cluster_.nodes().end(),
                                  [](const Node& node) { return node.listed && !node.alive; });
  if (silent || world_.manners.sizes != Sizes::reported) {
    co_return failure(FailureKind::refused, "sizes: HTTP 500");
  }
  std::vector<milvus::SegmentSize> sizes;
  for (const Collection& collection : cluster_.collections()) {
    for (const Segment& segment : collection.segments) {
      const Bytes bytes = Cluster::stated_bytes_of(collection, segment);
      for (const Copy& copy : segment.copies) {
        sizes.push_back(
            {segment.id, collection.id, copy.node, segment.rows, bytes, !segment.growing});
        if (!copy.moving_to || !world_.manners.transit_shown) continue;
        sizes.push_back(sizes.back());
        sizes.back().node = *copy.moving_to;
      }
    }
  }
  co_return sizes;
}

Awaitable<milvus::Result<std::vector<milvus::SegmentChannel>>> Ports::segment_channels() {
  co_await take_time();
  if (const Answer reached = reach_list("channels"); !reached) {
    co_return tl::unexpected(reached.error());
  }
  std::vector<milvus::SegmentChannel> channels;
  for (const Collection& collection : cluster_.collections()) {
    for (const Segment& segment : collection.segments) {
      const int channel = Cluster::channel_of(segment.id);
      channels.push_back({segment.id, "channel" + std::to_string(channel)});
    }
  }
  co_return channels;
}

Awaitable<milvus::Result<bool>> Ports::balancer_active() {
  co_await take_time();
  if (const Answer reached = reach_list("states"); !reached) {
    co_return tl::unexpected(reached.error());
  }
  co_return world_.manners.balancer_active;
}

// ---- collections

// Replicas are asked for by id, everything else by name and database.
const Collection* Ports::collection_of(const milvus::CollectionInfo& info) {
  return cluster_.collection(info.database, info.name);
}

template <typename T>
milvus::Result<T> Ports::gone() const {
  if (world_.since(2, 6)) return T{};  // it is known still, and has nothing
  return not_found();
}

// ---- load_balance

Awaitable<milvus::Result<void>> Ports::load_balance(const milvus::LoadBalance& request) {
  const milvus::LoadBalance own = request;
  if (world_.lease) {
    connects_ = true;
    co_await clock_.sleep(world_.manners.answer_time + kConnecting);
    connects_ = false;
    if (own.may_send && !own.may_send()) co_return no_answer("load_balance, which was not sent");
  }
  if (checker_ == nullptr) co_return no_answer("load_balance");
  cluster_.advance(clock_.now());
  if (checker_ != nullptr) checker_->asked(own);
  Answer answer = co_await carry_out(own);
  cluster_.advance(clock_.now());
  if (checker_ != nullptr) checker_->answered(answer);
  if (cluster_.throws() && ++questions_ % 3 == 0) throw std::runtime_error("a part throws");
  co_return answer;
}

Awaitable<Ports::Answer> Ports::carry_out(milvus::LoadBalance request) {
  if (const Answer reached = reach("load_balance"); !reached) co_return reached;
  const Collection* collection = cluster_.collection(request.database, request.collection);
  if (collection == nullptr && world_.since(2, 5)) {
    co_return co_await wait_for_a_released_collection(
        clock_.now(), clock_.now() + world_.settings.milvus.move_timeout);
  }
  if (collection == nullptr || cluster_.forgetful()) co_return not_found();
  if (Answer refused = refusal(request, *collection); !refused) co_return refused;
  const Transfer transfer{collection->id, request.source, request.destinations.front(),
                          request.segments};
  std::uint64_t chance = 0;
  MoveEnd end = draw(request, chance);
  if (cluster_.now() < collection->stuck_until) end = MoveEnd::hung;
  ++ended_[end];
  co_return co_await carry_out(transfer, end, chance);
}

Awaitable<Ports::Answer> Ports::wait_for_a_released_collection(TimePoint since,
                                                               TimePoint deadline) {
  const TimePoint answered = std::min(since + kReleaseAnswers, deadline);
  co_await clock_.sleep(std::max<Duration>(answered - clock_.now(), 0ms));
  if (answered == deadline) co_return no_answer("load_balance");
  co_return failure(FailureKind::not_loaded, "collection not fully loaded", false,
                    milvus::kCodeCollectionNotFullyLoaded);
}

// As Milvus checks a call before it does anything.
Ports::Answer Ports::refusal(const milvus::LoadBalance& request, const Collection& collection) {
  const NodeId to = request.destinations.front();
  const Node* destination = cluster_.node(to);
  if (destination == nullptr || !destination->alive || destination->stopping) {
    return failure(FailureKind::refused, "node is not available", false, milvus::kCodeNodeNotFound);
  }
  const Node* source = cluster_.node(request.source);
  const bool left = source != nullptr && cluster_.suspended(*source) && world_.since(2, 6, 14);
  if (source != nullptr && (source->streaming || left)) {
    return failure(FailureKind::refused, "source node not found in any replica", false,
                   milvus::kCodeNodeNotFound);
  }
  if (cluster_.suspended(*destination)) {
    return failure(FailureKind::refused, "node becomes ro node", false,
                   milvus::kCodeNodeStateUnexpected);
  }
  if (collection.loaded_percentage < 100) {
    return failure(FailureKind::refused, "collection not fully loaded");
  }
  const auto has = [](const std::vector<NodeId>& nodes, NodeId id) {
    return std::binary_search(nodes.begin(), nodes.end(), id);
  };
  for (const ReplicaSpec& replica : collection.replicas) {
    const std::vector<NodeId> nodes = cluster_.members(replica);
    if (has(nodes, request.source) && has(nodes, to)) return {};
  }
  return failure(FailureKind::refused, "destination node not found in the same replica");
}

MoveEnd Ports::draw(const milvus::LoadBalance& request, std::uint64_t& chance) {
  const auto segment = static_cast<std::uint64_t>(request.segments.front());
  chance = mix(mix(world_.seed) ^ mix(segment) ^ ++calls_);
  if (cluster_.now() >= calm_) return MoveEnd::obeyed;
  const auto& weights = world_.manners.move_ends;
  const int sum = std::accumulate(weights.begin(), weights.end(), 0);
  auto left = static_cast<int>(chance % static_cast<std::uint64_t>(sum));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return kMoveEnds[i];
  }
  return MoveEnd::obeyed;
}

TimePoint Ports::begin(const Transfer& transfer) {
  const TimePoint landed = cluster_.begin(transfer, true);
  if (checker_ != nullptr) checker_->loads(transfer.collection, transfer.to);
  return landed;
}

Awaitable<Ports::Answer> Ports::carry_out(Transfer transfer, MoveEnd end, std::uint64_t chance) {
  const TimePoint deadline = clock_.now() + world_.settings.milvus.move_timeout;
  const auto wait_until = [&](TimePoint time) {
    return clock_.sleep(std::max<Duration>(std::min(time, deadline) - clock_.now(), 0ms));
  };
  switch (end) {
    case MoveEnd::obeyed: {
      const TimePoint done = begin(transfer);
      co_await wait_until(done);
      if (done > deadline) co_return no_answer("load_balance");
      cluster_.advance(clock_.now());
      const Collection* moved = cluster_.collection(transfer.collection);
      if (moved == nullptr && world_.since(2, 5)) {
        co_return co_await wait_for_a_released_collection(done, deadline);
      }
      const Node* destination = cluster_.node(transfer.to);
      if (destination != nullptr && cluster_.suspended(*destination)) {
        co_return failure(FailureKind::refused, "node becomes ro node", false,
                          milvus::kCodeNodeStateUnexpected);
      }
      co_return Answer{};
    }
    case MoveEnd::refused:
      co_await clock_.sleep(Duration(static_cast<std::int64_t>(chance % 2000)));
      co_return failure(FailureKind::refused, "not enough memory");
    case MoveEnd::error_moved: {
      const TimePoint done = begin(transfer);
      if (chance / 7 % 2 == 0) co_await wait_until(done);
      co_return failure(FailureKind::refused, "context canceled");
    }
    case MoveEnd::timeout_moved: {
      const auto late = static_cast<std::uint64_t>(world_.settings.milvus.move_timeout.count());
      const Duration delay(static_cast<std::int64_t>(chance / 7 % (late + late / 4)));
      cluster_.at(clock_.now() + delay, [this, transfer] { begin(transfer); });
      co_await wait_until(deadline);
      co_return no_answer("load_balance");
    }
    case MoveEnd::half: {
      transfer.segments.resize(transfer.segments.size() / 2);
      co_await wait_until(begin(transfer));
      co_return Answer{};
    }
    case MoveEnd::hung:
      co_await wait_until(deadline);
      co_return no_answer("load_balance");
  }
  co_return Answer{};
}

// ---- the nodes' metrics

const Node* Ports::at(const http::Url& target) const {
  const Node* found = nullptr;
  for (const Node& node : cluster_.nodes()) {
    const std::string address = address_of(node.home);
    if (address.compare(0, address.find(':'), target.host) == 0 && node.alive) found = &node;
  }
  return found;
}

Awaitable<std::vector<scrape::TargetResult>> Ports::scrape(const std::vector<http::Url>& targets) {
  const std::vector<http::Url> own = targets;
  co_await take_time();
  const std::vector<Bytes> used = cluster_.used();
  if (lags_) remember(used);
  std::vector<scrape::TargetResult> results;
  bool hangs = false;
  for (const http::Url& target : own) {
    scrape::TargetResult& result = results.emplace_back();
    result.target = target.str();
    result.at = cluster_.now();
    const Node* node = at(target);
    const bool wrong = node != nullptr && cluster_.now() < node->wrong_until;
    if (node == nullptr || (wrong && node->metrics == Happening::metrics_missing)) {
      result.error = http::Error{http::ErrorKind::connect, result.target + ": connection refused"};
    } else if (wrong && node->metrics == Happening::metrics_hang) {
      hangs = true;
      result.at += world_.settings.scrape.timeout;
      result.error = http::Error{http::ErrorKind::timeout, result.target + ": no answer"};
    } else {
      read(result, *node, used);
    }
  }
  if (hangs) co_await clock_.sleep(world_.settings.scrape.timeout);
  if (checker_ != nullptr) checker_->told_samples(results);
  co_return results;
}

void Ports::read(scrape::TargetResult& result, const Node& node, const std::vector<Bytes>& used) {
  const bool wrong = cluster_.now() < node.wrong_until;
  result.figures.id = wrong && node.metrics == Happening::id_claimed ? node.claims : node.id;
  if (wrong && node.metrics == Happening::metrics_invalid) {
    result.figures.problem = "no memory figure";
    return;
  }
  if (wrong && node.metrics == Happening::metrics_old) result.at = node.wrong_since;
  result.figures.resident = figure_of(node, used, true);
  if (world_.since(2, 6)) {
    // The kernel may drop pages of files.
    const auto resident = static_cast<double>(*result.figures.resident);
    result.figures.resident = static_cast<Bytes>(resident * (1 + world_.manners.mapped));
    result.figures.wal = node.streaming;
  }
  add_entities(result, node);
}

Bytes Ports::figure_of(const Node& node, const std::vector<Bytes>& used, bool own) {
  Bytes figure = used[static_cast<std::size_t>(&node - cluster_.nodes().data())];
  // What is wrong with the answers of its metrics port alone does not concern the coordinator.
  const bool concerned = own || node.metrics != Happening::metrics_old;
  if (cluster_.now() < node.wrong_until && concerned) {
    if (node.metrics == Happening::metrics_lie) {
      return std::accumulate(used.begin(), used.end(), Bytes{0});
    }
    const bool frozen =
        node.metrics == Happening::metrics_stall || node.metrics == Happening::metrics_old;
    if (frozen) return node.figure_then;
    if (node.metrics == Happening::metrics_lag) {
      for (const auto& [time, bytes] : past_[node.id]) {
        if (time + kLag <= cluster_.now() || time == past_[node.id].front().first) figure = bytes;
      }
    }
  }
  if (world_.manners.noise <= 0) return figure;
  const auto time = static_cast<std::uint64_t>(cluster_.now().time_since_epoch().count());
  const std::uint64_t drawn = mix(mix(world_.seed ^ time) + static_cast<std::uint64_t>(node.id));
  const double swing = static_cast<double>(drawn % 2001) / 1000 - 1;
  return figure + static_cast<Bytes>(static_cast<double>(figure) * world_.manners.noise * swing);
}

void Ports::add_entities(scrape::TargetResult& result, const Node& node) {
  for (const Collection& collection : cluster_.collections()) {
    const bool listed = world_.sees(collection.database);
    if (listed && world_.manners.sizes != Sizes::figures) continue;
    scrape::CollectionFigures figures;
    for (const Segment& segment : collection.segments) {
      const bool here = std::any_of(segment.copies.begin(), segment.copies.end(),
                                    [&](const Copy& copy) { return copy.node == node.id; });
      if (!here || segment.growing) continue;
      figures.entity_size += world_.since(2, 4) ? segment.rows * kPartialRow
                                                : Cluster::stated_bytes_of(collection, segment);
      figures.entity_num += segment.rows;
      ++figures.segment_num;
    }
    auto& last = last_entities_[{node.id, collection.id}];
    const bool stale = figures.segment_num == 0 && world_.manners.stale_figures;
    if (stale) figures = last;
    if (figures.entity_num > 0) result.figures.collections[collection.id] = figures;
    last = figures;
  }
}

void Ports::remember(const std::vector<Bytes>& used) {
  for (std::size_t i = 0; i < used.size(); ++i) {
    auto& past = past_[cluster_.nodes()[i].id];
    if (!past.empty() && past.back().first == cluster_.now()) continue;
    past.emplace_back(cluster_.now(), used[i]);
    if (past.size() > 64) past.pop_front();
  }
}

}  // namespace evenkeel::sim
