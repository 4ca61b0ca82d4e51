#include "agent/loop/observer.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agent/loop/assemble.hpp"

namespace evenkeel::loop {

using namespace asio::experimental::awaitable_operators;

struct Distribution {
  milvus::Result<std::vector<milvus::CollectionInfo>> collections;
  std::vector<CollectionAnswers> answers;
  std::size_t next = 0;  // the next collection to ask for
};

namespace {

// Collections asked for at the same time: enough to hide latency, few enough to spare the
// coordinator.
constexpr int kWorkers = 4;
// The proxy keeps its list of nodes for 5 s and each reading renews that: asked more often than so,
// it never changes again, however many nodes die or join.
constexpr rules::Duration kNodesInterval = std::chrono::seconds{7};
// How long after its return a coordinator is not believed when it says that collections are gone.
constexpr rules::Duration kDoubtAfterReturn = std::chrono::seconds{30};
// Schemas asked for in one observation; the others' turn comes with the next.
constexpr int kMaxSchemas = 64;

std::vector<http::Url> targets_for(const settings::Settings::Scrape& settings,
                                   const std::vector<milvus::QueryNode>& nodes) {
  std::vector<http::Url> targets;
  std::set<std::string> seen;
  const auto add = [&](const std::string& text) {
    auto url = http::parse_url(text);
    if (url && seen.insert(url->str()).second) targets.push_back(*std::move(url));
  };
  for (const auto& target : settings.targets) add(target);
  if (!settings.targets.empty()) return targets;
  for (const auto& node : nodes) {
    const auto colon = node.address.rfind(':');
    add("http://" + node.address.substr(0, colon) + ":" + std::to_string(settings.port) +
        "/metrics");
  }
  return targets;
}

}  // namespace

Observer::Observer(milvus::Coordinator& coordinator, scrape::Scraper& scraper,
                   std::function<rules::TimePoint()> now, Totals& totals)
    : coordinator_(coordinator), scraper_(scraper), now_(std::move(now)), totals_(totals) {}

// What usually goes wrong has a counter from the first scrape on, so that its first time is seen as
// an increase.
constexpr std::array kUsualFailures{"connect", "timeout", "status", "malformed"};

std::vector<TargetState> Observer::count(const std::vector<scrape::TargetResult>& results) {
  std::vector<TargetState> states;
  states.reserve(results.size());
  for (const auto& result : results) {
    ++totals_.scrapes[result.target];
    for (const char* kind : kUsualFailures) totals_.scrape_failures[{result.target, kind}];
    if (!result.good())
      ++totals_.scrape_failures[{result.target, std::string(result.failure_kind())}];
    states.push_back({result.target, result.good(), result.seconds, result.failure()});
  }
  // Nodes come and go for years: a target that is read no more takes its counters along.
  std::set<std::string_view> current;
  for (const auto& result : results) current.insert(result.target);
  std::erase_if(totals_.scrapes, [&](const auto& entry) { return !current.contains(entry.first); });
  std::erase_if(totals_.scrape_failures,
                [&](const auto& entry) { return !current.contains(entry.first.first); });
  return states;
}

void Observer::remember_targets(const std::vector<http::Url>& targets,
                                const std::vector<scrape::TargetResult>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& id = results[i].figures.id;
    if (results[i].good() && id) targets_[*id] = targets[i];
  }
}

std::optional<http::Url> Observer::target_of(rules::NodeId node) const {
  const auto found = targets_.find(node);
  return found == targets_.end() ? std::nullopt : std::optional(found->second);
}

Awaitable<void> Observer::ask_collection(milvus::CollectionInfo collection, Distribution& into) {
  CollectionAnswers answers{collection, {}, {}};
  answers.replicas = co_await coordinator_.replicas(collection);
  if (answers.replicas) {
    answers.segments = co_await coordinator_.segments(collection);
  }
  into.answers.push_back(std::move(answers));
}

Awaitable<void> Observer::ask_distribution(Distribution& into) {
  into.collections = co_await coordinator_.collections("default");
  if (!into.collections) co_return;
  const auto worker = [&]() -> Awaitable<void> {
    while (into.next < into.collections->size()) {
      const auto& collection = (*into.collections)[into.next++];
      co_await ask_collection(collection, into);
    }
  };
  static_assert(kWorkers == 4);
  co_await (worker() && worker() && worker() && worker());
  std::sort(into.answers.begin(), into.answers.end(),
            [](const auto& a, const auto& b) { return a.info.id < b.info.id; });
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
  if (!cluster.coordinator_complete) {
    last_incomplete_ = cluster.observed_at;
    return;
  }
  std::set<rules::CollectionId> listed;
  for (const auto& collection : cluster.collections) listed.insert(collection.id);
  const bool all_there = std::includes(listed.begin(), listed.end(), known_collections_.begin(),
                                       known_collections_.end());
  // Nor need its absence have been noticed, where it was short.
  if (!listed.empty() || known_collections_.empty()) {
    emptied_at_ = {};
  } else if (emptied_at_ == rules::TimePoint{}) {
    emptied_at_ = cluster.observed_at;
  }
  const rules::TimePoint suspect_since = std::max(last_incomplete_, emptied_at_);
  if (!all_there && cluster.observed_at - suspect_since < kDoubtAfterReturn) {
    cluster.coordinator_complete = false;
    cluster.problems.emplace_back(
        "the coordinator seems to have come back a moment ago and does not list every collection "
        "yet");
    return;
  }
  known_collections_ = std::move(listed);
}

Awaitable<Observation> Observer::observe(settings::Settings settings, rules::Weights weights) {
  Answers answers;
  Distribution distribution;
  std::vector<http::Url> targets;
  const auto nodes_and_metrics = [&]() -> Awaitable<void> {
    const auto ask_nodes = [&]() -> Awaitable<void> {
      if (now_() - known_at_ < kNodesInterval) {
        answers.nodes = known_;
        co_return;
      }
      auto system = co_await coordinator_.system_info();
      if (!system) {
        answers.nodes = tl::unexpected(std::move(system.error()));
        co_return;
      }
      answers.nodes = std::move(system->nodes);
      known_ = *answers.nodes;
      known_at_ = now_();
    };
    const auto scrape = [&]() -> Awaitable<void> {
      targets = targets_for(settings.scrape, known_);
      answers.scraped = co_await scraper_.scrape(targets);
    };
    // A coordinator that hangs must not keep the nodes from being read where their targets are
    // known.
    if (!settings.scrape.targets.empty()) {
      co_await (ask_nodes() && scrape());
    } else {
      co_await ask_nodes();
      co_await scrape();
    }
  };
  co_await (nodes_and_metrics() && ask_distribution(distribution));

  std::set<rules::CollectionId> present;
  for (const auto& collection : distribution.answers) {
    present.insert(collection.info.id);
    if (collection.segments)
      sizes_.learn(collection.info.id, *collection.segments, answers.scraped);
  }
  if (distribution.collections) sizes_.forget_except(present);
  co_await ask_schemas(distribution);

  remember_targets(targets, answers.scraped);
  answers.collections = std::move(distribution.collections);
  answers.distribution = std::move(distribution.answers);
  Observation observation;
  observation.targets = count(answers.scraped);
  rules::Cluster cluster = assemble(answers, known_, sizes_, weights, settings.capacity, now_());
  doubt(cluster);
  observation.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
  co_return observation;
}

}  // namespace evenkeel::loop
