#include "agent/settings/report.hpp"

namespace evenkeel::settings {

std::string report(const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return {};
  std::string text;
  for (const Mistake& mistake : mistakes) text += mistake.str() + "\n";
  return text + std::to_string(mistakes.size()) +
         (mistakes.size() == 1 ? " mistake" : " mistakes") + "\n";
}

}  // namespace evenkeel::settings
