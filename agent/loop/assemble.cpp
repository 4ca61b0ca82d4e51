#include "agent/loop/assemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "agent/loop/capacities.hpp"
#include "agent/loop/roles.hpp"
#include "agent/milvus/version.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::loop {
namespace {

using rules::Cluster;
using rules::NodeHealth;
using rules::NodeId;

// Scrape results by the node id in them; several may claim the same id.
using Claims = std::map<NodeId, std::vector<const scrape::TargetResult*>>;

Claims claims_of(const std::vector<scrape::TargetResult>& scraped) {
  Claims claims;
  for (const auto& result : scraped) {
    if (result.figures.id) claims[*result.figures.id].push_back(&result);
  }
  return claims;
}

// The proxy caches system_info, so its figures may be this old.
constexpr rules::Duration kCachedAtMost = std::chrono::seconds{5};

// A figure whose own timestamp is older is reported: scrapes and small clock skew explain less.
constexpr rules::Duration kOldFigure = std::chrono::minutes{1};

// Milvus as a whole gives no answer.
bool away(const Answers& answers) {
  const auto no_answer = [](const auto& result) {
    return !result && result.error().kind == milvus::FailureKind::transport;
  };
  return !answers.cut_short.empty() || no_answer(answers.nodes) || no_answer(answers.collections);
}

// The failure behind a question that was not answered; empty: it concerns that question alone. A
// question without an answer in time may be too much for Milvus, but a connection that is refused
// or reset is no matter of one question.
template <typename T>
std::string failure_behind(const milvus::Result<T>& result, bool away) {
  if (result || result.error().kind != milvus::FailureKind::transport) return {};
  return away || !result.error().timed_out ? kNoAnswer : "";
}

// The source of memory figures, and the reason for it.
struct MemorySource {
  bool milvus = false;
  std::string why;
};

MemorySource memory_source(const Answers& answers) {
  if (answers.memory_source == "milvus") return {true, "[memory] source says so"};
  if (answers.memory_source == "resident") return {false, "[memory] source says so"};
  if (milvus::maps_vectors(answers.version)) {
    return {true,
            "from 2.6 on vectors are mapped from files, and resident memory counts pages that "
            "the kernel can drop"};
  }
  return {false, "before 2.6 nothing is mapped by default"};
}

// Replaces resident memory by system_info's figure. The node's own metrics still tell if it is up.
void use_milvus_figure(rules::Node& node, const milvus::QueryNode& listed, rules::TimePoint asked) {
  if (node.health != NodeHealth::up) return;
  if (listed.memory_used <= 0) {
    node.health = NodeHealth::invalid;
    node.problem =
        "system_info gives no memory_usage of it; [memory] source = \"resident\" goes by its "
        "metrics";
    return;
  }
  node.used = listed.memory_used;
  node.sampled_at = std::min(node.sampled_at, asked - kCachedAtMost);
}

void set_memory(rules::Node& node, const std::vector<const scrape::TargetResult*>* claims) {
  if (claims == nullptr) {
    node.health = NodeHealth::unreachable;
    node.problem = "no metrics target answered as this node";
    return;
  }
  if (claims->size() > 1) {
    node.health = NodeHealth::ambiguous;
    node.problem = "claimed by " + claims->front()->target + " and by " + claims->back()->target;
    return;
  }
  const scrape::TargetResult& result = *claims->front();
  if (result.error) {
    node.health = NodeHealth::unreachable;
    node.problem = result.failure();
  } else if (result.figures.problem || !result.figures.resident) {
    node.health = NodeHealth::invalid;
    node.problem = result.failure();
  } else {
    node.health = NodeHealth::up;
    node.used = *result.figures.resident;
    node.sampled_at = result.at;
  }
}

void add_nodes(Cluster& cluster, const Answers& answers,
               const std::vector<milvus::QueryNode>& known, Capacities& capacities) {
  const MemorySource memory = memory_source(answers);
  cluster.memory_source = memory.milvus ? "milvus" : "resident";
  cluster.memory_why = memory.why;
  Claims claims = claims_of(answers.scraped);
  for (const auto& listed : answers.nodes ? *answers.nodes : known) {
    if (std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                    [&](const auto& n) { return n.id == listed.id; })) {
      continue;  // listed twice
    }
    rules::Node node;
    node.id = listed.id;
    node.address = listed.address;
    node.version = listed.version;
    capacities.set(node, listed.memory);
    const auto found = claims.find(listed.id);
    set_memory(node, found == claims.end() ? nullptr : &found->second);
    if (memory.milvus) use_milvus_figure(node, listed, answers.nodes_at);
    if (listed.has_error) {
      node.health = NodeHealth::stopping;
      node.problem =
          "Milvus's query coordinator says: " + (listed.error.empty() ? "in error" : listed.error);
    }
    if (found != claims.end()) claims.erase(found);
    cluster.nodes.push_back(std::move(node));
  }
  for (const auto& [id, results] : claims) {
    rules::Node node;
    node.id = id;
    node.address = results.front()->target;
    capacities.set(node, 0);
    set_memory(node, &results);
    if (node.health == NodeHealth::up) {
      node.health = NodeHealth::unlisted;
      node.problem = "its metrics answer, but Milvus's query coordinator does not list it";
    }
    cluster.nodes.push_back(std::move(node));
  }
}

rules::Bytes whole_bytes(double bytes) {
  constexpr rules::Bytes kMost = std::numeric_limits<rules::Bytes>::max() / 4;
  return static_cast<rules::Bytes>(std::min(std::round(bytes), static_cast<double>(kMost)));
}

struct Size {
  rules::Bytes stated = 0;
  rules::Bytes bytes = 0;
  rules::SizeSource source{};
};

// The sizes of one collection's segments.
class Sizes {
 public:
  Sizes(const Answers& answers, const RowSize& row, const rules::Weight& weight)
      : answers_(answers), row_(row), weight_(weight) {}

  [[nodiscard]] Size of(const milvus::SegmentInfo& segment, NodeId node) const {
    rules::Bytes reported = segment.memory_size;
    if (const auto found = answers_.reported.find({segment.id, node});
        found != answers_.reported.end()) {
      reported = found->second;
    }
    if (reported > 0) {
      return corrected(static_cast<double>(reported), rules::SizeSource::reported, weight_.bound);
    }
    const auto rows = static_cast<double>(std::max<std::int64_t>(segment.rows, 0));
    return corrected(rows * row_.bytes, row_.source, weight_.factor);
  }

 private:
  static Size corrected(double stated, rules::SizeSource source, double factor) {
    return {whole_bytes(stated), whole_bytes(stated * factor),
            factor == 1 ? source : rules::SizeSource::corrected};
  }

  const Answers& answers_;
  RowSize row_;
  rules::Weight weight_;
};

// The channels of each replica in exclusive mode: names to 1-based positions in Replica::channels.
using ChannelNumbers = std::map<rules::ReplicaId, std::map<std::string, std::uint32_t>>;

void add_segments(Cluster& cluster, const CollectionAnswers& answers, const Sizes& sizes,
                  const Answers& all, const ChannelNumbers& channels) {
  std::map<NodeId, rules::ReplicaId> replica_of;
  for (const auto& replica : *answers.replicas) {
    for (const NodeId node : replica.nodes) replica_of.emplace(node, replica.id);
  }
  const auto channel_of = [&](rules::SegmentId segment, rules::ReplicaId replica) {
    const auto numbers = channels.find(replica);
    const auto name = all.channels.find(segment);
    if (numbers == channels.end() || name == all.channels.end()) return std::uint32_t{0};
    const auto number = numbers->second.find(name->second);
    return number == numbers->second.end() ? std::uint32_t{0} : number->second;
  };
  for (const auto& segment : *answers.segments) {
    // `nodes` has the nodes of all replicas: a copy belongs to the replica that has its node.
    for (const NodeId node : segment.nodes) {
      const auto replica = replica_of.find(node);
      const Size size = sizes.of(segment, node);
      rules::Segment copy{
          .id = segment.id,
          .collection = answers.info.id,
          .partition = segment.partition,
          .replica = replica == replica_of.end() ? rules::ReplicaId{} : replica->second,
          .node = node,
          .rows = segment.rows,
          .bytes = size.bytes,
          .size_source = size.source,
          .state = segment.state,
          .stated = size.stated};
      if (!channels.empty()) copy.channel = channel_of(copy.id, copy.replica);
      cluster.segments.push_back(copy);
    }
  }
}

std::string shown_name(const milvus::CollectionInfo& info, bool several_databases) {
  return several_databases ? info.database + "." + info.name : info.name;
}

// True if the collection was dropped between two calls and its name is another collection's now.
bool of_another(const CollectionAnswers& answers) {
  return std::any_of(answers.segments->begin(), answers.segments->end(), [&](const auto& segment) {
    return segment.collection != rules::CollectionId{} && segment.collection != answers.info.id;
  });
}

void add_collection(Cluster& cluster, const CollectionAnswers& answers, const Answers& all,
                    const Roles& roles, const RowSize& row, const rules::Weight& weight) {
  rules::Collection collection{.id = answers.info.id,
                               .name = shown_name(answers.info, all.databases.size() > 1),
                               .complete = true,
                               .problem = {},
                               .row_bytes = row.bytes,
                               .correction = weight.factor,
                               .database = answers.info.database,
                               .own_name = answers.info.name};
  const auto incomplete = [&](const std::string& why) {
    collection.complete = false;
    if (!collection.problem.empty()) collection.problem += "; ";
    collection.problem += why;
  };
  if (!answers.replicas) incomplete(answers.replicas.error().message);
  if (!answers.segments) incomplete(answers.segments.error().message);
  if (answers.info.loaded_percentage < 100) {
    incomplete("still loading (" + std::to_string(answers.info.loaded_percentage) + " %)");
  }
  if (answers.segments && of_another(answers)) {
    incomplete("its name has become another collection's");
  }
  if (answers.replicas) {
    ChannelNumbers channels;
    for (const auto& replica : *answers.replicas) {
      cluster.replicas.push_back(roles.replica(replica, answers.info.id));
      if (cluster.replicas.back().channels.empty()) continue;
      channels[replica.id] = roles.channel_numbers(replica.id);
    }
    if (answers.segments) {
      add_segments(cluster, answers, Sizes(all, row, weight), all, channels);
    }
  }
  // One message, `cut_short`, covers all collections that were not asked for.
  const bool said = (!answers.replicas && answers.replicas.error().not_asked) ||
                    (!answers.segments && answers.segments.error().not_asked);
  if (!collection.complete && !said) {
    const bool is_away = away(all);
    std::string failure = failure_behind(answers.replicas, is_away);
    if (failure.empty()) failure = failure_behind(answers.segments, is_away);
    cluster.problems.push_back(
        {"collection " + collection.name + ": " + collection.problem, std::move(failure)});
  }
  cluster.collections.push_back(std::move(collection));
}

bool dropped_meanwhile(const CollectionAnswers& answers) {
  const auto gone = [](const auto& result) {
    return !result && result.error().kind == milvus::FailureKind::not_found;
  };
  return gone(answers.replicas) || gone(answers.segments);
}

}  // namespace

bool no_nodes_named(const Answers& answers) {
  const auto has_none = [](const CollectionAnswers& each) {
    return each.replicas && std::all_of(each.replicas->begin(), each.replicas->end(),
                                        [](const auto& replica) { return replica.nodes.empty(); });
  };
  return answers.collections &&
         std::all_of(answers.distribution.begin(), answers.distribution.end(), has_none);
}

Cluster assemble(const Answers& answers, const std::vector<milvus::QueryNode>& known,
                 const RowSizes& sizes, const rules::Weights& weights,
                 const settings::Settings::Capacity& capacity, rules::TimePoint now) {
  Cluster cluster;
  cluster.observed_at = now;
  cluster.begun_at = answers.begun == rules::TimePoint{} ? now : answers.begun;
  cluster.version = answers.version;
  cluster.untested = milvus::why_untested(answers.version);
  cluster.databases = answers.databases;
  cluster.coordinator_complete = answers.nodes.has_value() && answers.collections.has_value();
  if (!answers.cut_short.empty()) {
    cluster.coordinator_complete = false;
    cluster.problems.push_back({answers.cut_short, kNoAnswer});
  }
  const bool is_away = away(answers);
  const auto add_if_unread = [&](const auto& list) {
    if (list) return;
    cluster.problems.push_back({list.error().message, failure_behind(list, is_away)});
  };
  add_if_unread(answers.nodes);
  add_if_unread(answers.collections);
  Capacities capacities(capacity, answers.capacity_memory);
  add_nodes(cluster, answers, known, capacities);
  if (answers.nodes || !known.empty()) capacities.finish(cluster);
  const Roles roles(answers, known);
  for (rules::Node& node : cluster.nodes) {
    node.role = roles.of(node.id);
    // During an upgrade a node may be newer than the proxy that gave the version.
    if (cluster.untested.empty() && !node.version.empty()) {
      cluster.untested = milvus::why_untested(node.version);
    }
  }
  for (const auto& collection : answers.distribution) {
    // A collection dropped or released between two calls has no segments left; that is no error.
    if (dropped_meanwhile(collection)) continue;
    const rules::CollectionId id = collection.info.id;
    add_collection(cluster, collection, answers, roles, sizes.of(id, capacity.default_row_bytes),
                   weights.weight(id));
  }
  roles.name_leaving_nodes(cluster);
  add_unlisted(cluster, answers, capacity.default_row_bytes);
  for (const auto& result : answers.scraped) {
    const auto& at = result.figures.resident_at;
    if (!result.good() || !at || *at + kOldFigure >= now) continue;
    cluster.problems.push_back({result.target +
                                ": its memory figure has an old timestamp of its own (is something "
                                "in between that keeps old answers, or is its clock wrong?)"});
  }
  for (const auto& node : cluster.nodes) {
    if (node.health == NodeHealth::up) continue;
    const std::string name = "node " + to_string(node.id);
    const bool unreachable = node.health == NodeHealth::unreachable;
    cluster.problems.push_back(
        {name + ": " + node.problem, unreachable ? name + " is unreachable" : ""});
  }
  for (rules::Problem problem : answers.list_problems) {
    // A list may come from another address than the rest.
    if (!is_away) problem.failure.clear();
    cluster.problems.push_back(std::move(problem));
  }
  for (const auto& result : answers.scraped) {
    if (result.good() || result.figures.id) continue;
    cluster.problems.push_back({result.failure(), result.error ? result.target : ""});
  }
  return cluster;
}

std::string not_acted_on(const Cluster& cluster, const settings::Settings::Milvus& settings) {
  return settings.allow_untested_version ? std::string() : cluster.untested;
}

void read_again(Cluster& cluster, const std::vector<scrape::TargetResult>& scraped) {
  if (cluster.memory_source == "milvus") return;  // the figures are the coordinator's, not scraped
  const Claims claims = claims_of(scraped);
  for (rules::Node& node : cluster.nodes) {
    const auto found = claims.find(node.id);
    if (found == claims.end() || node.health != NodeHealth::up) continue;
    rules::Node read = node;
    set_memory(read, &found->second);
    if (read.health == NodeHealth::up) node = std::move(read);
  }
}

}  // namespace evenkeel::loop
