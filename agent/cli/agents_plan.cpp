#include "agent/cli/agents_plan.hpp"

#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/cli/running_agent.hpp"
#include "agent/view/json.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

// What the agent says, as its API writes it.
struct Answers {
  json plan, status, nodes, replicas;
};

RunningAgent::Result<Answers> ask(const RunningAgent& agent) {
  Answers answers;
  for (const auto& [path, into] :
       {std::pair{"plan", &answers.plan}, std::pair{"status", &answers.status},
        std::pair{"nodes", &answers.nodes}, std::pair{"replicas", &answers.replicas}}) {
    auto answer = agent.read(std::string("/api/v1/") + path);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    *into = *std::move(answer);
  }
  return answers;
}

void print_words(const char* title, const json& list) {
  if (list.empty()) return;
  std::cout << '\n' << title << '\n';
  for (const auto& each : list) std::cout << "  - " << text_in(each, "words") << '\n';
}

void print_planned_moves(const json& moves) {
  rules::Bytes bytes = 0;
  for (const auto& move : moves) {
    bytes += static_cast<rules::Bytes>(number_in(move, "bytes").value_or(0));
  }
  if (moves.empty()) {
    std::cout << "\nNo moves\n";
    return;
  }
  std::cout << "\nMoves (" << moves.size() << ", " << rules::format_bytes(bytes) << ")\n";
  std::size_t number = 0;
  for (const auto& move : moves) {
    std::cout << "  " << ++number << ". " << text_in(move, "words") << '\n';
  }
}

void print_closed(const json& gates) {
  for (const auto& gate : gates) {
    if (flag_in(gate, "open")) continue;
    std::cout << "Held by the gate " << text_in(gate, "gate") << ": " << text_in(gate, "detail")
              << '\n';
  }
}

void print(const Answers& answers, const std::string& address) {
  std::cout << "The plan of the agent at " << address
            << ", by its evidence, rests and pauses, as of " << moment(text_in(answers.plan, "at"))
            << "\n\n";
  const auto held = text_in(object_in(answers.status, "milvus"), "not_acted_on");
  if (!held.empty()) std::cout << held << ".\n\n";
  for (const auto& node : list_in(answers.nodes, "nodes")) {
    std::cout << text_in(node, "words") << '\n';
  }
  for (const auto& replica : list_in(answers.replicas, "replicas")) {
    if (text_in(replica, "state") != "balanced") std::cout << text_in(replica, "words") << ".\n";
  }
  for (const auto& words : texts_in(answers.status, "set_aside")) {
    std::cout << "Set aside: " << words << '\n';
  }
  print_planned_moves(list_in(answers.plan, "moves"));
  print_words("Considered and rejected", list_in(answers.plan, "rejected"));
  print_words("Moving cannot put right", list_in(answers.plan, "unfixable"));
  print_closed(list_in(answers.plan, "gates"));
  const bool balanced = text_in(answers.plan, "outcome") == "balanced";
  std::cout << (balanced ? "Balanced: " : "Verdict: ") << text_in(answers.plan, "words") << ".\n";
}

void print_json(const Answers& answers, const std::string& address) {
  const view::Json written = {{"plan_of", address},
                              {"outcome", text_in(answers.plan, "outcome")},
                              {"words", text_in(answers.plan, "words")},
                              {"milvus", object_in(answers.status, "milvus")},
                              {"judgement",
                               {{"nodes", list_in(answers.nodes, "nodes")},
                                {"replicas", list_in(answers.replicas, "replicas")}}},
                              {"plan", answers.plan},
                              {"problems", list_in(answers.status, "problems")}};
  std::cout << view::indented_text_of(written) << '\n';
}

}  // namespace

tl::expected<int, std::string> print_agents_plan(const PlanOptions& options) {
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const auto health = agent->health();
  if (!health) return tl::unexpected(health.error().words);
  const auto answers = ask(*agent);
  if (!answers) return tl::unexpected(answers.error().words);
  if (options.format == OutputFormat::json) {
    print_json(*answers, agent->address());
  } else {
    print(*answers, agent->address());
  }
  for (const auto& problem : texts_in(answers->status, "problems")) {
    std::cerr << "evenkeel: " << problem << '\n';
  }
  const auto outcome = text_in(answers->plan, "outcome");
  if (outcome == "cannot_judge") return kFailed;
  return outcome == "balanced" ? kDone : kUnbalanced;
}

}  // namespace evenkeel::cli
