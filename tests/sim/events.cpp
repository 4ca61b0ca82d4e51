#include "tests/sim/events.hpp"

namespace evenkeel::sim {

std::string_view name(Happening what) {
  switch (what) {
    case Happening::node_dies:
      return "node_dies";
    case Happening::node_joins:
      return "node_joins";
    case Happening::node_restarts:
      return "node_restarts";
    case Happening::node_leaves:
      return "node_leaves";
    case Happening::metrics_missing:
      return "metrics_missing";
    case Happening::metrics_hang:
      return "metrics_hang";
    case Happening::metrics_invalid:
      return "metrics_invalid";
    case Happening::metrics_stall:
      return "metrics_stall";
    case Happening::metrics_old:
      return "metrics_old";
    case Happening::metrics_lag:
      return "metrics_lag";
    case Happening::metrics_lie:
      return "metrics_lie";
    case Happening::id_claimed:
      return "id_claimed";
    case Happening::compaction:
      return "compaction";
    case Happening::growth:
      return "growth";
    case Happening::traffic:
      return "traffic";
    case Happening::collection_loaded:
      return "collection_loaded";
    case Happening::collection_released:
      return "collection_released";
    case Happening::builtin_balancer:
      return "builtin_balancer";
    case Happening::coordinator_restarts:
      return "coordinator_restarts";
    case Happening::coordinator_hangs:
      return "coordinator_hangs";
    case Happening::part_throws:
      return "part_throws";
    case Happening::node_list_hangs:
      return "node_list_hangs";
    case Happening::replicas_refused:
      return "replicas_refused";
    case Happening::stuck_task:
      return "stuck_task";
    case Happening::node_suspended:
      return "node_suspended";
    case Happening::takes_back:
      return "takes_back";
    case Happening::agent_restarts:
      return "agent_restarts";
    case Happening::node_drained:
      return "node_drained";
    case Happening::person_moves:
      return "person_moves";
    case Happening::agent_killed:
      return "agent_killed";
    case Happening::agent_stopped:
      return "agent_stopped";
    case Happening::agent_cut_off:
      return "agent_cut_off";
    case Happening::agent_paused:
      return "agent_paused";
  }
  return "";
}

bool is_of_the_agent(Happening what) {
  switch (what) {
    case Happening::agent_restarts:
    case Happening::agent_killed:
    case Happening::agent_stopped:
    case Happening::agent_cut_off:
    case Happening::agent_paused:
    case Happening::person_moves:
    case Happening::node_drained:
      return true;
    default:
      return false;
  }
}

std::string_view name(MoveEnd end) {
  switch (end) {
    case MoveEnd::obeyed:
      return "obeyed";
    case MoveEnd::refused:
      return "refused";
    case MoveEnd::error_moved:
      return "error_moved";
    case MoveEnd::timeout_moved:
      return "timeout_moved";
    case MoveEnd::half:
      return "half";
    case MoveEnd::hung:
      return "hung";
  }
  return "";
}

}  // namespace evenkeel::sim
