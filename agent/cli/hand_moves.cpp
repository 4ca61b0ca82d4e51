#include "agent/cli/hand_moves.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "agent/loop/executor.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using Reason = std::optional<std::string>;

// Makes the calls of one HandMoves.
class Hand {
 public:
  Hand(Session& session, const HandMoves& moves)
      : session_(session),
        moves_(moves),
        stopping_(session.io.get_executor()),
        guard_(session.scraper, session.observer, session.clock, moves.ledger,
               [this] { return moves_.picture; }),
        executor_(session.coordinator, session.clock, stopping_, moves.ledger) {}

  HandMoved run() {
    HandMoved moved;
    const auto body = [&]() -> Awaitable<void> {
      moved.records = co_await executor_.run(input(moved), options(), moves_.picture.policy);
    };
    // ^C stops watching, as SIGTERM stops the agent: what is under way is verified once more.
    asio::signal_set ends(session_.io, SIGINT, SIGTERM);
    heed(ends);
    asio::co_spawn(session_.io, body(), [&](const std::exception_ptr& error) {
      ends.cancel();
      if (error) std::rethrow_exception(error);
    });
    session_.io.restart();
    session_.io.run();
    return moved;
  }

 private:
  loop::ExecutorOptions options() const {
    loop::ExecutorOptions options;
    options.verify_timeout = session_.settings.milvus.verify_timeout;
    return options;
  }

  loop::ExecutorInput input(HandMoved& moved) {
    loop::ExecutorInput input;
    input.calls = moves_.calls;
    input.collection = [this](rules::CollectionId id) { return info_of(id); };
    input.guard = [this](rules::Call call) { return look(std::move(call)); };
    input.on_refused = [&moved](const rules::Call&, const std::string& reason) {
      moved.refusal = reason;
    };
    input.on_start = [this](const rules::Call& call) {
      std::cout << "moving " << call.moves.size() << " of " << moves_.names.at(call.collection)
                << " (" << rules::format_bytes(call.bytes()) << ") from node "
                << to_string(call.from) << " to node " << to_string(call.to) << " …" << std::endl;
    };
    input.on_end = [this](const loop::MoveRecord& record) { ended(record); };
    return input;
  }

  void ended(const loop::MoveRecord& record) {
    const bool good = record.result == loop::MoveResult::succeeded;
    if (good) made_.insert({record.move.segment, record.move.replica});
    std::cout << "  segment " << to_string(record.move.segment) << ": "
              << (good ? "is on node " + to_string(record.move.to)
                       : std::string(loop::name(record.result)) + ", " + record.detail)
              << std::endl;
    if (moves_.on_end) moves_.on_end(record);
  }

  void heed(asio::signal_set& ends) {
    ends.async_wait([this, &ends](const boost::system::error_code& error, int) {
      if (error) return;
      if (!moves_.ends_gently || interrupted_) return stopping_.set();
      interrupted_ = true;
      std::cerr << "evenkeel: stops after the call under way; ^C once more stops now" << std::endl;
      heed(ends);
    });
  }

  Awaitable<Reason> look(rules::Call call) {
    if (interrupted_) co_return "interrupted";
    if (moves_.watch_for_others) {
      if (auto reason = co_await moved_by_others()) co_return reason;
    }
    if (interrupted_) co_return "interrupted";
    co_return co_await guard_.look(std::move(call));
  }

  // Segments that were not moved yet are on their source, and those that were on their destination.
  Awaitable<Reason> moved_by_others() {
    std::map<rules::CollectionId, std::vector<milvus::SegmentInfo>> lists;
    for (const rules::Call& call : moves_.calls) {
      if (!lists.contains(call.collection)) {
        auto segments = co_await session_.coordinator.segments(info_of(call.collection));
        if (!segments) co_return segments.error().message;
        lists.emplace(call.collection, *std::move(segments));
      }
      for (const rules::Move& move : call.moves) {
        const bool made = made_.contains({move.segment, move.replica});
        const auto seen = loop::sight(lists.at(call.collection), move.segment, move.from, move.to,
                                      members_of(call.replica));
        if (seen == (made ? loop::Sighting::landed : loop::Sighting::on_source)) continue;
        co_return "segment " + to_string(move.segment) +
            " was moved by somebody else meanwhile: " + "another agent, or Milvus's own balancer";
      }
    }
    co_return std::nullopt;
  }

  [[nodiscard]] milvus::CollectionInfo info_of(rules::CollectionId id) const {
    return loop::collection_info(*moves_.picture.cluster, id);
  }

  [[nodiscard]] std::vector<rules::NodeId> members_of(rules::ReplicaId id) const {
    const auto* replica = rules::find_by_id(moves_.picture.cluster->replicas, id);
    auto nodes = replica == nullptr ? std::vector<rules::NodeId>{} : replica->nodes;
    std::sort(nodes.begin(), nodes.end());
    return nodes;
  }

  Session& session_;
  const HandMoves& moves_;
  Event stopping_;
  loop::Guard guard_;
  loop::Executor executor_;
  std::set<rules::SegmentKey> made_;
  bool interrupted_ = false;
};

}  // namespace

CollectionNames names_of(const rules::Cluster& cluster) {
  CollectionNames names;
  for (const auto& collection : cluster.collections) names[collection.id] = collection.name;
  return names;
}

std::size_t HandMoved::succeeded() const {
  return static_cast<std::size_t>(std::count_if(
      records.begin(), records.end(),
      [](const loop::MoveRecord& record) { return record.result == loop::MoveResult::succeeded; }));
}

rules::Bytes HandMoved::bytes() const {
  rules::Bytes bytes = 0;
  for (const auto& record : records) {
    if (record.result == loop::MoveResult::succeeded) bytes += record.move.bytes;
  }
  return bytes;
}

HandMoved make_moves(Session& session, const HandMoves& moves) {
  return Hand(session, moves).run();
}

int tell(const HandMoved& moved, std::size_t asked) {
  std::cout << "moved " << moved.succeeded() << " of " << asked << " segments, "
            << rules::format_bytes(moved.bytes()) << '\n';
  if (!moved.refusal.empty()) std::cerr << "evenkeel: stopped: " << moved.refusal << '\n';
  return moved.succeeded() == asked ? kDone : kFailed;
}

int refuse(const std::string& why) {
  std::cerr << "evenkeel: nothing moved: " << why << '\n';
  return kFailed;
}

}  // namespace evenkeel::cli
