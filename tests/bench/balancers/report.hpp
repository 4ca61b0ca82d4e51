#pragma once
// The results of all families as a table, as JSON, and held against what is claimed.

#include <iosfwd>
#include <string>
#include <vector>

#include "tests/bench/balancers/families.hpp"
#include "tests/bench/balancers/run.hpp"

namespace evenkeel::balancers {

struct InstanceResults {
  Family family;
  std::uint64_t seed = 0;
  Bytes least_bytes = 0;        // Asked's
  std::vector<Result> results;  // by balancer, in the order of all_balancers()
};

// Is it as good as asked: no overload left, every set inside its limit, each to a rounding error.
[[nodiscard]] bool done(const State& state);
// Is the one at least as good as the other.
[[nodiscard]] bool as_good(const State& a, const State& b);

void print_table(std::ostream& out, const std::vector<InstanceResults>& all);
void print_json(std::ostream& out, const std::vector<InstanceResults>& all);
// One instance, with what is asked of it, for the solvers. Bytes are in MiB. A large one is given
// without its segments: its sets say how much of them may move.
void print_instance(std::ostream& out, const Instance& instance, const Asked& asked, bool small);
// One line a claim, and the instances against it; true where all hold.
[[nodiscard]] bool check(std::ostream& out, const std::vector<InstanceResults>& all);

}  // namespace evenkeel::balancers
