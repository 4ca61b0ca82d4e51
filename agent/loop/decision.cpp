#include "agent/loop/decision.hpp"

namespace evenkeel::loop {

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::balanced:
      return "balanced";
    case Outcome::gathering:
      return "gathering";
    case Outcome::moved:
      return "moved";
    case Outcome::failed:
      return "failed";
    case Outcome::held:
      return "held";
    case Outcome::cannot_fix:
      return "cannot_fix";
    case Outcome::cannot_judge:
      return "cannot_judge";
  }
  return "unknown";
}

std::string_view name(Trigger trigger) {
  switch (trigger) {
    case Trigger::interval:
      return "interval";
    case Trigger::manual:
      return "manual";
    case Trigger::alert:
      return "alert";
  }
  return "unknown";
}

std::string_view name(MoveResult result) {
  switch (result) {
    case MoveResult::succeeded:
      return "succeeded";
    case MoveResult::failed:
      return "failed";
    case MoveResult::unknown:
      return "unknown";
    case MoveResult::gone:
      return "gone";
  }
  return "unknown";
}

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::observe:
      return "observe";
    case Stage::judge:
      return "judge";
    case Stage::plan:
      return "plan";
    case Stage::admit:
      return "admit";
    case Stage::act:
      return "act";
  }
  return "observe";
}

}  // namespace evenkeel::loop
