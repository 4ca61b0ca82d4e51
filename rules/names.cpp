#include "rules/explain.hpp"

namespace evenkeel::rules {

std::string_view name(NodeHealth value) {
  switch (value) {
    case NodeHealth::up:
      return "up";
    case NodeHealth::unreachable:
      return "unreachable";
    case NodeHealth::ambiguous:
      return "ambiguous";
    case NodeHealth::unlisted:
      return "unlisted";
    case NodeHealth::stopping:
      return "stopping";
    case NodeHealth::invalid:
      return "invalid";
  }
  return "unknown";
}

std::string_view name(NodeRole value) {
  switch (value) {
    case NodeRole::query:
      return "query";
    case NodeRole::streaming:
      return "streaming";
    case NodeRole::leaving:
      return "leaving";
    case NodeRole::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view name(CapacitySource value) {
  switch (value) {
    case CapacitySource::unknown:
      return "unknown";
    case CapacitySource::configured_node:
      return "configured_node";
    case CapacitySource::configured_default:
      return "configured_default";
    case CapacitySource::coordinator:
      return "coordinator";
  }
  return "unknown";
}

std::string_view name(SizeSource value) {
  switch (value) {
    case SizeSource::reported:
      return "reported";
    case SizeSource::corrected:
      return "corrected";
    case SizeSource::learned:
      return "learned";
    case SizeSource::schema:
      return "schema";
    case SizeSource::assumed:
      return "assumed";
  }
  return "unknown";
}

std::string_view name(SegmentState value) {
  switch (value) {
    case SegmentState::sealed:
      return "sealed";
    case SegmentState::growing:
      return "growing";
    case SegmentState::loading:
      return "loading";
    case SegmentState::other:
      return "other";
  }
  return "unknown";
}

std::string_view name(NodeState value) {
  switch (value) {
    case NodeState::fine:
      return "fine";
    case NodeState::overloaded:
      return "overloaded";
    case NodeState::gathering:
      return "gathering";
    case NodeState::cannot_judge:
      return "cannot_judge";
    case NodeState::exempt:
      return "exempt";
  }
  return "unknown";
}

std::string_view name(ReplicaState value) {
  switch (value) {
    case ReplicaState::balanced:
      return "balanced";
    case ReplicaState::difference:
      return "difference";
    case ReplicaState::gathering:
      return "gathering";
    case ReplicaState::cannot_judge:
      return "cannot_judge";
  }
  return "unknown";
}

std::string_view name(Reason value) {
  switch (value) {
    case Reason::none:
      return "none";
    case Reason::policy_unusable:
      return "policy_unusable";
    case Reason::no_id:
      return "no_id";
    case Reason::node_unreachable:
      return "node_unreachable";
    case Reason::node_ambiguous:
      return "node_ambiguous";
    case Reason::node_listed_twice:
      return "node_listed_twice";
    case Reason::node_unlisted:
      return "node_unlisted";
    case Reason::node_stopping:
      return "node_stopping";
    case Reason::node_invalid:
      return "node_invalid";
    case Reason::capacity_unknown:
      return "capacity_unknown";
    case Reason::sample_missing:
      return "sample_missing";
    case Reason::sample_stale:
      return "sample_stale";
    case Reason::too_few_samples:
      return "too_few_samples";
    case Reason::moved_since:
      return "moved_since";
    case Reason::move_in_flight:
      return "move_in_flight";
    case Reason::collection_incomplete:
      return "collection_incomplete";
    case Reason::collection_stuck:
      return "collection_stuck";
    case Reason::collection_unlisted:
      return "collection_unlisted";
    case Reason::replica_contradictory:
      return "replica_contradictory";
    case Reason::segment_in_transit:
      return "segment_in_transit";
    case Reason::segments_contradictory:
      return "segments_contradictory";
    case Reason::in_no_replica:
      return "in_no_replica";
    case Reason::memory_stays:
      return "memory_stays";
    case Reason::streaming_node:
      return "streaming_node";
    case Reason::node_leaving:
      return "node_leaving";
    case Reason::role_unknown:
      return "role_unknown";
    case Reason::nodes_leaving:
      return "nodes_leaving";
    case Reason::memory_unlisted:
      return "memory_unlisted";
    case Reason::single_node:
      return "single_node";
    case Reason::no_nodes:
      return "no_nodes";
  }
  return "unknown";
}

std::string_view name(Misfit value) {
  switch (value) {
    case Misfit::node_unknown:
      return "node_unknown";
    case Misfit::replica_unknown:
      return "replica_unknown";
    case Misfit::other_collection:
      return "other_collection";
    case Misfit::outside_replica:
      return "outside_replica";
    case Misfit::copies_disagree:
      return "copies_disagree";
    case Misfit::no_id:
      return "no_id";
    case Misfit::negative:
      return "negative";
    case Misfit::larger_than_node:
      return "larger_than_node";
    case Misfit::stranded:
      return "stranded";
  }
  return "unknown";
}

std::string_view name(Urgency value) {
  switch (value) {
    case Urgency::overload:
      return "overload";
    case Urgency::drain:
      return "drain";
    case Urgency::difference:
      return "difference";
    case Urgency::asked:
      return "asked";
  }
  return "unknown";
}

std::string_view name(Rejection value) {
  switch (value) {
    case Rejection::destination_overload:
      return "destination_overload";
    case Rejection::destination_unhealthy:
      return "destination_unhealthy";
    case Rejection::no_improvement:
      return "no_improvement";
    case Rejection::cooling_down:
      return "cooling_down";
    case Rejection::resting:
      return "resting";
    case Rejection::in_flight:
      return "in_flight";
    case Rejection::in_transit:
      return "in_transit";
    case Rejection::not_sealed:
      return "not_sealed";
    case Rejection::too_small:
      return "too_small";
    case Rejection::budget:
      return "budget";
    case Rejection::data_incomplete:
      return "data_incomplete";
    case Rejection::not_movable_there:
      return "not_movable_there";
    case Rejection::outside_channel:
      return "outside_channel";
    case Rejection::destination_resting:
      return "destination_resting";
    case Rejection::capacity_doubted:
      return "capacity_doubted";
    case Rejection::memory_awaited:
      return "memory_awaited";
    case Rejection::memory_stays:
      return "memory_stays";
    case Rejection::no_other_node:
      return "no_other_node";
  }
  return "unknown";
}

std::string_view name(Obstacle value) {
  switch (value) {
    case Obstacle::no_room:
      return "no_room";
    case Obstacle::too_coarse:
      return "too_coarse";
    case Obstacle::too_little:
      return "too_little";
    case Obstacle::nothing_movable:
      return "nothing_movable";
    case Obstacle::in_no_replica:
      return "in_no_replica";
    case Obstacle::memory_stays:
      return "memory_stays";
    case Obstacle::capacity_doubted:
      return "capacity_doubted";
  }
  return "unknown";
}

std::string_view name(WhyNothing value) {
  switch (value) {
    case WhyNothing::planned:
      return "planned";
    case WhyNothing::nothing_wrong:
      return "nothing_wrong";
    case WhyNothing::coordinator_incomplete:
      return "coordinator_incomplete";
    case WhyNothing::policy_unusable:
      return "policy_unusable";
    case WhyNothing::waiting_for_evidence:
      return "waiting_for_evidence";
    case WhyNothing::waiting_for_health:
      return "waiting_for_health";
    case WhyNothing::budget:
      return "budget";
    case WhyNothing::nothing_helps:
      return "nothing_helps";
    case WhyNothing::outside_focus:
      return "outside_focus";
  }
  return "unknown";
}

}  // namespace evenkeel::rules
