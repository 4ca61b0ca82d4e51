#include "tests/bench/balancers/report.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <ostream>

namespace evenkeel::balancers {
namespace {

using Selected = std::vector<const InstanceResults*>;

constexpr double kRounding = 1e-9;

std::string text(double value, int decimals) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

std::string left(std::string cell, std::size_t width) {
  cell.resize(std::max(width, cell.size()), ' ');
  return cell;
}

std::string right(const std::string& cell, std::size_t width) {
  return std::string(cell.size() < width ? width - cell.size() : 0, ' ') + cell;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double worst(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

// The figure of each instance, of one balancer.
std::vector<double> figures(const Selected& of, std::size_t balancer,
                            const std::function<double(const Result&)>& figure) {
  std::vector<double> values;
  for (const InstanceResults* each : of) values.push_back(figure(each->results[balancer]));
  return values;
}

double spread(const Result& result) {
  return 100 * result.after.spread;
}
double excess(const Result& result) {
  return 100 * result.after.excess;
}
double overload(const Result& result) {
  return static_cast<double>(result.after.overload) / 0x1p30;
}
double bytes(const Result& result) {
  return static_cast<double>(result.bytes) / 0x1p30;
}
double calls(const Result& result) {
  return result.calls;
}
double rounds(const Result& result) {
  return result.rounds;
}

// Bytes moved over the bound, where all that is asked was done.
std::vector<double> ratios(const Selected& of, std::size_t balancer) {
  std::vector<double> values;
  for (const InstanceResults* each : of) {
    const Result& result = each->results[balancer];
    if (!done(result.after) || each->least_bytes <= 0) continue;
    values.push_back(static_cast<double>(result.bytes) / static_cast<double>(each->least_bytes));
  }
  return values;
}

std::vector<std::pair<std::string, Selected>> by_family(const std::vector<InstanceResults>& all) {
  std::vector<std::pair<std::string, Selected>> families;
  for (const InstanceResults& each : all) {
    if (families.empty() || families.back().first != each.family.name) {
      families.push_back({each.family.name, {}});
    }
    families.back().second.push_back(&each);
  }
  return families;
}

void print_row(std::ostream& out, const Selected& of, std::size_t balancer) {
  const auto pair = [&](int decimals, const std::function<double(const Result&)>& figure) {
    const std::vector<double> values = figures(of, balancer, figure);
    return right(text(median(values), decimals) + "/" + text(worst(values), decimals), 12);
  };
  Violations sum;
  int done_count = 0;
  for (const InstanceResults* each : of) {
    sum += each->results[balancer].violations;
    if (done(each->results[balancer].after)) ++done_count;
  }
  const std::vector<double> over = ratios(of, balancer);
  out << "  " << left(all_balancers()[balancer].name, 11) << pair(1, spread) << pair(1, excess)
      << pair(2, overload) << pair(1, bytes) << pair(0, calls) << pair(0, rounds)
      << right(over.empty() ? "-" : text(median(over), 2) + "/" + text(worst(over), 2), 12)
      << right(std::to_string(done_count) + "/" + std::to_string(of.size()), 8)
      << right(std::to_string(sum.over_threshold), 7) << right(std::to_string(sum.made_worst), 6)
      << right(std::to_string(sum.back_again), 6) << right(std::to_string(sum.left_replica), 6)
      << right(std::to_string(sum.never_stable), 6) << '\n';
}

double mib(Bytes bytes) {
  return static_cast<double>(bytes) / 0x1p20;
}

void print_json_result(std::ostream& out, const Result& result) {
  const Violations& violations = result.violations;
  out << R"({"spread_before": )" << result.before.spread << R"(, "spread": )" << result.after.spread
      << R"(, "excess": )" << result.after.excess << R"(, "overload_mib": )"
      << mib(result.after.overload) << R"(, "shortfall_mib": )" << mib(result.after.shortfall)
      << R"(, "bytes_mib": )" << result.bytes / kMiB << R"(, "moves": )" << result.moves
      << R"(, "calls": )" << result.calls << R"(, "rounds": )" << result.rounds << R"(, "done": )"
      << (done(result.after) ? "true" : "false") << R"(, "violations": {"over_threshold": )"
      << violations.over_threshold << R"(, "made_worst": )" << violations.made_worst
      << R"(, "back_again": )" << violations.back_again << R"(, "left_replica": )"
      << violations.left_replica << R"(, "never_stable": )" << violations.never_stable << "}}";
}

template <typename List, typename Print>
void print_list(std::ostream& out, const List& list, Print print) {
  out << '[';
  const char* comma = "";
  for (const auto& each : list) {
    out << comma;
    comma = ", ";
    print(each);
  }
  out << ']';
}

// What is claimed of Evenkeel, the first of the balancers.
class Claims {
 public:
  explicit Claims(std::ostream& out) : out_(out), compared_(all_balancers().size()) {}

  void hold_no_violations(const InstanceResults& each) {
    const int sum = each.results.front().violations.sum();
    if (sum == 0) return;
    fail(each.family.name + " seed " + std::to_string(each.seed) + ": " + std::to_string(sum) +
         " violations");
  }

  // Where the other broke no rule: what it reached by overloading a node is no achievement.
  void hold_no_more(const std::string& family, const Selected& all, std::size_t other,
                    const char* what, double (*figure)(const Result&)) {
    Selected of;
    for (const InstanceResults* each : all) {
      if (each->results[other].violations.sum() == 0) of.push_back(each);
    }
    if (of.empty()) return;
    const std::vector<double> ours = figures(of, 0, figure);
    const std::vector<double> theirs = figures(of, other, figure);
    const auto hold = [&](const char* which, double a, double b) {
      if (a <= b + 100 * kRounding) return;
      fail(family + ": " + which + " " + what + " " + text(a, 3) + ", " +
           all_balancers()[other].name + " " + text(b, 3));
    };
    hold("median", median(ours), median(theirs));
    hold("worst", worst(ours), worst(theirs));
  }

  // Wherever the other ends as well, and broke no rule to get there.
  void hold_no_more_bytes(const std::string& family, const Selected& of, std::size_t other) {
    Bytes ours = 0;
    Bytes theirs = 0;
    for (const InstanceResults* each : of) {
      const Result& result = each->results[other];
      if (!as_good(result.after, each->results[0].after) || result.violations.sum() > 0) continue;
      ours += each->results[0].bytes;
      theirs += result.bytes;
      ++compared_[other].instances;
      if (each->results[0].bytes > result.bytes) ++compared_[other].more;
    }
    if (ours <= theirs) return;
    fail(family + ": MiB moved " + text(mib(ours), 0) + ", " + all_balancers()[other].name + " " +
         text(mib(theirs), 0) + " where it ended as well");
  }

  [[nodiscard]] bool all_hold() const {
    for (std::size_t other = 1; other < compared_.size(); ++other) {
      out_ << all_balancers()[other].name << " ended as well in " << compared_[other].instances
           << " instances without breaking a rule; in " << compared_[other].more
           << " of them Evenkeel moved more bytes\n";
    }
    if (failures_ == 0) {
      out_ << "All claims hold.\n";
    } else {
      out_ << failures_ << " claims do not hold.\n";
    }
    return failures_ == 0;
  }

 private:
  struct Compared {
    int instances = 0;
    int more = 0;
  };

  void fail(const std::string& what) {
    ++failures_;
    out_ << "FAILED: " << what << '\n';
  }

  std::ostream& out_;
  std::vector<Compared> compared_;  // by balancer
  int failures_ = 0;
};

}  // namespace

bool done(const State& state) {
  return state.overload == 0 && state.shortfall == 0 && state.excess <= kRounding;
}

bool as_good(const State& a, const State& b) {
  return a.overload <= b.overload && a.shortfall <= b.shortfall && a.excess <= b.excess + kRounding;
}

void print_table(std::ostream& out, const std::vector<InstanceResults>& all) {
  out << "Median/worst of the instances of each family. spread: points between a set's highest and "
         "lowest node, in the end;\nexcess: over what is asked (the stop mark where it differed "
         "too "
         "much, else the largest difference); overload: GiB\nover the thresholds in the end; "
         "×bound: "
         "bytes over the lower bound, of the instances done; done: of how many all\nthat is asked "
         "was reached. Violations: load: a destination passed its threshold while loading; worst: "
         "a node\nmade worse than the worst was; back: a segment that returned; repl: left its "
         "replica; ever: never stable.\n\n";
  out << left("", 13) << right("spread", 12) << right("excess", 12) << right("overload", 12)
      << right("GiB moved", 12) << right("calls", 12) << right("rounds", 12) << right("×bound", 13)
      << right("done", 8) << right("load", 7) << right("worst", 6) << right("back", 6)
      << right("repl", 6) << right("ever", 6) << '\n';
  auto families = by_family(all);
  Selected small;
  Selected large;
  for (const InstanceResults& each : all) (each.family.small ? small : large).push_back(&each);
  if (!small.empty()) families.push_back({"ALL SMALL", small});
  if (!large.empty()) families.push_back({"ALL LARGE", large});
  for (const auto& [name, instances] : families) {
    out << name << " (" << instances.size() << ")\n";
    for (std::size_t i = 0; i < all_balancers().size(); ++i) print_row(out, instances, i);
  }
}

void print_json(std::ostream& out, const std::vector<InstanceResults>& all) {
  const auto precision = out.precision(12);
  out << "[\n";
  for (const InstanceResults& each : all) {
    out << R"({"family": ")" << each.family.name << R"(", "small": )"
        << (each.family.small ? "true" : "false") << R"(, "seed": )" << each.seed
        << R"(, "least_mib": )" << mib(each.least_bytes) << R"(, "results": {)";
    for (std::size_t i = 0; i < each.results.size(); ++i) {
      out << (i > 0 ? ", \"" : "\"") << all_balancers()[i].name << "\": ";
      print_json_result(out, each.results[i]);
    }
    out << (&each == &all.back() ? "}}\n" : "}},\n");
  }
  out << "]\n";
  out.precision(precision);
}

void print_instance(std::ostream& out, const Instance& instance, const Asked& asked, bool small) {
  const auto precision = out.precision(12);
  const rules::Cluster& cluster = instance.cluster;
  out << R"({"family": ")" << instance.family << R"(", "seed": )" << instance.seed
      << R"(, "small": )" << (small ? "true" : "false") << R"(, "threshold": )"
      << instance.policy.overload_threshold << R"(, "loading_peak": )"
      << instance.policy.loading_peak << R"(, "nodes": )";
  Index place = 0;
  print_list(out, cluster.nodes, [&](const rules::Node& node) {
    out << R"({"capacity": )" << node.capacity / kMiB << R"(, "used": )" << node.used / kMiB
        << R"(, "overloaded": )" << (asked.overloaded[place] ? "true" : "false")
        << R"(, "relief_to": )" << asked.relief_to[place] << '}';
    ++place;
  });
  const auto print_place = [&out](Index i) { out << i; };
  out << R"(, "sets": )";
  print_list(out, asked.sets, [&](const AskedSet& set) {
    out << R"({"limit": )" << set.limit << R"(, "nodes": )";
    print_list(out, set.nodes, print_place);
    out << R"(, "movable": )";
    print_list(out, set.movable, [&out](Bytes each) { out << each / kMiB; });
    out << '}';
  });
  out << R"(, "replicas": )";
  print_list(out, cluster.replicas, [&](const rules::Replica& replica) {
    print_list(out, replica.nodes, [&](rules::NodeId node) { out << World::place(node); });
  });
  out << R"(, "segments": )";
  const std::vector<rules::Segment> none;
  print_list(out, small ? cluster.segments : none, [&](const rules::Segment& segment) {
    out << R"({"replica": )" << static_cast<std::int64_t>(segment.replica) - 1 << R"(, "node": )"
        << World::place(segment.node) << R"(, "mib": )" << segment.bytes / kMiB << '}';
  });
  out << "}\n";
  out.precision(precision);
}

bool check(std::ostream& out, const std::vector<InstanceResults>& all) {
  Claims claims(out);
  for (const InstanceResults& each : all) claims.hold_no_violations(each);
  for (const auto& [name, instances] : by_family(all)) {
    for (std::size_t other = 1; other < all_balancers().size(); ++other) {
      claims.hold_no_more(name, instances, other, "overload left (GiB)", overload);
      claims.hold_no_more(name, instances, other, "excess (points)", excess);
      claims.hold_no_more_bytes(name, instances, other);
    }
  }
  return claims.all_hold();
}

}  // namespace evenkeel::balancers
