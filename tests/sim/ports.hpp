#pragma once
// What the agent is told of the simulated cluster, through the two ports, and what becomes of its
// calls.

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/loop/clock.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "tests/sim/checker.hpp"
#include "tests/sim/cluster.hpp"

namespace evenkeel::sim {

class Ports final : public milvus::Coordinator, public scrape::Scraper {
 public:
  // All must outlive the ports. From `calm` on no call fails.
  Ports(const World& world, Cluster& cluster, loop::Clock& clock, Checker& checker, TimePoint calm);

  Awaitable<milvus::Result<milvus::SystemInfo>> system_info() override;
  Awaitable<milvus::Result<milvus::Databases>> databases() override;
  Awaitable<milvus::Result<std::vector<milvus::CollectionInfo>>> collections(
      const std::string& database) override;
  Awaitable<milvus::Result<std::vector<milvus::ReplicaInfo>>> replicas(
      const milvus::CollectionInfo& collection) override;
  Awaitable<milvus::Result<std::vector<milvus::SegmentInfo>>> segments(
      const milvus::CollectionInfo& collection) override;
  Awaitable<milvus::Result<Bytes>> row_bytes(const milvus::CollectionInfo& collection) override;
  Awaitable<milvus::Result<void>> load_balance(const milvus::LoadBalance& request) override;
  Awaitable<milvus::Result<std::vector<milvus::ReplicaRoles>>> replica_roles() override;
  Awaitable<milvus::Result<std::vector<milvus::ResourceGroup>>> resource_groups() override;
  Awaitable<milvus::Result<std::vector<milvus::SegmentSize>>> segment_sizes() override;
  Awaitable<milvus::Result<std::vector<milvus::SegmentChannel>>> segment_channels() override;
  Awaitable<milvus::Result<bool>> balancer_active() override;
  Awaitable<std::vector<scrape::TargetResult>> scrape(
      const std::vector<http::Url>& targets) override;

  // The agent has died: nothing that it asks for from now on reaches anybody.
  void sever() { checker_ = nullptr; }

  // A call is about to leave: its connection is being made.
  [[nodiscard]] bool connects() const { return connects_; }

  // How often calls came out in each way.
  [[nodiscard]] const std::map<MoveEnd, int>& ended() const { return ended_; }

 private:
  using Answer = milvus::Result<void>;

  // May throw, where the world says so.
  [[nodiscard]] Awaitable<void> take_time();
  // The same for a question about a collection; false: it is left unanswered.
  [[nodiscard]] Awaitable<bool> take_question();
  [[nodiscard]] Answer reach(const std::string& what) const;
  // Whether the console's list of that is there, and answers.
  [[nodiscard]] Answer reach_list(const std::string& what) const;
  [[nodiscard]] const Collection* collection_of(const milvus::CollectionInfo& info);
  // What asks for a collection that is released gets that answer.
  template <typename T>
  [[nodiscard]] milvus::Result<T> gone() const;
  [[nodiscard]] Awaitable<Answer> wait_for_a_released_collection(TimePoint since,
                                                                 TimePoint deadline);
  [[nodiscard]] Awaitable<Answer> carry_out(milvus::LoadBalance request);
  [[nodiscard]] Awaitable<Answer> carry_out(Transfer transfer, MoveEnd end, std::uint64_t chance);
  // Begins a move; returns when it will have landed.
  TimePoint begin(const Transfer& transfer);
  [[nodiscard]] Answer refusal(const milvus::LoadBalance& request, const Collection& collection);
  [[nodiscard]] MoveEnd draw(const milvus::LoadBalance& request, std::uint64_t& chance);
  [[nodiscard]] const Node* at(const http::Url& target) const;
  void read(scrape::TargetResult& result, const Node& node, const std::vector<Bytes>& used);
  // By its own metrics, or by system_info.
  [[nodiscard]] Bytes figure_of(const Node& node, const std::vector<Bytes>& used, bool own);
  void add_entities(scrape::TargetResult& result, const Node& node);
  void remember(const std::vector<Bytes>& used);

  const World& world_;
  Cluster& cluster_;
  loop::Clock& clock_;
  Checker* checker_;  // null: the agent has died
  TimePoint calm_;
  std::map<MoveEnd, int> ended_;
  std::uint64_t calls_ = 0;
  std::uint64_t questions_ = 0;
  bool connects_ = false;
  bool lags_ = false;  // some node's metrics will lag: their past is needed
  std::map<NodeId, std::deque<std::pair<TimePoint, Bytes>>> past_;
  std::map<std::pair<NodeId, CollectionId>, scrape::CollectionFigures> last_entities_;
};

}  // namespace evenkeel::sim
