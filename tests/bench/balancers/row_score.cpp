// The row-count score balancer that Milvus has by default since 2.3 (queryCoord.balancer =
// ScoreBasedBalancer), after the descriptions of its settings in Milvus's documentation
// (configure_querycoord: globalRowCountFactor 0.1, scoreUnbalanceTolerationFactor 0.05,
// reverseUnBalanceTolerationFactor 1.3, collectionBalanceSegmentBatchSize 5), issues 52092, 51244
// and 30039, and pull requests 23056 and 37652 of milvus-io/milvus.
//
// A node's score within a replica is its rows of the collection plus 0.1 × all its rows; its share
// is the replica's total score, divided by memory capacity (as 2.4 came to do; 2.3 divided evenly).
// Nodes above their share offer their segments, smallest first, until they are at their share;
// those go, largest first, to the node that is furthest below its share. Not, where the two nodes'
// distances from their shares differ by less than 0.05 of the destination's share (the baseline of
// the fix to 52092); nor where the move turns the order of the two around, unless what it leaves is
// 1.3 times smaller than what was. At most 5 segments of a replica a round. It knows rows alone:
// neither bytes nor memory in use nor thresholds. Where versions differ, this is the kindest.

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/bench/balancers/balancer.hpp"

namespace evenkeel::balancers {
namespace {

constexpr double kGlobalRowCountFactor = 0.1;
constexpr double kScoreUnbalanceToleration = 0.05;
constexpr double kReverseUnbalanceToleration = 1.3;
constexpr std::size_t kBatch = 5;

double score_of(const rules::Segment& segment) {
  return static_cast<double>(segment.rows) * (1 + kGlobalRowCountFactor);
}

struct Scored {
  double score = 0;
  double share = 0;

  [[nodiscard]] double above() const { return score - share; }
};

using Scores = std::map<rules::NodeId, Scored>;

bool worth_it(const Scored& from, const Scored& to, double score) {
  const double before = std::abs(from.above() - to.above());
  if (before < to.share * kScoreUnbalanceToleration) return false;
  const double left = (to.above() + score) - (from.above() - score);
  return left <= 0 || left * kReverseUnbalanceToleration < before;
}

class RowScore : public Balancer {
 public:
  std::vector<Move> round(const World& world) override {
    // Rows of each node, counting what is on its way after the replicas before.
    std::vector<double> rows(world.cluster().nodes.size(), 0);
    for (const rules::Segment& segment : world.cluster().segments) {
      rows[World::place(segment.node)] += static_cast<double>(segment.rows);
    }
    std::vector<Move> moves;
    for (const rules::Replica& replica : world.cluster().replicas) {
      for (const Move& move : balance(world, replica, rows)) {
        rows[World::place(move.from)] -= static_cast<double>(move.rows);
        rows[World::place(move.to)] += static_cast<double>(move.rows);
        moves.push_back(move);
      }
    }
    return moves;
  }

 private:
  using Segments = std::vector<const rules::Segment*>;

  static Scores scores_of(const World& world, const rules::Replica& replica,
                          const std::vector<double>& rows) {
    Scores scores;
    double total = 0;
    double capacity = 0;
    for (const rules::NodeId node : replica.nodes) {
      scores[node].score = kGlobalRowCountFactor * rows[World::place(node)];
    }
    for (const Index place : world.segments_of(replica.id)) {
      const rules::Segment& segment = world.cluster().segments[place];
      scores[segment.node].score += static_cast<double>(segment.rows);
    }
    const auto capacity_of = [&world](rules::NodeId node) {
      return static_cast<double>(world.cluster().nodes[World::place(node)].capacity);
    };
    for (const auto& [node, scored] : scores) {
      total += scored.score;
      capacity += capacity_of(node);
    }
    for (auto& [node, scored] : scores) scored.share = total * capacity_of(node) / capacity;
    return scores;
  }

  static Segments offered(const World& world, const rules::Replica& replica, const Scores& scores) {
    std::map<rules::NodeId, Segments> by_node;
    for (const Index place : world.segments_of(replica.id)) {
      const rules::Segment& segment = world.cluster().segments[place];
      by_node[segment.node].push_back(&segment);
    }
    Segments chosen;
    for (auto& [node, segments] : by_node) {
      double above = scores.at(node).above();
      std::stable_sort(
          segments.begin(), segments.end(),
          [](const rules::Segment* a, const rules::Segment* b) { return a->rows < b->rows; });
      for (const rules::Segment* segment : segments) {
        if (above <= 0 || chosen.size() >= kBatch) break;
        chosen.push_back(segment);
        above -= score_of(*segment);
      }
    }
    std::stable_sort(
        chosen.begin(), chosen.end(),
        [](const rules::Segment* a, const rules::Segment* b) { return a->rows > b->rows; });
    return chosen;
  }

  static std::vector<Move> balance(const World& world, const rules::Replica& replica,
                                   const std::vector<double>& rows) {
    Scores scores = scores_of(world, replica, rows);
    std::vector<Move> moves;
    for (const rules::Segment* segment : offered(world, replica, scores)) {
      const auto lowest = std::min_element(
          scores.begin(), scores.end(),
          [](const auto& a, const auto& b) { return a.second.above() < b.second.above(); });
      Scored& from = scores.at(segment->node);
      Scored& to = lowest->second;
      const double score = score_of(*segment);
      if (lowest->first == segment->node || !worth_it(from, to, score)) continue;
      moves.push_back(move_of(*segment, lowest->first));
      from.score -= score;
      to.score += score;
    }
    return moves;
  }
};

}  // namespace

std::unique_ptr<Balancer> make_row_score(const World&) {
  return std::make_unique<RowScore>();
}

}  // namespace evenkeel::balancers
