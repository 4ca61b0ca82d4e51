#pragma once
// What may happen to a simulated cluster, and when: plain data.

#include <array>
#include <cstdint>
#include <string_view>

#include "rules/cluster.hpp"

namespace evenkeel::sim {

enum class Happening {
  node_dies,             // `node`; listed for another 30 s, then `replicas` fails for `lasts`
  node_joins,            // `node`, empty, with `amount` bytes, into the group of `other`
  node_restarts,         // `node` dies and is back after `lasts`, on its address, as node `other`
  node_leaves,           // `node` is stopping: the coordinator empties it within `lasts`
  metrics_missing,       // `node`'s metrics refuse connections for `lasts`
  metrics_hang,          // they hang until the scraper's deadline
  metrics_invalid,       // they come without a memory figure
  metrics_stall,         // they go on giving the figure of now, as if it were new
  metrics_old,           // they go on giving the sample of now, with its time
  metrics_lag,           // they give the figure of half a minute ago, as if it were new
  metrics_lie,           // they give the whole machine's figure
  id_claimed,            // they answer as node `other`
  compaction,            // small segments of `collection` become fewer with new ids
  growth,                // `collection` gets `amount` rows in growing segments over `lasts`
  traffic,               // `node` uses `amount` bytes more for `lasts`
  collection_loaded,     // a copy of `collection`, all on one node, over `lasts`
  collection_released,   // `collection` is gone
  builtin_balancer,      // evens rows out, one segment each 10 s, for `lasts`
  coordinator_restarts,  // silent for `lasts`, then says for 10 s that nothing is loaded
  node_list_hangs,       // for `lasts`
  replicas_refused,      // of `collection`, for `lasts`
  stuck_task,            // for `lasts`, moves of `collection` hang until the caller's deadline
  node_suspended,        // for `lasts`, `node` takes nothing, and Milvus empties it
  coordinator_hangs,     // for `lasts`, every question about a collection is left unanswered
  part_throws,           // for `lasts`, every third question and reading ends in an exception
  takes_back,            // for `lasts`, the built-in balancer takes back what we moved, after 3 s
  agent_restarts,        // the agent is stopped, and after `lasts` another one starts
  person_moves,          // a person asks the agent for segments of `collection` to leave `node`;
                         // `amount` 1: by force
  node_drained,          // a person has `node` emptied; `amount` 1: no longer
  agent_killed,          // the agent dies without a word, and after `lasts` another one starts;
                         // `amount` 1: soon after the next call has left it
  agent_stopped,         // the agent's process is stopped for `lasts`; `amount` 1: just when a call
                         // is about to leave it
  agent_cut_off,         // for `lasts`, the agent cannot ask whose turn it is
  agent_paused,          // a person has the agent move nothing for `lasts`
};
inline constexpr std::array kHappenings{Happening::node_dies,
                                        Happening::node_joins,
                                        Happening::node_restarts,
                                        Happening::node_leaves,
                                        Happening::metrics_missing,
                                        Happening::metrics_hang,
                                        Happening::metrics_invalid,
                                        Happening::metrics_stall,
                                        Happening::metrics_old,
                                        Happening::metrics_lag,
                                        Happening::metrics_lie,
                                        Happening::id_claimed,
                                        Happening::compaction,
                                        Happening::growth,
                                        Happening::traffic,
                                        Happening::collection_loaded,
                                        Happening::collection_released,
                                        Happening::builtin_balancer,
                                        Happening::coordinator_restarts,
                                        Happening::node_list_hangs,
                                        Happening::replicas_refused,
                                        Happening::stuck_task,
                                        Happening::node_suspended,
                                        Happening::coordinator_hangs,
                                        Happening::part_throws,
                                        Happening::takes_back,
                                        Happening::agent_restarts,
                                        Happening::person_moves,
                                        Happening::node_drained,
                                        Happening::agent_killed,
                                        Happening::agent_stopped,
                                        Happening::agent_cut_off,
                                        Happening::agent_paused};
// What is drawn among all others; the rest of them apart.
inline constexpr std::size_t kDrawnAlike = kHappenings.size() - 6;
// It concerns the agent, and not the cluster.
[[nodiscard]] bool is_of_the_agent(Happening what);
[[nodiscard]] std::string_view name(Happening what);

struct Event {
  rules::Duration at{};  // since the world's beginning
  Happening what = Happening::node_dies;
  rules::NodeId node{};
  rules::NodeId other{};
  rules::CollectionId collection{};
  rules::Duration lasts{};
  std::int64_t amount = 0;
};

// How a load_balance call comes out.
enum class MoveEnd {
  obeyed,
  refused,        // an error, and nothing moved
  error_moved,    // an error, and everything moved: at once or later than the answer
  timeout_moved,  // no answer within the caller's deadline, and everything moved meanwhile
  half,           // success, and only the first segments moved
  hung,           // no answer within the caller's deadline, and nothing moved
};
inline constexpr std::array kMoveEnds{MoveEnd::obeyed,      MoveEnd::refused,
                                      MoveEnd::error_moved, MoveEnd::timeout_moved,
                                      MoveEnd::half,        MoveEnd::hung};
[[nodiscard]] std::string_view name(MoveEnd end);

}  // namespace evenkeel::sim
