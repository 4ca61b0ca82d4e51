#pragma once
// observe: asks coordinator and nodes, each with its own deadline and all at once, and makes one
// Cluster of it.

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
#include "agent/milvus/bounded_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

struct Observation {
  std::shared_ptr<const rules::Cluster> cluster;
  std::vector<TargetState> targets;
};

class Observer {
 public:
  // `now` gives the time; `counts` gets what is read. All must outlive the observer.
  Observer(milvus::Coordinator& coordinator, scrape::Scraper& scraper,
           std::function<rules::TimePoint()> now, Instruments& counts);

  // Never fails: what could not be read is in the cluster's own problems.
  [[nodiscard]] Awaitable<Observation> observe(settings::Settings settings,
                                               rules::Weights weights = {});

  // While a look goes on: the nodes alone, read once more, in a copy of the picture before.
  [[nodiscard]] Awaitable<Observation> scrape_again(settings::Settings settings,
                                                    std::shared_ptr<const rules::Cluster> before);

  // How long a look can take: a coordinator that has not answered by then is given up.
  [[nodiscard]] static rules::Duration longest_look(const settings::Settings& settings);

  // The target that last answered as this node; none where none did.
  [[nodiscard]] std::optional<http::Url> target_of(rules::NodeId node) const {
    return targets_.of(node);
  }

 private:
  // The answers of a collection, and what the console's lists said of it at that time.
  struct Remembered {
    CollectionAnswers answers;
    std::uint64_t fingerprint = 0;
    rules::TimePoint asked_at{};
  };

  [[nodiscard]] Awaitable<void> ask_nodes(Answers& into);
  void believe_nodes(Answers& into);
  [[nodiscard]] Awaitable<void> ask_collections(Answers& into);
  [[nodiscard]] Awaitable<void> ask_lists(struct Lists& into);
  [[nodiscard]] static std::vector<std::string> problems_of(const struct Lists& lists);
  [[nodiscard]] Awaitable<void> ask_channels(Answers& into);
  [[nodiscard]] Awaitable<void> ask_collection(milvus::CollectionInfo collection,
                                               struct Distribution& into);
  [[nodiscard]] Awaitable<void> ask_distribution(struct Distribution& into);
  [[nodiscard]] Awaitable<void> ask_schemas(struct Distribution& from);
  [[nodiscard]] bool as_reported(const std::vector<milvus::SegmentInfo>& segments) const;
  void remember_collections(const struct Distribution& distribution);
  // A coordinator that has just come back says for some seconds that nothing is loaded.
  void doubt(rules::Cluster& cluster);

  milvus::BoundedCoordinator coordinator_;
  scrape::Scraper& scraper_;
  std::function<rules::TimePoint()> now_;
  Targets targets_;
  RowSizes sizes_;
  std::vector<milvus::QueryNode> known_;  // of the last answer that came
  bool none_listed_ = false;              // it named no node; `known_` are the last ones
  CapacityMemory capacity_memory_;
  std::string version_;                           // of Milvus, likewise
  rules::TimePoint known_at_{};                   // when that was asked
  rules::TimePoint nodes_asked_at_{};             // when it was last asked, answered or not
  std::optional<milvus::Failure> nodes_failure_;  // of the last time, where it failed
  std::map<std::pair<rules::SegmentId, rules::NodeId>, rules::Bytes> reported_;
  std::optional<milvus::Failure> sizes_failure_;  // of the list of sizes, the last time
  rules::TimePoint sizes_rest_until_{};           // it is not asked for again before then
  std::map<rules::CollectionId, Remembered> remembered_;
  std::set<rules::CollectionId> once_listed_;        // at most kOnceListed
  rules::TimePoint last_incomplete_{};               // when the coordinator last failed to answer
  std::vector<scrape::TargetResult> again_;          // the nodes, read again in this look
  rules::TimePoint emptied_at_{};                    // when it first said that nothing is loaded
  std::set<rules::CollectionId> known_collections_;  // of the last answer believed, or a part
};

}  // namespace evenkeel::loop
