#pragma once
// Observer: asks the coordinator and the nodes concurrently, each with its own deadline, and makes
// one Cluster of the answers.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/loop/assemble.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/row_sizes.hpp"
#include "agent/loop/targets.hpp"
#include "agent/milvus/wrapped_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

// The result of one observation.
struct Observation {
  std::shared_ptr<const rules::Cluster> cluster;
  std::vector<TargetState> targets;
};

class Observer {
 public:
  // `counts` counts the scrapes. All must outlive the observer.
  Observer(milvus::Coordinator& coordinator, scrape::Scraper& scraper,
           std::function<rules::TimePoint()> now, Instruments& counts);

  // Never fails: Cluster::problems lists what could not be read.
  [[nodiscard]] Awaitable<Observation> observe(settings::Settings settings,
                                               rules::Weights weights = {});

  // Scrapes only the nodes once more while observe() goes on; returns a copy of `before` with the
  // newer samples.
  [[nodiscard]] Awaitable<Observation> scrape_again(settings::Settings settings,
                                                    std::shared_ptr<const rules::Cluster> before);

  // An upper bound on the duration of observe(): a slow coordinator is given up to keep it.
  [[nodiscard]] static rules::Duration longest_look(const settings::Settings& settings);

  // The target that last answered as this node; nullopt if none did.
  [[nodiscard]] std::optional<http::Url> target_of(rules::NodeId node) const {
    return targets_.of(node);
  }

 private:
  // A collection's answers, and a hash of what the console's lists said of it then.
  struct Remembered {
    CollectionAnswers answers;
    std::uint64_t fingerprint = 0;
    rules::TimePoint asked_at{};
  };

  [[nodiscard]] Awaitable<void> ask_nodes(Answers& into);
  void believe_nodes(Answers& into);
  [[nodiscard]] Awaitable<void> ask_collections(Answers& into);
  [[nodiscard]] Awaitable<void> ask_lists(struct Lists& into);
  [[nodiscard]] static std::vector<rules::Problem> problems_of(const struct Lists& lists);
  [[nodiscard]] Awaitable<void> ask_channels(Answers& into);
  [[nodiscard]] Awaitable<void> ask_collection(milvus::CollectionInfo collection,
                                               struct Distribution& into);
  [[nodiscard]] Awaitable<void> ask_distribution(struct Distribution& into);
  [[nodiscard]] Awaitable<void> ask_schemas(struct Distribution& from);
  [[nodiscard]] bool as_reported(const std::vector<milvus::SegmentInfo>& segments) const;
  void remember_collections(const struct Distribution& distribution);
  // Marks the cluster incomplete if the coordinator seems to have just restarted: for some seconds
  // it says that nothing is loaded.
  void doubt(rules::Cluster& cluster);

  milvus::BoundedCoordinator coordinator_;
  scrape::Scraper& scraper_;
  std::function<rules::TimePoint()> now_;
  Targets targets_;
  RowSizes sizes_;
  std::vector<milvus::QueryNode> known_;  // from the last answer that named any
  bool none_listed_ = false;              // the last answer named no node
  CapacityMemory capacity_memory_;
  std::string version_;                           // Milvus's, from the last answer
  rules::TimePoint known_at_{};                   // when that answer was requested
  rules::TimePoint nodes_asked_at_{};             // the last request, answered or not
  std::optional<milvus::Failure> nodes_failure_;  // of that request, if it failed
  std::map<std::pair<rules::SegmentId, rules::NodeId>, rules::Bytes> reported_;
  std::optional<milvus::Failure> sizes_failure_;  // of the last list of sizes, if it failed
  rules::TimePoint sizes_rest_until_{};           // the list of sizes is not requested before
  std::map<rules::CollectionId, Remembered> remembered_;
  std::set<rules::CollectionId> once_listed_;        // at most kOnceListed
  rules::TimePoint last_incomplete_{};               // when the coordinator last failed to answer
  std::vector<scrape::TargetResult> again_;          // the nodes, scraped again in this observation
  rules::TimePoint emptied_at_{};                    // since when it says that nothing is loaded
  std::set<rules::CollectionId> known_collections_;  // from the last believed answer, or part of it
};

}  // namespace evenkeel::loop
