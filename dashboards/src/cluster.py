"""Cluster: the memory of the query nodes, the spread of the replicas, and where the segments are."""
from grafana_foundation_sdk.builders.dashboard import Row
from parts import dashboard, figure, lines, listing, query, states, to

NODE = "{{node_id}} {{address}}"
REPLICA = "{{collection}} {{replica_id}}"
WHY = to("decisions", "Why")


def made():
    return (
        dashboard("cluster", "Cluster", "Memory of the query nodes against their capacity, the spread of each replica, and "
                  "where the segments are.", "evenkeel_node_up")
        .with_row(Row("Now"))
        .with_panel(figure("Overloaded nodes", "Nodes above the overload threshold in all the evidence.", "short",
                           [query("sum(evenkeel_overload_condition{})", "nodes")], WHY, ("green", (1, "red"))))
        .with_panel(figure("Replicas that differ", "Replicas whose nodes differ too much in all the evidence.", "short",
                           [query("sum(evenkeel_difference_condition{})", "replicas")], WHY, ("green", (1, "orange"))))
        .with_panel(figure("Fullest node", "Highest share of its own capacity that a node uses. Red above the overload threshold "
                           "in force.", "percentunit", [query("max(evenkeel_node_memory_ratio{})", "ratio")], WHY, ("green",),
                           limit="min(evenkeel_overload_threshold_ratio{})"))
        .with_panel(figure("Widest spread", "Highest less lowest memory ratio of a replica's nodes. Red above the limit in "
                           "force.", "percentunit", [query("max(evenkeel_replica_spread_ratio{})", "spread")], WHY, ("green",),
                           limit="min(evenkeel_max_difference_ratio{})"))
        .with_panel(figure("Cannot be put right", "Nodes that no moving puts right, as the newest round found.", "short",
                           [query("sum(evenkeel_node_unfixable{})", "nodes")], WHY, ("green", (1, "red"))))
        .with_panel(figure("Moving now", "Moves sent whose end the distribution has not shown yet.", "short",
                           [query("sum(evenkeel_moves_in_flight{})", "moves")], WHY, ("blue",)))
        .with_row(Row("Memory"))
        .with_panel(lines("Memory of each node as a share of its own capacity",
                          "What the agent counts with: used memory, corrected by moves that the figure does not show yet. "
                          "Dashed: the overload threshold in force.", "percentunit",
                          [query("evenkeel_node_memory_ratio{}", NODE),
                           query("max(evenkeel_overload_threshold_ratio{})", "overload threshold")], WHY, height=10,
                          marks=["overload threshold"]))
        .with_panel(lines("Spread of each replica",
                          "Highest less lowest memory ratio of the replica's nodes. Dashed: the difference above which it is "
                          "levelled, and the mark down to which.", "percentunit",
                          [query("evenkeel_replica_spread_ratio{}", REPLICA),
                           query("max(evenkeel_max_difference_ratio{})", "limit"),
                           query("max(evenkeel_stop_difference_ratio{})", "stop mark")], WHY, height=10,
                          marks=["limit", "stop mark"]))
        .with_panel(lines("Memory used and capacity", "Resident memory of each query node as its own metrics say, and what it "
                          "may use.", "bytes",
                          [query("evenkeel_node_memory_used_bytes{}", NODE),
                           query("evenkeel_node_memory_capacity_bytes{}", "capacity of {{node_id}}")], WHY))
        .with_panel(lines("Memory that segments do not explain",
                          "Growing segments, caches, the process. The highest of the last half hour is kept free.", "bytes",
                          [query("evenkeel_node_memory_unexplained_bytes{}", NODE),
                           query("evenkeel_node_memory_unexplained_highest_bytes{}", "highest of {{node_id}}")], WHY))
        .with_panel(lines("Time until each node is overloaded", "If its memory goes on as in the last hour. Only nodes that will be "
                          "within a day.", "s",
                          [query('evenkeel_node_threshold_crossing_timestamp_seconds{+bound="likely"} - time()', NODE),
                           query('evenkeel_node_threshold_crossing_timestamp_seconds{+bound="earliest"} - time()',
                                 "earliest of {{node_id}}"),
                           query('evenkeel_node_threshold_crossing_timestamp_seconds{+bound="latest"} - time()',
                                 "latest of {{node_id}}")], WHY))
        .with_panel(lines("Growth of memory", "In the last hour, without what moves of the agent brought and took.", "Bps",
                          [query("evenkeel_node_memory_growth_bytes_per_second{}", NODE)], WHY))
        .with_row(Row("Segments"))
        .with_panel(lines("Memory of segments by node and collection", "Estimated memory of the sealed segments of each "
                          "collection on each node.", "bytes",
                          [query("sum by (node_id, collection) (evenkeel_node_collection_bytes{})", "{{node_id}} {{collection}}")],
                          WHY, height=10, stacked=True))
        .with_panel(listing("Segments by node and collection", "How many segments of each collection each node holds now.",
                            "short", [query("sum by (node_id, collection) (evenkeel_node_collection_segments{})", "segments",
                                            instant=True)], WHY, height=10))
        .with_panel(lines("Rows by node and collection", "Rows of the sealed segments: what Milvus's own balancer counts.",
                          "short", [query("sum by (node_id, collection) (evenkeel_node_collection_rows{})",
                                          "{{node_id}} {{collection}}")], WHY, stacked=True))
        .with_panel(lines("Segments set aside", "Copies of segments that contradict the coordinator's other lists, and are left "
                          "alone.", "short", [query("evenkeel_segments_set_aside{}", "copies")], WHY))
        .with_panel(lines("Unlisted collections", "Collections that nodes' metrics name and no list of collections does: of a "
                          "database that is not looked at, or gone.", "short",
                          [query("evenkeel_collections_unlisted{}", "collections")], to("agent", "Scrapes")))
        .with_panel(lines("Capacities without a node", "Keys of [capacity] node that name no node that is there: a node that was "
                          "started again has a new id.", "short", [query("evenkeel_capacity_keys_unmatched{}", "keys")], WHY))
        .with_row(Row("Out of balance"))
        .with_panel(lines("Bytes over the threshold", "How much would have to leave each node for it to be below its "
                          "threshold.", "bytes", [query("evenkeel_node_excess_bytes{}", NODE)], WHY))
        .with_panel(states("State of each replica", "Which state each replica was in over time.",
                           [query("max by (collection, replica_id, state) (evenkeel_replica_state{}) == 1",
                                  "{{collection}} {{replica_id}} {{state}}")], WHY, ("blue",)))
        .with_panel(states("Health of each node", "Whether each node was read, identified and known to the coordinator.",
                           [query("evenkeel_node_up{}", NODE)], to("agent", "Scrapes"), ("red", (1, "green"))))
        .with_panel(states("Memory that does not fall", "Nodes whose memory stayed though segments left them: nothing more is moved "
                           "off them for now.", [query("evenkeel_node_memory_stays{}", NODE)], WHY, ("green", (1, "red"))))
        .with_panel(states("Drained nodes", "Nodes that somebody has emptied, by `evenkeel drain`: nothing is moved to them.",
                           [query("evenkeel_node_draining{}", NODE)], WHY, ("green", (1, "orange"))))
        .with_panel(lines("Segments on drained nodes", "What is left on them; the API's status says why. 0 where none is drained.", "short",
                          [query("sum(evenkeel_node_collection_segments{} and on (node_id) (evenkeel_node_draining{} == 1)) "
                                 "or on () vector(0)", "segments")], WHY))
        .with_panel(states("What each node is for", "Query nodes take part; streaming nodes and those that Milvus empties do not.",
                           [query("max by (node_id, role) (evenkeel_node_role{}) == 1", "{{node_id}} {{role}}")],
                           to("agent", "Scrapes"), ("blue",)))
        .with_panel(lines("Capacity that would have to be added", "For what moving cannot put right; 0 where room is not what "
                          "is missing.", "bytes", [query("evenkeel_node_capacity_needed_bytes{}", "{{node_id}} {{urgency}}")], WHY))
    )
