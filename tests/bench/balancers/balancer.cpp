#include "tests/bench/balancers/balancer.hpp"

#include <algorithm>

#include "rules/arithmetic.hpp"

namespace evenkeel::balancers {

const std::vector<Entry>& all_balancers() {
  static const std::vector<Entry> kAll{{"evenkeel", make_evenkeel},
                                       {"memory-2.1", make_memory_rule},
                                       {"row-score", make_row_score},
                                       {"greedy", make_greedy}};
  return kAll;
}

Move move_of(const rules::Segment& segment, rules::NodeId to) {
  Move move;
  move.segment = segment.id;
  move.collection = segment.collection;
  move.replica = segment.replica;
  move.from = segment.node;
  move.to = to;
  move.rows = segment.rows;
  move.bytes = segment.bytes;
  return move;
}

Expected::Expected(const World& world) : world_(world) {
  for (const rules::Node& node : world.cluster().nodes) used_.push_back(node.used);
}

double Expected::ratio(rules::NodeId node) const {
  return ratio_with(node, 0);
}

double Expected::ratio_with(rules::NodeId node, Bytes bytes) const {
  const Index place = World::place(node);
  return rules::ratio_of(used_[place] + bytes, world_.cluster().nodes[place].capacity);
}

void Expected::move(const rules::Segment& segment, rules::NodeId from, rules::NodeId to) {
  used_[World::place(from)] -= segment.bytes;
  used_[World::place(to)] += segment.bytes;
}

rules::NodeId Expected::highest(const std::vector<rules::NodeId>& nodes) const {
  return *std::max_element(nodes.begin(), nodes.end(), [this](rules::NodeId a, rules::NodeId b) {
    return ratio(a) < ratio(b);
  });
}

rules::NodeId Expected::lowest(const std::vector<rules::NodeId>& nodes) const {
  return *std::min_element(nodes.begin(), nodes.end(), [this](rules::NodeId a, rules::NodeId b) {
    return ratio(a) < ratio(b);
  });
}

}  // namespace evenkeel::balancers
