#include "agent/cli/explained.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "agent/cli/running_agent.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

// Why there was a round.
std::string cause_of(const json& decision) {
  const auto trigger = text_in(decision, "trigger");
  if (trigger == "interval") return "its time had come";
  std::string text = trigger == "alert" ? "alerts fired: " : "somebody asked for it";
  std::string separator;
  for (const auto& alert : list_in(decision, "alerts")) {
    text += std::exchange(separator, ", ") + text_in(alert, "name");
  }
  const auto by = text_in(decision, "requested_by");
  if (!by.empty()) text += ", by " + by;
  separator = ", request ";
  for (const auto& request : texts_in(decision, "requests")) {
    text += std::exchange(separator, ", ") + request;
  }
  return text;
}

void print_gates(const json& decision) {
  const auto& gates = list_in(decision, "gates");
  const auto closed = std::count_if(gates.begin(), gates.end(),
                                    [](const json& gate) { return !flag_in(gate, "open"); });
  if (gates.empty()) return;
  if (closed == 0) {
    std::cout << "Gates: all " << gates.size() << " were open.\n";
    return;
  }
  std::cout << "Gates that were closed:\n";
  for (const auto& gate : gates) {
    if (flag_in(gate, "open")) continue;
    const auto detail = text_in(gate, "detail");
    std::cout << "  - " << text_in(gate, "gate") << (detail.empty() ? "" : ": ") << detail << '\n';
  }
}

void print_moves(const json& decision) {
  const auto& moves = list_in(decision, "moves");
  if (moves.empty()) {
    std::cout << "No move was sent.\n";
    return;
  }
  std::cout << "Moves:\n";
  for (const auto& move : moves) {
    const auto detail = text_in(move, "detail");
    std::cout << "  - " << text_in(move, "result") << ": " << text_in(move, "words") << '\n'
              << "    of collection " << text_in(move, "collection_name") << ", from "
              << moment(text_in(move, "started")) << " to " << moment(text_in(move, "finished"))
              << '\n';
    if (!detail.empty()) std::cout << "    " << detail << '\n';
  }
}

}  // namespace

std::string seconds_taken(const json& decision) {
  const auto seconds = number_in(decision, "seconds");
  return seconds ? fmt::format("{:.1f}", *seconds) : "";
}

std::string moves_planned(const json& decision) {
  const auto planned = number_in(decision, "planned");
  return planned ? fmt::format("{:.0f}", *planned) : "";
}

void print_explained(const json& decision) {
  const auto focus = text_in(decision, "focus"), planned = moves_planned(decision);
  std::cout << "Decision " << text_in(decision, "id") << ", " << moment(text_in(decision, "at"))
            << ": " << text_in(decision, "outcome") << "\n\n"
            << text_in(decision, "words") << ".\n\n"
            << "Why there was a round: " << cause_of(decision) << ".\n";
  if (!focus.empty()) std::cout << "It was about " << focus << " alone.\n";
  std::cout << "Planned: " << planned << (planned == "1" ? " move" : " moves") << ". It took "
            << seconds_taken(decision) << " s.\n";
  print_gates(decision);
  print_moves(decision);
}

}  // namespace evenkeel::cli
