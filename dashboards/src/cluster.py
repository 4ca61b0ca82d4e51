"""Cluster: the memory of the query nodes, the spread of the replicas, and where the segments are."""
from grafana_foundation_sdk.builders.dashboard import Row
from grafana_foundation_sdk.models.common import BigValueTextMode
from parts import NODES_PAGE, PAGE, dashboard, figure, lines, listing, most, own, query, states, to

NODE = "{{node_id}} {{address}}"
REPLICA = "{{collection}} {{replica_id}}"
WHY = to("decisions", "Why")
NOTHING = "no collection is loaded"


def made():
    return (
        dashboard("cluster", "Cluster", "Memory of the query nodes against their capacity, the spread of each replica, and "
                  "where the segments are.", nodes=True)
        .with_row(Row("Now"))
        .with_panel(figure("Agents up", "Agents that Prometheus reaches.", "short", [query(f"sum({own('up{}')})", "agents")],
                           to("agent", "The agent"), ("red", (1, "green")), width=6, none="none"))
        .with_panel(figure("Agent acts", "Whether an agent moves what it plans: auto balance on, no dry run, not paused, its turn, "
                           "and inside a maintenance window if everything waits for one.", "bool_yes_no", [query("max(evenkeel_acting{})", "acting")], WHY,
                           ("orange", (1, "green")), width=6))
        .with_panel(figure("Nodes read", "Nodes that were read, of all that are known.", "short",
                           [query("count(max by (node_id, address) (evenkeel_node_up{}) == 1) or vector(0)", "read"),
                            query("count(max by (node_id, address) (evenkeel_node_up{}))", "in all")], to("agent", "Scrapes"), ("blue",),
                           width=6, text=BigValueTextMode.VALUE_AND_NAME))
        .with_panel(figure("Milvus", "Which version the agent found.", "none",
                           [query("max by (version) (evenkeel_milvus_info{})", "{{version}}")], WHY, ("blue",), width=6,
                           none="not known yet", text=BigValueTextMode.NAME))
        .with_panel(figure("Overloaded nodes", "Nodes above the overload threshold in all the evidence.", "short",
                           [query("sum(evenkeel_overload_condition{})", "nodes")], WHY, ("green", (1, "red"))))
        .with_panel(figure("Replicas that differ", "Replicas whose nodes differ too much in all the evidence.", "short",
                           [query("sum(evenkeel_difference_condition{})", "replicas")], WHY, ("green", (1, "orange"))))
        .with_panel(figure("Fullest node", "Highest share of its own capacity that a node uses. Red above the overload threshold "
                           "in force.", "percentunit", [query("max(evenkeel_node_memory_ratio{})", "ratio")], WHY, ("green",),
                           limit="min(evenkeel_overload_threshold_ratio{})"))
        .with_panel(figure("Widest spread", "Highest minus lowest memory ratio of a replica's nodes. Red above the limit in "
                           "force.", "percentunit", [query("max(evenkeel_replica_spread_ratio{})", "spread")], WHY, ("green",),
                           limit="min(evenkeel_max_difference_ratio{})"))
        .with_panel(figure("Cannot be put right", "Nodes that moving segments cannot put right, as the newest round found.", "short",
                           [query("sum(evenkeel_node_unfixable{})", "nodes")], WHY, ("green", (1, "red"))))
        .with_panel(figure("Moving now", "Moves that were sent and have not ended yet.", "short",
                           [query("sum(evenkeel_moves_in_flight{})", "moves")], WHY, ("blue",)))
        .with_row(Row("Memory"))
        .with_panel(lines("Memory of each node as a share of its own capacity",
                          "What the agent counts with: used memory, corrected by moves that the figure does not show yet. The 20 "
                          "fullest nodes. Dashed: the overload threshold in force.", "percentunit",
                          [query(most("evenkeel_node_memory_ratio{n}"), NODE),
                           query("max(evenkeel_overload_threshold_ratio{})", "overload threshold")], WHY, height=10,
                          marks={"overload threshold": "red"}, page=NODES_PAGE))
        .with_panel(lines("Spread of each replica",
                          "Highest minus lowest memory ratio of the replica's nodes; the 20 widest. Dashed red: the difference above "
                          "which a replica is levelled. Dashed orange: the mark at which levelling stops.", "percentunit",
                          [query(most("evenkeel_replica_spread_ratio{c}"), REPLICA),
                           query("max(evenkeel_max_difference_ratio{})", "limit"),
                           query("max(evenkeel_stop_difference_ratio{})", "stop mark")], WHY, height=10,
                          marks={"limit": "red", "stop mark": "orange"}, page=PAGE))
        .with_panel(lines("Memory used and capacity", "Resident memory of each query node as its own metrics say, and what it "
                          "may use. The 20 that use most.", "bytes",
                          [query(most("evenkeel_node_memory_used_bytes{n}"), NODE),
                           query("evenkeel_node_memory_capacity_bytes{n} and on (cluster, job, instance, node_id) "
                                 + most("evenkeel_node_memory_used_bytes{n}"), "capacity of {{node_id}}")], WHY, page=NODES_PAGE))
        .with_panel(lines("Memory that segments do not explain",
                          "Growing segments, caches, the process. The highest of the last half hour is kept free. The 20 nodes with "
                          "most.", "bytes",
                          [query(most("evenkeel_node_memory_unexplained_bytes{n}"), NODE),
                           query(most("evenkeel_node_memory_unexplained_highest_bytes{n}"), "highest of {{node_id}}")], WHY, page=NODES_PAGE))
        .with_panel(lines("Time until each node is overloaded", "If its memory goes on as in the last hour. Only nodes that will be "
                          "within a day; the 20 that will be first.", "s",
                          [query('bottomk(20, evenkeel_node_threshold_crossing_timestamp_seconds{n+bound="likely"}) - time()', NODE),
                           query('bottomk(20, evenkeel_node_threshold_crossing_timestamp_seconds{n+bound="earliest"}) - time()',
                                 "earliest of {{node_id}}"),
                           query('bottomk(20, evenkeel_node_threshold_crossing_timestamp_seconds{n+bound="latest"}) - time()',
                                 "latest of {{node_id}}")], WHY, page=NODES_PAGE, none="no node will be overloaded within a day"))
        .with_panel(lines("Growth of memory", "In the last hour, not counting the agent's moves. The 20 that "
                          "grow fastest.", "Bps",
                          [query(most("evenkeel_node_memory_growth_bytes_per_second{n}"), NODE)], WHY, page=NODES_PAGE,
                          none="known a quarter of an hour after the agent's start"))
        .with_row(Row("Segments"))
        .with_panel(lines("Memory of segments by node and collection", "Estimated memory of the sealed segments of each "
                          "collection on each node. The 20 largest; choose nodes and collections at the top.", "bytes",
                          [query(most("max by (node_id, collection) (evenkeel_node_collection_bytes{nc})"), "{{node_id}} {{collection}}")],
                          WHY, height=10, stacked=True, none=NOTHING))
        .with_panel(listing("Segments by node and collection", "How many segments of each collection each node holds now. The 200 "
                            "highest.", "short", [query("topk(200, max by (node_id, collection) "
                                                        "(evenkeel_node_collection_segments{nc}))", "segments", instant=True)],
                            WHY, height=10, none=NOTHING))
        .with_panel(lines("Rows by node and collection", "Rows of the sealed segments: what Milvus's own balancer counts. The 20 "
                          "highest.", "short", [query(most("max by (node_id, collection) (evenkeel_node_collection_rows{nc})"),
                                                      "{{node_id}} {{collection}}")], WHY, stacked=True, none=NOTHING))
        .with_panel(lines("Segments set aside", "Copies of segments that contradict the query coordinator's other lists, and are "
                          "left alone.", "short", [query("evenkeel_segments_set_aside{}", "copies")], WHY))
        .with_panel(lines("Unlisted collections", "Collections that nodes' metrics name and no list of collections does: of a "
                          "database that is not looked at, or gone.", "short",
                          [query("evenkeel_collections_unlisted{}", "collections")], to("agent", "Scrapes")))
        .with_panel(lines("Capacities without a node", "Keys of [capacity] node that name no node that is there: a node that was "
                          "started again has a new id.", "short", [query("evenkeel_capacity_keys_unmatched{}", "keys")], WHY))
        .with_row(Row("Out of balance"))
        .with_panel(lines("Bytes over the threshold", "How much would have to leave each node for it to be below its "
                          "threshold. The 20 highest.", "bytes", [query(most("evenkeel_node_excess_bytes{n}"), NODE)], WHY, page=NODES_PAGE))
        .with_panel(states("State of each replica", "Which state each replica was in over time; 20 replicas, those with something "
                           "wrong first. Green: balanced; blue: gathering evidence; orange: its nodes differ; purple: cannot be judged.",
                           [query(most('max by (collection, replica_id) (evenkeel_replica_state{c+state="gathering"} '
                                       'or 2 * evenkeel_replica_state{c+state="difference"} '
                                       'or 3 * evenkeel_replica_state{c+state="cannot_judge"})'), REPLICA)], WHY, ("blue",),
                           words=(("balanced", "green"), ("gathering evidence", "blue"), ("nodes differ", "orange"),
                                  ("cannot be judged", "purple")), none=NOTHING))
        .with_panel(states("Health of each node", "Whether each node was read and identified, and Milvus's query coordinator lists it; 20 "
                           "nodes, those with something wrong first.", [query("bottomk(20, evenkeel_node_up{n})", NODE)],
                           to("agent", "Scrapes"), ("red", (1, "green"))))
        .with_panel(states("Memory that does not fall", "Nodes whose memory stayed though segments left them: nothing more is moved "
                           "off them for now.", [query(most("evenkeel_node_memory_stays{n}"), NODE)], WHY, ("green", (1, "red"))))
        .with_panel(states("Drained nodes", "Nodes that somebody has emptied, by `evenkeel drain`: nothing is moved to them.",
                           [query(most("evenkeel_node_draining{n}"), NODE)], WHY, ("green", (1, "orange"))))
        .with_panel(lines("Segments on drained nodes", "What is left on them; the API's status says why. 0 where none is drained.", "short",
                          [query("sum(evenkeel_node_collection_segments{nc} and on (node_id) (evenkeel_node_draining{n} == 1)) "
                                 "or on () vector(0)", "segments")], WHY))
        .with_panel(states("What each node is for", "Query nodes take part; streaming nodes and those that Milvus empties do not.",
                           [query(most("max by (node_id, role) (evenkeel_node_role{n}) == 1"), "{{node_id}} {{role}}")],
                           to("agent", "Scrapes"), ("blue",)))
        .with_panel(lines("Capacity that would have to be added", "For nodes that moving segments cannot put right; 0 where more "
                          "capacity would not help.", "bytes", [query(most("evenkeel_node_capacity_needed_bytes{n}"), "{{node_id}} {{urgency}}")], WHY))
    )
