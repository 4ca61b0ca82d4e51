// The words for the reasons why something cannot be judged.

#include "rules/explain.hpp"

namespace evenkeel::rules {

const char* const kMemoryStays =
    "twice what it is over has left it and its memory did not fall, so it is not its segments' "
    "memory: look at what else it holds (growing segments, caches, what its allocator keeps), or "
    "restart it; nothing more is moved off it until its memory changes, or failure_rest is over";

std::string words(Reason reason, const Policy& policy) {
  const int count = evidence_samples(policy);
  const std::string wanted = std::to_string(count) + (count == 1 ? " sample" : " samples");
  switch (reason) {
    case Reason::none:
      return "nothing stands in the way";
    case Reason::policy_unusable:
      return "the thresholds it is held against are no numbers or contradict each other";
    case Reason::no_id:
      return "it has no id";
    case Reason::node_unreachable:
      return "its metrics could not be read";
    case Reason::node_ambiguous:
      return "two targets claim its id";
    case Reason::node_listed_twice:
      return "it is listed twice";
    case Reason::node_unlisted:
      return "Milvus's query coordinator does not list it";
    case Reason::node_stopping:
      return "Milvus's query coordinator says that it is leaving or in error";
    case Reason::node_invalid:
      return "its metrics make no sense";
    case Reason::capacity_unknown:
      return "its capacity is not known: Milvus gives none, or more than 64 TiB, which is no "
             "limit; "
             "set it under [capacity]";
    case Reason::sample_missing:
      return "no sample of its memory was read yet";
    case Reason::sample_stale:
      return "its newest sample is too old";
    case Reason::too_few_samples:
      return "not yet in " + wanted + " one after the other";
    case Reason::moved_since:
      return "not yet in " + wanted + " since a move last touched it";
    case Reason::move_in_flight:
      return "a move is under way";
    case Reason::collection_incomplete:
      return "its collection could not be read completely";
    case Reason::collection_stuck:
      return "its collection could not be read completely for ten minutes; the others no longer "
             "wait for it, and its memory counts as what segments do not explain";
    case Reason::collection_unlisted:
      return "its collection is not listed";
    case Reason::replica_contradictory:
      return "it is listed twice, with another collection or other nodes";
    case Reason::segment_in_transit:
      return "a segment of it is on its way";
    case Reason::segments_contradictory:
      return "what was read of its segments contradicts itself";
    case Reason::in_no_replica:
      return "no replica names it, so nothing can be moved off it";
    case Reason::memory_stays:
      return kMemoryStays;
    case Reason::streaming_node:
      return "it is a streaming node, which holds growing segments";
    case Reason::node_leaving:
      return "it is read-only, and Milvus is emptying it";
    case Reason::role_unknown:
      return "it may be a streaming node: this Milvus does not tell, so give the agent the node's "
             "own metrics or a proxy whose console routes answer";
    case Reason::nodes_leaving:
      return "some of its nodes are of another resource group and leave it, and Milvus does not "
             "say which";
    case Reason::memory_unlisted:
      return "one of its nodes holds a collection that no list names, and memory of that size";
    case Reason::single_node:
      return "it has one node, so there is nowhere to move anything";
    case Reason::no_nodes:
      return "it has no nodes";
  }
  return "unknown";
}

}  // namespace evenkeel::rules
