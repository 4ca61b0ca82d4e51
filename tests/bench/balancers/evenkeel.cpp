// Evenkeel itself: the rules as the agent calls them, with a real ledger. Its moves land at once.

#include "rules/admit.hpp"
#include "rules/planner/planner.hpp"
#include "tests/bench/balancers/balancer.hpp"

namespace evenkeel::balancers {
namespace {

class Evenkeel : public Balancer {
 public:
  void observe(const World& world) override { ledger_.observe(world.cluster(), world.policy()); }

  std::vector<Move> round(const World& world) override {
    const rules::Cluster& cluster = world.cluster();
    const rules::Policy& policy = world.policy();
    ledger_.expire(cluster, world.now(), policy);
    const rules::Judgement judgement = rules::judge(cluster, policy, ledger_, world.now());
    const rules::Plan plan = rules::plan(cluster, judgement, policy, ledger_, world.now());
    ledger_.remember(rules::still_levelled(ledger_.levelling(), judgement, plan));
    const rules::Admission admission =
        rules::admit(cluster, judgement, plan, policy, ledger_, {}, world.now());

    std::vector<Move> moves;
    for (const rules::Call& call : admission.calls) {
      moves.insert(moves.end(), call.moves.begin(), call.moves.end());
    }
    for (const Move& move : moves) {
      ledger_.start({move.segment, move.replica, move.from, move.to, move.bytes, world.now()});
      ledger_.land({move.segment, move.replica}, world.now());
    }
    return moves;
  }

  // Evidence and cool-downs.
  [[nodiscard]] bool waits() const override { return true; }

 private:
  rules::Ledger ledger_;
};

}  // namespace

std::unique_ptr<Balancer> make_evenkeel(const World&) {
  return std::make_unique<Evenkeel>();
}

}  // namespace evenkeel::balancers
