#pragma once
// A cluster in memory behind the two ports: for tests of the loop. Its answers have the shapes that
// the samples of real servers have after parsing.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/loop/clock.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/util/asio.hpp"
#include "tests/loop/jumping_clock.hpp"

namespace evenkeel::test {

using rules::Bytes;
using rules::CollectionId;
using rules::NodeId;
using rules::ReplicaId;
using rules::SegmentId;

inline constexpr Bytes kMiB = Bytes{1} << 20;
inline constexpr CollectionId kBook{7};
inline constexpr CollectionId kOther{8};
inline constexpr ReplicaId kReplica{70};

// One collection, "book", of 1 MiB rows by its schema, on nodes whose memory follows the segments
// at once.
class FakeCluster final : public milvus::Coordinator, public scrape::Scraper {
 public:
  explicit FakeCluster(loop::Clock& clock) : clock_(clock) {}

  struct Node {
    Bytes capacity = 0;
    Bytes base = 0;
    bool dead = false;
  };
  std::map<NodeId, Node> nodes;
  std::map<SegmentId, std::pair<NodeId, std::int64_t>> placed;  // where, and how many rows
  Bytes row_memory = kMiB;  // what a row really takes, whatever the schema says
  std::set<NodeId> outside_replica;
  std::map<NodeId, std::string> said_addresses;  // where the coordinator says another than usual
  std::set<std::string> scraped;                 // every URL that was ever asked for
  std::string version = "2.3.5";
  std::vector<std::string> database_names{"default"};
  std::optional<milvus::Failure> sizes_fail;  // else there is no such list
  int sizes_asked = 0;

  // Its own balancer, and the calls that suspend it or let it go on: true for on.
  bool says_balance = false;  // as 2.5 and later do
  bool balance_on = true;
  bool balance_down = false;   // no such question or call is answered
  bool heeds_switches = true;  // else they are answered, and change nothing
  std::vector<bool> switches;
  std::function<void()> before_switch;  // runs when such a call arrives

  // How the next calls behave.
  enum class Reply { obey, error_but_moves, refuse, hang, obey_late, half };
  Reply reply = Reply::obey;
  rules::Duration move_time = std::chrono::seconds{1};
  bool coordinator_down = false;
  std::uint64_t asked = 0;                            // calls of the coordinator
  bool node_list_down = false;                        // of all its answers, that one alone fails
  bool names_no_nodes = false;                        // its node list comes, and is empty
  std::map<NodeId, rules::TimePoint> own_timestamps;  // of memory figures
  bool lists_nothing = false;                         // as one that has just restarted
  bool collection_dropped = false;
  bool refuse_replicas = false;
  bool other_is_unreadable = false;  // there is a collection "other", whose replicas are refused
  std::vector<milvus::LoadBalance> calls;
  std::function<void()> before_move;  // runs when a call arrives
  bool asks_whether_to_send = false;  // as the real one does, just before it writes
  std::function<void()> before_node_list;
  milvus::Failure refusal{milvus::FailureKind::refused, "not enough memory"};  // Reply::refuse
  std::function<void()> after_refusal;
  std::function<void(const std::string& call)> before_call;  // of any; may throw
  rules::Duration node_list_delay{};                         // until the node list is answered
  int observations = 0;                                      // times the node list was asked for

  [[nodiscard]] Bytes used(NodeId id) const {
    Bytes bytes = nodes.at(id).base;
    for (const auto& [segment, at] : placed) {
      if (at.first == id) bytes += at.second * row_memory;
    }
    return bytes;
  }

  // From now on every sample is that of this moment: its source gives no newer one.
  void freeze() {
    for (const auto& [id, node] : nodes) frozen_[id] = used(id);
    frozen_at_ = clock_.now();
  }

  Awaitable<milvus::Result<milvus::SystemInfo>> system_info() override {
    begin("system_info");
    ++observations;
    if (before_node_list) before_node_list();
    if (node_list_delay > rules::Duration{}) co_await clock_.sleep(node_list_delay);
    if (coordinator_down || node_list_down) co_return down("query nodes");
    milvus::SystemInfo answer;
    answer.version = version;
    for (const auto& [id, node] : nodes) {
      if (names_no_nodes) break;
      milvus::QueryNode listed;
      listed.version = version;
      listed.id = id;
      const auto said = said_addresses.find(id);
      listed.address = said == said_addresses.end() ? address_of(id) : said->second;
      listed.memory = node.capacity;
      answer.nodes.push_back(listed);
    }
    co_return answer;
  }

  Awaitable<milvus::Result<milvus::Databases>> databases() override {
    begin("databases");
    if (coordinator_down) co_return down("databases");
    co_return milvus::Databases{database_names, true};
  }

  Awaitable<milvus::Result<std::vector<milvus::CollectionInfo>>> collections(
      const std::string&) override {
    begin("collections");
    if (coordinator_down) co_return down("collections");
    if (collection_dropped) co_return std::vector<milvus::CollectionInfo>{};
    std::vector<milvus::CollectionInfo> all{{kBook, "book"}};
    if (other_is_unreadable) all.push_back({kOther, "other"});
    co_return all;
  }

  Awaitable<milvus::Result<std::vector<milvus::ReplicaInfo>>> replicas(
      const milvus::CollectionInfo& collection) override {
    begin("replicas");
    if (coordinator_down) co_return down("replicas");
    if (collection_dropped) co_return not_found();
    if (refuse_replicas || (other_is_unreadable && collection.id == kOther)) {
      co_return tl::unexpected(
          milvus::Failure{milvus::FailureKind::refused, "failed to get shard leader"});
    }
    milvus::ReplicaInfo replica{kReplica, kBook, "__default_resource_group", {}};
    for (const auto& [id, node] : nodes) {
      if (!outside_replica.contains(id)) replica.nodes.push_back(id);
    }
    co_return std::vector<milvus::ReplicaInfo>{replica};
  }

  Awaitable<milvus::Result<std::vector<milvus::SegmentInfo>>> segments(
      const milvus::CollectionInfo&) override {
    begin("segments");
    if (coordinator_down) co_return down("segments");
    if (collection_dropped) co_return not_found();
    std::vector<milvus::SegmentInfo> answer;
    if (lists_nothing) co_return answer;
    for (const auto& [id, at] : placed) {
      milvus::SegmentInfo info;
      info.id = id;
      info.collection = kBook;
      info.rows = at.second;
      info.state = rules::SegmentState::sealed;
      info.nodes = {at.first};
      if (const auto other = in_transit_.find(id); other != in_transit_.end())
        info.nodes.push_back(other->second);
      std::sort(info.nodes.begin(), info.nodes.end());
      answer.push_back(info);
    }
    co_return answer;
  }

  Awaitable<milvus::Result<Bytes>> row_bytes(const milvus::CollectionInfo&) override {
    begin("row_bytes");
    co_return kMiB;
  }

  Awaitable<milvus::Result<std::vector<milvus::SegmentSize>>> segment_sizes() override {
    ++sizes_asked;
    if (!sizes_fail) co_return co_await milvus::Coordinator::segment_sizes();
    co_return tl::unexpected(*sizes_fail);
  }

  Awaitable<milvus::Result<void>> load_balance(const milvus::LoadBalance& request) override {
    begin("load_balance");
    if (asks_whether_to_send && request.may_send && !request.may_send()) {
      co_return tl::unexpected(milvus::Failure{milvus::FailureKind::transport, "not sent"});
    }
    calls.push_back(request);
    const milvus::LoadBalance own = request;
    if (before_move) before_move();
    switch (reply) {
      case Reply::refuse:
        if (after_refusal) after_refusal();
        co_return tl::unexpected(refusal);
      case Reply::error_but_moves:
        move(own, own.segments.size());
        co_return tl::unexpected(milvus::Failure{milvus::FailureKind::refused, "context canceled"});
      case Reply::hang:
        co_await clock_.sleep(std::chrono::hours{10});
        co_return tl::unexpected(
            milvus::Failure{milvus::FailureKind::transport, "no answer", true});
      case Reply::half:
        move(own, 1);
        co_return milvus::Result<void>{};
      case Reply::obey_late:
        co_return tl::unexpected(
            milvus::Failure{milvus::FailureKind::transport, "no answer within 1 s", true});
      case Reply::obey:
        for (const SegmentId id : own.segments) in_transit_[id] = own.destinations.front();
        co_await clock_.sleep(move_time);
        move(own, own.segments.size());
        co_return milvus::Result<void>{};
    }
    co_return milvus::Result<void>{};
  }

  Awaitable<milvus::Result<bool>> balancer_active() override {
    if (!says_balance) co_return co_await milvus::Coordinator::balancer_active();
    if (balance_down) co_return down("balance/status");
    co_return balance_on;
  }

  Awaitable<milvus::Result<void>> switch_balancer(const milvus::BalancerSwitch& request) override {
    if (before_switch) before_switch();
    if (balance_down || (request.may_send && !request.may_send())) co_return down("balance/…");
    switches.push_back(request.on);
    if (heeds_switches) balance_on = request.on;
    co_return milvus::Result<void>{};
  }

  Awaitable<std::vector<scrape::TargetResult>> scrape(
      const std::vector<http::Url>& targets) override {
    if (before_call) before_call("scrape");
    std::vector<scrape::TargetResult> results;
    for (const auto& target : targets) {
      scraped.insert(target.str());
      scrape::TargetResult result;
      result.target = target.str();
      result.at = frozen_at_.value_or(clock_.now());
      const NodeId id{target.port};
      const auto node = nodes.find(id);
      if (node == nodes.end() || node->second.dead) {
        result.error =
            http::Error{http::ErrorKind::connect, "GET " + target.str() + ": connection refused"};
      } else {
        result.figures.id = id;
        result.figures.resident = frozen_at_ ? frozen_.at(id) : used(id);
        if (const auto own = own_timestamps.find(id); own != own_timestamps.end()) {
          result.figures.resident_at = own->second;
          result.at = std::min(result.at, own->second);  // as HttpScraper does
        }
      }
      results.push_back(std::move(result));
    }
    co_return results;
  }

  // Puts what a call asked for into effect, as the cluster does on its own time.
  void move(const milvus::LoadBalance& request, std::size_t count) {
    for (std::size_t i = 0; i < count && i < request.segments.size(); ++i) {
      in_transit_.erase(request.segments[i]);
      if (const auto found = placed.find(request.segments[i]); found != placed.end()) {
        found->second.first = request.destinations.front();
      }
    }
  }
  void put_in_transit(SegmentId segment, NodeId to) { in_transit_[segment] = to; }

  // Node n's metrics are at 127.0.0.1:n, so that a target's port is its id.
  [[nodiscard]] static std::string address_of(NodeId id) {
    return "127.0.0.1:" + std::to_string(static_cast<std::int64_t>(id) + 20000);
  }
  [[nodiscard]] std::vector<std::string> targets() const {
    std::vector<std::string> urls;
    for (const auto& [id, node] : nodes) {
      urls.push_back("http://127.0.0.1:" + std::to_string(static_cast<std::int64_t>(id)) +
                     "/metrics");
    }
    return urls;
  }

 private:
  void begin(const std::string& call) {
    ++asked;
    if (before_call) before_call(call);
  }
  static tl::unexpected<milvus::Failure> down(const std::string& what) {
    return tl::unexpected(
        milvus::Failure{milvus::FailureKind::transport, what + ": connection refused"});
  }
  static tl::unexpected<milvus::Failure> not_found() {
    return tl::unexpected(milvus::Failure{milvus::FailureKind::not_found, "collection not found"});
  }

  loop::Clock& clock_;
  std::map<SegmentId, NodeId> in_transit_;
  std::optional<rules::TimePoint> frozen_at_;
  std::map<NodeId, Bytes> frozen_;
};

}  // namespace evenkeel::test
