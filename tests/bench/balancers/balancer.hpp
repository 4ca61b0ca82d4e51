#pragma once
// The balancers that are compared, each behind the same few words.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/balancers/world.hpp"

namespace evenkeel::balancers {

class Balancer {
 public:
  Balancer() = default;
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;
  virtual ~Balancer() = default;

  // The nodes' memory was read again.
  virtual void observe(const World&) {}
  // What to move now. It will be carried out, all of it, before the next round.
  [[nodiscard]] virtual std::vector<Move> round(const World& world) = 0;
  // May it move something after a round in which it moved nothing and nothing changed.
  [[nodiscard]] virtual bool waits() const { return false; }
};

struct Entry {
  std::string name;  // as in tables and JSON
  std::function<std::unique_ptr<Balancer>(const World&)> make;
};

// Evenkeel first.
[[nodiscard]] const std::vector<Entry>& all_balancers();

[[nodiscard]] std::unique_ptr<Balancer> make_evenkeel(const World& world);
[[nodiscard]] std::unique_ptr<Balancer> make_memory_rule(const World& world);
[[nodiscard]] std::unique_ptr<Balancer> make_row_score(const World& world);
[[nodiscard]] std::unique_ptr<Balancer> make_greedy(const World& world);

// What the move of a segment from where it is looks like; the ratios are not filled in.
[[nodiscard]] Move move_of(const rules::Segment& segment, rules::NodeId to);

// The use of each node as a balancer expects it after the moves it has chosen so far.
class Expected {
 public:
  explicit Expected(const World& world);

  [[nodiscard]] double ratio(rules::NodeId node) const;
  [[nodiscard]] double ratio_with(rules::NodeId node, Bytes bytes) const;
  void move(const rules::Segment& segment, rules::NodeId from, rules::NodeId to);
  // Of those, by ratio, the first of equals.
  [[nodiscard]] rules::NodeId highest(const std::vector<rules::NodeId>& nodes) const;
  [[nodiscard]] rules::NodeId lowest(const std::vector<rules::NodeId>& nodes) const;

 private:
  const World& world_;
  std::vector<Bytes> used_;
};

}  // namespace evenkeel::balancers
