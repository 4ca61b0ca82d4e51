#include "agent/loop/observer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <set>
#include <utility>

#include "agent/loop/capacities.hpp"
#include "agent/milvus/version.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/format.hpp"
#include "rules/flat_table.hpp"

namespace evenkeel::loop {

using namespace asio::experimental::awaitable_operators;

// The console's lists of Milvus 2.5 and later, each over the whole cluster.
struct Lists {
  milvus::Result<std::vector<milvus::ReplicaRoles>> roles;
  milvus::Result<std::vector<milvus::ResourceGroup>> groups;
  milvus::Result<std::vector<milvus::SegmentSize>> sizes;
};

// The answers about all loaded collections, while they come in.
struct Distribution {
  milvus::Result<std::vector<milvus::CollectionInfo>> collections;
  std::vector<CollectionAnswers> answers;
  std::size_t next = 0;  // the next collection to ask for
  // A hash of what the lists say of each collection; empty if a list is missing.
  std::map<rules::CollectionId, std::uint64_t> fingerprints;
};

namespace {

// Collections asked for at the same time: enough to hide latency, few enough for the coordinator.
constexpr int kWorkers = 4;
// The shortest time between two requests for the list of nodes; see ask_nodes().
constexpr rules::Duration kNodesInterval = std::chrono::seconds{7};
// For this long after its return, a coordinator is not believed when collections are missing.
constexpr rules::Duration kDoubtAfterReturn = std::chrono::seconds{30};
constexpr int kMaxSchemas = 64;  // read in one observation; the next one goes on
// A collection's answers are used again for this long while the lists say the same of it.
constexpr rules::Duration kRemembered = std::chrono::minutes{5};
// The pause after a failed request for the list of sizes.
constexpr rules::Duration kSizesRest = std::chrono::minutes{1};
// Most collections that are remembered as once listed: metrics may still name dropped ones.
constexpr std::size_t kOnceListed = 100'000;

template <typename... Value>
std::uint64_t hash_of(Value... values) {
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;  // as in SplitMix64, so that zeros count
  std::uint64_t hash = 0;
  ((hash = rules::mixed(hash + static_cast<std::uint64_t>(values) + kStep)), ...);
  return hash;
}

// A hash per collection of what the lists say: a sum, so that their order does not matter.
std::map<rules::CollectionId, std::uint64_t> fingerprints_of(const Lists& lists) {
  std::map<rules::CollectionId, std::uint64_t> prints;
  if (!lists.roles || !lists.sizes) return prints;
  for (const auto& size : *lists.sizes) {
    // Growing segments change all the time, and the answers leave them out.
    if (size.sealed) prints[size.collection] += hash_of(size.segment, size.node, size.rows);
  }
  for (const auto& replica : *lists.roles) {
    std::uint64_t& print = prints[replica.collection];
    print += hash_of(replica.id);
    for (const auto node : replica.nodes) print += hash_of(replica.id, node, 1);
    for (const auto node : replica.read_only) print += hash_of(replica.id, node, 2);
  }
  return prints;
}

// No request starts later than this after the first. It is enough to read a big cluster through a
// slow coordinator; one that answers each request at the last moment is given up.
rules::Duration longest_asking(const settings::Settings& settings) {
  return 12 * rules::Duration(settings.milvus.timeout);
}

}  // namespace

Observer::Observer(milvus::Coordinator& coordinator, scrape::Scraper& scraper,
                   std::function<rules::TimePoint()> now, Instruments& counts)
    : coordinator_(coordinator, now), scraper_(scraper), now_(std::move(now)), targets_(counts) {}

Awaitable<void> Observer::ask_collection(milvus::CollectionInfo collection, Distribution& into) {
  const auto print = into.fingerprints.find(collection.id);
  const auto known = remembered_.find(collection.id);
  const bool same = print != into.fingerprints.end() && known != remembered_.end() &&
                    known->second.fingerprint == print->second &&
                    now_() - known->second.asked_at < kRemembered;
  if (same && collection.loaded_percentage == 100) {
    into.answers.push_back(known->second.answers);
    into.answers.back().info = std::move(collection);  // it may have a new name
    co_return;
  }
  CollectionAnswers answers{collection, {}, {}};
  answers.replicas = co_await coordinator_.replicas(collection);
  if (answers.replicas) {
    answers.segments = co_await coordinator_.segments(collection);
  }
  into.answers.push_back(std::move(answers));
}

// Lists the collections of all databases; one database that cannot be read fails the whole list.
Awaitable<void> Observer::ask_collections(Answers& into) {
  const auto databases = co_await coordinator_.databases();
  if (!databases) {
    into.collections = tl::unexpected(databases.error());
    co_return;
  }
  std::set<rules::CollectionId> seen;
  into.databases = databases->names;
  into.all_databases = databases->all;
  for (const std::string& database : databases->names) {
    auto listed = co_await coordinator_.collections(database);
    if (!listed) {
      into.collections = tl::unexpected(std::move(listed.error()));
      co_return;
    }
    for (auto& info : *listed) {
      // Before 2.2.9 there are no databases: each name gives all collections again.
      if (!seen.insert(info.id).second) continue;
      info.database = database;
      into.collections->push_back(std::move(info));
    }
  }
}

Awaitable<void> Observer::ask_lists(Lists& into) {
  const auto unsupported = [](const char* what) {
    return tl::unexpected(milvus::Failure{.kind = milvus::FailureKind::unsupported,
                                          .message = std::string("no list of ") + what});
  };
  into.roles = unsupported("replicas");
  into.groups = unsupported("resource groups");
  into.sizes = unsupported("sizes");
  if (!milvus::may_have_lists(version_)) co_return;
  into.roles = co_await coordinator_.replica_roles();
  into.groups = co_await coordinator_.resource_groups();
  // A list that is too long, or that a hanging node blocks, is not requested in every observation.
  if (sizes_failure_ && now_() < sizes_rest_until_) {
    into.sizes = tl::unexpected(*sizes_failure_);
    co_return;
  }
  into.sizes = co_await coordinator_.segment_sizes();
  sizes_failure_.reset();
  if (into.sizes || into.sizes.error().kind == milvus::FailureKind::unsupported ||
      into.sizes.error().not_asked) {
    co_return;
  }
  sizes_failure_ = into.sizes.error();
  sizes_rest_until_ = now_() + kSizesRest;
}

// Describes the lists that failed, except those that this Milvus does not have.
std::vector<rules::Problem> Observer::problems_of(const Lists& lists) {
  std::vector<rules::Problem> problems;
  const auto add = [&](const auto& list, const std::string& what) {
    if (list || list.error().kind == milvus::FailureKind::unsupported || list.error().not_asked) {
      return;
    }
    const bool no_answer = list.error().kind == milvus::FailureKind::transport;
    problems.push_back({what + ": " + list.error().message, no_answer ? kNoAnswer : ""});
  };
  add(lists.roles, "which nodes are read-only could not be read");
  add(lists.groups, "the resource groups could not be read");
  add(lists.sizes, "the sizes of segments could not be read, the last ones count");
  return problems;
}

// Reads the channels only if a replica is in exclusive mode and the built-in balancer would pull
// segments back.
Awaitable<void> Observer::ask_channels(Answers& into) {
  const bool exclusive =
      into.roles && std::any_of(into.roles->begin(), into.roles->end(),
                                [](const auto& replica) { return !replica.channels.empty(); });
  if (!exclusive) co_return;
  const auto active = co_await coordinator_.balancer_active();
  if (active && !*active) co_return;
  const auto channels = co_await coordinator_.segment_channels();
  if (!channels) co_return;
  for (const auto& [segment, channel] : *channels) into.channels[segment] = channel;
}

Awaitable<void> Observer::ask_distribution(Distribution& into) {
  const auto worker = [&]() -> Awaitable<void> {
    while (into.next < into.collections->size()) {
      const auto& collection = (*into.collections)[into.next++];
      co_await ask_collection(collection, into);
    }
  };
  static_assert(kWorkers == 4);
  co_await (worker() && worker() && worker() && worker());
  assert(into.answers.size() == into.collections->size());
  std::sort(into.answers.begin(), into.answers.end(),
            [](const auto& a, const auto& b) { return a.info.id < b.info.id; });
}

// True if the lists, read a moment earlier, have every copy where the collection's own answer has
// it. Otherwise something moved in between, and the lists could not show when it moves back.
bool Observer::as_reported(const std::vector<milvus::SegmentInfo>& segments) const {
  return std::all_of(segments.begin(), segments.end(), [this](const auto& segment) {
    return std::all_of(segment.nodes.begin(), segment.nodes.end(), [&](const auto node) {
      return reported_.contains({segment.id, node});
    });
  });
}

void Observer::remember_collections(const Distribution& distribution) {
  std::set<rules::CollectionId> present;
  for (const auto& answers : distribution.answers) {
    present.insert(answers.info.id);
    if (once_listed_.size() < kOnceListed) once_listed_.insert(answers.info.id);
    const auto print = distribution.fingerprints.find(answers.info.id);
    const bool whole = answers.replicas && answers.segments &&
                       answers.info.loaded_percentage == 100 &&
                       print != distribution.fingerprints.end() && as_reported(*answers.segments);
    if (!whole) {
      remembered_.erase(answers.info.id);
      continue;
    }
    Remembered& known = remembered_[answers.info.id];
    const bool again = known.asked_at != rules::TimePoint{} && known.fingerprint == print->second &&
                       now_() - known.asked_at < kRemembered;
    if (again) continue;  // its answers were used again
    known = {answers, print->second, now_()};
  }
  std::erase_if(remembered_, [&](const auto& entry) { return !present.contains(entry.first); });
}

Awaitable<void> Observer::ask_schemas(Distribution& from) {
  int asked = 0;
  for (const auto& answers : from.answers) {
    if (!answers.segments || !sizes_.needs_schema(answers.info.id) || asked == kMaxSchemas)
      continue;
    ++asked;
    const auto bytes = co_await coordinator_.row_bytes(answers.info);
    if (bytes) sizes_.set_schema(answers.info.id, *bytes);
  }
}

void Observer::doubt(rules::Cluster& cluster) {
  std::set<rules::CollectionId> listed;
  for (const auto& collection : cluster.collections) listed.insert(collection.id);
  if (!cluster.coordinator_complete) {
    last_incomplete_ = cluster.observed_at;
    if (known_collections_.empty()) known_collections_ = std::move(listed);  // a part, at least
    return;
  }
  const bool all_there = std::includes(listed.begin(), listed.end(), known_collections_.begin(),
                                       known_collections_.end());
  // A short outage may have gone unnoticed.
  if (!listed.empty() || known_collections_.empty()) {
    emptied_at_ = {};
  } else if (emptied_at_ == rules::TimePoint{}) {
    emptied_at_ = cluster.observed_at;
  }
  const rules::TimePoint suspect_since = std::max(last_incomplete_, emptied_at_);
  if (!all_there && cluster.observed_at - suspect_since < kDoubtAfterReturn) {
    cluster.coordinator_complete = false;
    cluster.problems.push_back(
        {"Milvus seems to have restarted a moment ago and does not list every collection yet"});
    return;
  }
  known_collections_ = std::move(listed);
}

// The proxy caches its answer for 5 s, and each request renews the cache: if anybody asks more
// often, the answer never changes. So a failure is not retried sooner, either.
Awaitable<void> Observer::ask_nodes(Answers& into) {
  if (now_() - nodes_asked_at_ >= kNodesInterval) {
    nodes_asked_at_ = now_();
    auto system = co_await coordinator_.system_info();
    nodes_failure_.reset();
    if (system) {
      none_listed_ = system->nodes.empty();
      if (!none_listed_) known_ = std::move(system->nodes);
      version_ = std::move(system->version);
      for (const auto& node : known_) {
        if (version_.empty()) version_ = node.version;
      }
      known_at_ = nodes_asked_at_;
    } else {
      nodes_failure_ = std::move(system.error());
    }
  }
  if (nodes_failure_) {
    into.nodes = tl::unexpected(*nodes_failure_);
  } else {
    into.nodes = known_;
  }
}

// A proxy that could not reach the coordinator answers without nodes.
void Observer::believe_nodes(Answers& into) {
  if (!none_listed_ || !into.nodes) return;
  if (no_nodes_named(into)) {
    known_.clear();
    into.nodes = known_;
    return;
  }
  into.nodes = tl::unexpected(
      milvus::Failure{.kind = milvus::FailureKind::malformed,
                      .message = "system_info lists no query node, though replicas have nodes or "
                                 "could not be read: the nodes that were known count"});
}

Awaitable<Observation> Observer::observe(settings::Settings settings, rules::Weights weights) {
  Answers answers;
  answers.begun = now_();
  answers.memory_source = settings.memory.source;
  coordinator_.begin(longest_asking(settings));
  again_.clear();
  Distribution distribution;
  Lists lists;
  TargetList targets;
  std::string scrape_error;
  const auto nodes_and_metrics = [&]() -> Awaitable<void> {
    const auto scrape = [&]() -> Awaitable<void> {
      targets = targets_for(settings.scrape, known_);
      try {
        answers.scraped = co_await scraper_.scrape(targets.urls);
      } catch (...) {
        scrape_error = words_of_current_exception();
      }
    };
    // If the targets are configured, a hanging coordinator must not delay reading the nodes.
    if (!settings.scrape.targets.empty()) {
      co_await (ask_nodes(answers) && scrape());
    } else {
      co_await ask_nodes(answers);
      co_await scrape();
    }
  };
  // The version tells which lists there are. They are requested first, so that they are never newer
  // than a collection's own answers.
  const auto ask_all = [&]() -> Awaitable<void> {
    co_await (ask_collections(answers) && ask_lists(lists));
    distribution.fingerprints = fingerprints_of(lists);
    answers.list_problems = problems_of(lists);
    if (lists.roles) answers.roles = std::move(*lists.roles);
    if (lists.groups) answers.groups = std::move(*lists.groups);
    distribution.collections = answers.collections;
    if (!distribution.collections) co_return;
    if (lists.sizes) {
      reported_.clear();
      for (const auto& size : *lists.sizes) {
        if (size.bytes > 0) reported_[{size.segment, size.node}] = size.bytes;
      }
    }
    co_await ask_channels(answers);
    co_await ask_distribution(distribution);
  };
  if (version_.empty()) {
    co_await nodes_and_metrics();
    co_await ask_all();
  } else {
    co_await (nodes_and_metrics() && ask_all());
  }
  answers.list_problems.insert(answers.list_problems.end(), targets.problems.begin(),
                               targets.problems.end());
  if (!milvus::may_have_lists(version_)) reported_.clear();

  std::set<rules::CollectionId> present;
  sizes_.figures_are_partial(milvus::entity_size_is_partial(version_));
  for (const auto& collection : distribution.answers) {
    present.insert(collection.info.id);
    if (collection.segments)
      sizes_.learn(collection.info.id, *collection.segments, answers.scraped);
  }
  if (distribution.collections) sizes_.forget_except(present);
  sizes_.forget_nodes_except(answered_in(answers.scraped));
  co_await ask_schemas(distribution);

  Observation observation;
  observation.targets = targets_.take(targets.urls, answers.scraped, known_);
  remember_collections(distribution);
  answers.distribution = std::move(distribution.answers);
  if (!scrape_error.empty()) {
    answers.list_problems.push_back({"reading the nodes ended by an exception: " + scrape_error});
  }
  answers.cut_short = coordinator_.given_up();
  believe_nodes(answers);
  learn_groups(capacity_memory_, answers);
  answers.capacity_memory = capacity_memory_;
  answers.version = version_;
  answers.nodes_at = known_at_;
  // Moved there and back instead of copied: there may be a million.
  answers.reported = std::move(reported_);
  answers.once_listed = std::move(once_listed_);
  rules::Cluster cluster = assemble(answers, known_, sizes_, weights, settings.capacity, now_());
  reported_ = std::move(answers.reported);
  once_listed_ = std::move(answers.once_listed);
  read_again(cluster, again_);
  doubt(cluster);
  learn_nodes(capacity_memory_, cluster);
  observation.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
  co_return observation;
}

rules::Duration Observer::longest_look(const settings::Settings& settings) {
  return longest_asking(settings) + settings.milvus.timeout + settings.scrape.timeout;
}

Awaitable<Observation> Observer::scrape_again(settings::Settings settings,
                                              std::shared_ptr<const rules::Cluster> before) {
  const auto urls = targets_for(settings.scrape, known_).urls;
  again_ = co_await scraper_.scrape(urls);
  Observation observation;
  observation.targets = targets_.take(urls, again_, known_);
  rules::Cluster cluster = *before;
  read_again(cluster, again_);
  observation.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
  co_return observation;
}

}  // namespace evenkeel::loop
