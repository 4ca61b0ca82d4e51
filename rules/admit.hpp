#pragma once
// admit: holds a plan against the gates and cuts it to the calls that may be sent now. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// A condition that must hold before a move is sent.
enum class Gate {
  auto_balance,  // [balance] auto_balance = false: judge, plan and export only
  dry_run,
  paused,
  shutting_down,
  turn,              // another agent acts, or none may
  journal,           // what the agent does could not be written down
  version,           // this Milvus is newer than all known versions, or does not say its version
  coordinator,       // unreachable, or answered in part
  window,            // outside of the maintenance windows
  builtin_balancer,  // Milvus's own balancer may undo levelling, and cannot be held off
  data_fresh,        // a node involved has no fresh sample
  in_flight,         // a call is still under way or its end unknown for a node involved
  budget_moves,
  budget_bytes,
};

// The facts that gates go by besides the judgement and the ledger.
struct Conditions {
  bool auto_balance = true;
  bool dry_run = false;
  bool paused = false;
  bool shutting_down = false;
  std::string not_its_turn = {};       // why another agent, or none, acts; empty: this one may
  std::string journal_trouble = {};    // why the journal cannot be written; empty: it can
  std::string untested = {};           // the reason why this Milvus is not acted on; empty: it is
  std::string outside_windows = {};    // when the next window opens, in words; empty: one is open
  bool relief_outside_windows = true;  // overload is relieved all the same
  // The reason why Milvus's own balancer cannot be held off; empty: it is, or need not be.
  std::string unheld = {};
};

// The state of a gate in one admission.
struct GateVerdict {
  Gate gate = Gate::auto_balance;
  bool open = false;
  std::string detail;  // the reason, where closed
};

// A stable identifier: "dry_run", …
[[nodiscard]] std::string_view name(Gate value);
// One sentence, without a full stop at the end.
[[nodiscard]] std::string words(const GateVerdict& verdict);

// A load_balance call: segments of one collection and replica from one node to one other.
struct Call {
  CollectionId collection{};
  ReplicaId replica{};
  NodeId from{};
  NodeId to{};
  std::vector<Move> moves;  // 1 to Policy::max_segments_per_call

  [[nodiscard]] Bytes bytes() const;
};

// A planned move that a gate holds back.
struct Held {
  Move move;
  Gate gate = Gate::auto_balance;
};

// A plan after the gates.
struct Admission {
  std::vector<GateVerdict> gates;  // every gate, in the order of the enum
  std::vector<Call> calls;         // in the order to send them, one after the other
  std::vector<Held> held;
};

// The reason, in words, why maintenance windows hold a move now; empty: they do not. What a person
// asked for is never held.
[[nodiscard]] std::string held_by_window(const Move& move, const Conditions& conditions);

// The calls for these moves, ordered by the first move of each.
[[nodiscard]] std::vector<Call> calls_of(const std::vector<Move>& moves, const Policy& policy);

[[nodiscard]] Admission admit(const Cluster& cluster, const Judgement& judgement, const Plan& plan,
                              const Policy& policy, const Ledger& ledger,
                              const Conditions& conditions, TimePoint now);

}  // namespace evenkeel::rules
