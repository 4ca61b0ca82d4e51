// `evenkeel apply`: makes the moves of a plan that `evenkeel plan --save` wrote: exactly these, or
// none.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/hand_moves.hpp"
#include "agent/cli/plan_file.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"
#include "rules/recheck.hpp"

namespace evenkeel::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr rules::Duration kLongestAge = std::chrono::hours{1};
constexpr std::size_t kMostChanges = 20;  // that are printed

std::string count_of(std::size_t moves, rules::Bytes bytes) {
  return std::to_string(moves) + (moves == 1 ? " move (" : " moves (") +
         rules::format_bytes(bytes) + ')';
}

// Why the plan is not applied here and now, whatever the cluster is like; empty: it may be.
std::string wrong_with(const PlanFile& plan, const Session& session, bool force) {
  if (plan.milvus != session.settings.milvus.address) {
    return "the plan is for the Milvus at " + plan.milvus + ", this is " +
           session.settings.milvus.address;
  }
  const rules::TimePoint now = session.clock.now();
  if (plan.made_at > now + std::chrono::minutes{5}) {
    return "the plan is from the future (" + plan.made + "): is a clock wrong?";
  }
  if (now - plan.made_at <= kLongestAge || force) return "";
  return "the plan is of " + plan.made +
         ", more than an hour ago; make a new one, or take it all the same with --force";
}

// Milvus gives every replica of every cluster an id of its own.
bool is_of(const rules::Cluster& cluster, const PlanFile& plan) {
  return std::any_of(plan.entries.begin(), plan.entries.end(), [&](const auto& entry) {
    return rules::find_by_id(cluster.replicas, entry.move.replica) != nullptr;
  });
}

void print_changes(const std::vector<std::string>& changes) {
  for (std::size_t i = 0; i < std::min(changes.size(), kMostChanges); ++i) {
    std::cerr << "  - " << changes[i] << '\n';
  }
  if (changes.size() > kMostChanges) {
    std::cerr << "  - and " << changes.size() - kMostChanges << " more\n";
  }
}

bool confirmed(bool yes) {
  if (yes) return true;
  std::cout << "Make these moves? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// "3 of 12 moves, 1.2 of 4.0 GiB, 12 s, about 40 s left", by the bytes so far.
class Progress {
 public:
  Progress(std::size_t moves, rules::Bytes bytes) : moves_(moves), bytes_(bytes) {}

  void ended(const loop::MoveRecord& record) {
    if (record.result != loop::MoveResult::succeeded) return;
    ++done_;
    moved_ += record.move.bytes;
    const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    std::cout << "  " << done_ << " of " << moves_ << " moves, " << rules::format_bytes(moved_)
              << " of " << rules::format_bytes(bytes_) << ", " << std::llround(seconds) << " s";
    if (moved_ > 0 && moved_ < bytes_) {
      const double left = static_cast<double>(bytes_ - moved_) / static_cast<double>(moved_);
      std::cout << ", about " << std::llround(seconds * left) << " s left";
    }
    std::cout << std::endl;
  }

 private:
  std::size_t moves_;
  rules::Bytes bytes_;
  Clock::time_point begun_ = Clock::now();
  std::size_t done_ = 0;
  rules::Bytes moved_ = 0;
};

}  // namespace

int apply(const ApplyOptions& options) {
  auto settings = settings_or_report(options.common);
  if (!settings) return kUsage;
  const auto plan = read_plan(options.file);
  if (!plan) {
    std::cerr << "evenkeel: " << plan.error() << '\n';
    return kUsage;
  }
  if (!options.yes && isatty(STDIN_FILENO) == 0) {
    std::cerr << "evenkeel: nobody can be asked here: --yes makes the moves without a question\n";
    return kUsage;
  }
  configure_log(*settings);
  Session session(*std::move(settings));
  if (auto wrong = wrong_with(*plan, session, options.force); !wrong.empty()) return refuse(wrong);
  const auto cluster = session.observe();
  report_problems(*cluster);
  if (!cluster->coordinator_complete) return refuse("the proxy did not answer every question");
  if (!is_of(*cluster, *plan)) {
    return refuse(
        "none of the plan's replicas is there: it is of another cluster, or all its "
        "collections were released since");
  }
  const auto held = loop::not_acted_on(*cluster, session.settings.milvus);
  if (!held.empty()) return refuse(held);

  rules::Policy policy = session.settings.balance.policy;
  policy.evidence_samples = 1;  // of one look
  rules::Ledger ledger;
  ledger.observe(*cluster, policy);
  const auto judgement = std::make_shared<const rules::Judgement>(
      rules::judge(*cluster, policy, ledger, session.clock.now()));
  const auto moves = plan->moves();
  const auto changes = rules::changed_since(*cluster, *judgement, moves, policy);
  if (!changes.empty()) {
    const int code = refuse("since the plan was made (" + plan->made + ") this has changed");
    print_changes(changes);
    return code;
  }
  const auto calls = rules::calls_of(moves, policy);
  rules::Bytes bytes = 0;
  for (const auto& call : calls) bytes += call.bytes();
  for (const auto& entry : plan->entries) std::cout << "  " << entry.words << '\n';
  std::cout << count_of(moves.size(), bytes) << ", planned " << plan->made << '\n';
  if (!confirmed(options.yes)) return refuse("it was not confirmed");

  const auto names = names_of(*cluster);
  Progress progress(moves.size(), bytes);
  const HandMoved moved =
      make_moves(session, {.picture = {cluster, judgement, policy},
                           .ledger = ledger,
                           .calls = calls,
                           .names = names,
                           .watch_for_others = true,
                           .ends_gently = true,
                           .on_end = [&progress](const auto& record) { progress.ended(record); }});
  return tell(moved, moves.size());
}

}  // namespace evenkeel::cli
