"""Decisions: what each round came to, what was moved and why nothing was."""
from grafana_foundation_sdk.builders.dashboard import Row
from parts import bars, dashboard, figure, lines, most, query, states, to

CLUSTER = to("cluster", "The cluster")
NO_PLAN = "no plan came to the gates"


def made():
    return (
        dashboard("decisions", "Decisions", "What each round came to, what was moved, and why nothing was.")
        .with_row(Row("Now"))
        .with_panel(figure("Acting", "Whether the agent moves what it plans: auto balance on, no dry run, not paused.", "bool_yes_no",
                           [query("max(evenkeel_acting{})", "acting")], CLUSTER, ("orange", (1, "green"))))
        .with_panel(figure("Since the last decision", "Time since the newest round began. Red after three intervals.", "s",
                           [query("time() - max(evenkeel_last_decision_timestamp_seconds{})", "age")], CLUSTER,
                           ("green",), none="no round yet", limit="3 * max(evenkeel_balance_interval_seconds{})"))
        .with_panel(figure("Since the last move", "Time since the newest move ended.", "s",
                           [query("time() - max(evenkeel_last_move_timestamp_seconds{})", "age")], CLUSTER, ("blue",), none="no move yet"))
        .with_panel(figure("Moved", "Segments moved in the time shown.", "short",
                           [query('sum(increase(evenkeel_moves_total{+result="succeeded"}[$__range]))', "moves")], CLUSTER,
                           ("blue",)))
        .with_panel(figure("Bytes moved in all", "Estimated bytes of the segments moved in the time shown.", "bytes",
                           [query('sum(increase(evenkeel_moved_bytes_total{+result="succeeded"}[$__range]))', "bytes")],
                           CLUSTER, ("blue",)))
        .with_panel(figure("Undone by others", "Moves of the agent that somebody else reversed in the time shown.", "short",
                           [query("sum(increase(evenkeel_moves_undone_total{}[$__range]))", "moves")], CLUSTER,
                           ("green", (1, "red"))))
        .with_panel(figure("Window closes in", "Time until the open maintenance window closes.", "s",
                           [query("min(evenkeel_window_close_timestamp_seconds{}) - time()", "time")], CLUSTER, ("blue",), none="none is open"))
        .with_panel(figure("Next window in", "Time until the next maintenance window opens.", "s",
                           [query("min(evenkeel_next_window_timestamp_seconds{}) - time()", "time")], CLUSTER, ("blue",), none="no windows"))
        .with_row(Row("Rounds"))
        .with_panel(bars("Rounds by how they ended", "balanced, gathering evidence, moved, failed, held by a gate, not fixable, "
                         "cannot be judged.", "short",
                         [query("sum by (outcome) (increase(evenkeel_decisions_total{}[$__rate_interval]))", "{{outcome}}")],
                         CLUSTER))
        .with_panel(bars("Rounds by what made them", "The interval, a person, or an alert.", "short",
                         [query("sum by (trigger) (increase(evenkeel_decisions_total{}[$__rate_interval]))", "{{trigger}}")],
                         CLUSTER))
        .with_panel(lines("Seconds by stage", "Time of each stage of the round: the average, and the time that 95 % of them stay below.", "s",
                          [query("sum by (stage) (rate(evenkeel_round_stage_duration_seconds_sum{}[$__rate_interval])) / "
                                 "(sum by (stage) (rate(evenkeel_round_stage_duration_seconds_count{}[$__rate_interval])) > 0)",
                                 "{{stage}}, average"),
                           query("histogram_quantile(0.95, sum by (le, stage) "
                                 "(rate(evenkeel_round_stage_duration_seconds_bucket{}[$__rate_interval])))", "{{stage}}, 95 %")],
                          to("agent", "The agent")))
        .with_panel(lines("Seconds a round", "How long rounds take with their moves: the average, and the time that 95 % of them stay below.", "s",
                          [query("sum(rate(evenkeel_round_duration_seconds_sum{}[$__rate_interval])) / "
                                 "(sum(rate(evenkeel_round_duration_seconds_count{}[$__rate_interval])) > 0)", "average"),
                           query("histogram_quantile(0.95, sum by (le) "
                                 "(rate(evenkeel_round_duration_seconds_bucket{}[$__rate_interval])))", "95 %")],
                          to("agent", "The agent")))
        .with_row(Row("Why nothing moved"))
        .with_panel(states("Gates", "Green: the gate let the newest round's moves through. Red: it held them.",
                           [query("min by (gate) (evenkeel_gate_open{})", "{{gate}}")], CLUSTER, ("red", (1, "green")),
                           none=NO_PLAN))
        .with_panel(lines("Moves held back", "Moves of the newest round that each gate held back.", "short",
                          [query("sum by (gate) (evenkeel_held_moves{})", "{{gate}}")], CLUSTER, none=NO_PLAN))
        .with_panel(lines("Segments that stay where they are", "Since they moved too recently, or failed to move too often.",
                          "short", [query("sum(evenkeel_segments_cooling_down{})", "cooling down"),
                                    query("sum(evenkeel_segments_resting{})", "resting")], CLUSTER))
        .with_panel(states("Cannot be put right", "Nodes that moving segments cannot put right, as the newest round found.",
                           [query(most("evenkeel_node_unfixable{}"), "{{node_id}} {{urgency}}")], CLUSTER, ("green", (1, "red"))))
        .with_panel(states("Modes", "What somebody has switched: auto balance, dry run, pause, maintenance windows.",
                           [query("evenkeel_auto_balance_enabled{}", "auto balance {{instance}}"),
                            query("evenkeel_dry_run{}", "dry run {{instance}}"),
                            query("evenkeel_paused{}", "paused {{instance}}"),
                            query("evenkeel_window_open{}", "window open {{instance}}"),
                            query("evenkeel_milvus_untested{}", "untested Milvus {{instance}}"),
                            query("max by (version, known_by) (evenkeel_milvus_info{})", "Milvus {{version}}"),
                            query("evenkeel_acting{}", "acting {{instance}}")], CLUSTER, ("transparent", (1, "blue"))))
        .with_panel(states("Milvus's own balancer", "The state that it is in: quiet or active, held off by the agent or somebody "
                           "else, released, or to be held off, which failed.",
                           [query("max by (state) (evenkeel_builtin_balancer_hold{})", "{{state}}"),
                            query("max by (by) (evenkeel_builtin_balancer_held_by{})", "held by {{by}}")], CLUSTER,
                           ("transparent", (1, "blue"))))
        .with_panel(states("Turns", "Which agent acts, where several watch this cluster: each agent's standing, and whom it knows to act.",
                           [query("max by (instance, standing) (evenkeel_turn{}) == 1", "{{instance}} {{standing}}"),
                            query("max by (instance, actor) (evenkeel_turn_info{})", "{{actor}} acts, says {{instance}}")], CLUSTER,
                           ("transparent", (1, "blue"))))
        .with_panel(lines("Segments set aside", "Copies of segments that contradict the query coordinator's other lists.", "short",
                          [query("evenkeel_segments_set_aside{}", "copies")], CLUSTER))
        .with_row(Row("Moves"))
        .with_panel(bars("Moves by how they ended", "As Milvus's distribution showed after the call, whatever the call answered.", "short",
                         [query("sum by (urgency, result) (increase(evenkeel_moves_total{}[$__rate_interval]))",
                                "{{urgency}} {{result}}")], CLUSTER))
        .with_panel(bars("Bytes moved", "Estimated bytes of the moves that ended.", "bytes",
                         [query("sum by (urgency, result) (increase(evenkeel_moved_bytes_total{}[$__rate_interval]))",
                                "{{urgency}} {{result}}")], CLUSTER))
        .with_panel(lines("Planned, started and under way", "Moves that plans contained, that were sent, and that have not ended.",
                          "short", [query("sum by (urgency) (increase(evenkeel_moves_planned_total{}[$__rate_interval]))",
                                          "planned for {{urgency}}"),
                                    query("sum by (urgency) (increase(evenkeel_moves_started_total{}[$__rate_interval]))",
                                          "started for {{urgency}}"),
                                    query("sum(evenkeel_moves_in_flight{})", "under way")], CLUSTER))
        .with_panel(lines("Bytes planned, started and under way", "The same in estimated bytes.",
                          "bytes", [query("sum by (urgency) (increase(evenkeel_planned_bytes_total{}[$__rate_interval]))",
                                          "planned for {{urgency}}"),
                                    query("sum by (urgency) (increase(evenkeel_started_bytes_total{}[$__rate_interval]))",
                                          "started for {{urgency}}"),
                                    query("sum(evenkeel_in_flight_bytes{})", "under way")], CLUSTER))
        .with_panel(lines("Seconds a move", "From a move's call to its end: the average, and the time that 95 % of them stay below.", "s",
                          [query("sum by (result) (rate(evenkeel_move_duration_seconds_sum{}[$__rate_interval])) / "
                                 "(sum by (result) (rate(evenkeel_move_duration_seconds_count{}[$__rate_interval])) > 0)",
                                 "{{result}}, average"),
                           query("histogram_quantile(0.95, sum by (le) "
                                 "(rate(evenkeel_move_duration_seconds_bucket{}[$__rate_interval]))) >= 0", "95 %")], CLUSTER,
                          none="no move ended"))
        .with_row(Row("Moves of others, and requests"))
        .with_panel(bars("Moves undone by somebody else", "Milvus's own balancer, a person, or a second agent.", "short",
                         [query("sum(increase(evenkeel_moves_undone_total{}[$__rate_interval]))", "moves")], CLUSTER, width=6))
        .with_panel(bars("Bytes undone by somebody else", "Estimated bytes of those moves.", "bytes",
                         [query("sum(increase(evenkeel_undone_bytes_total{}[$__rate_interval]))", "bytes")], CLUSTER, width=6))
        .with_panel(bars("Segments moved by somebody else", "By the node that they left (out) or came to (in).", "short",
                         [query(most("sum by (node_id, direction) (increase(evenkeel_foreign_moves_total{}[$__rate_interval]))"),
                                "{{node_id}} {{direction}}")], CLUSTER))
        .with_panel(bars("Bytes moved by somebody else", "Estimated bytes of those segments.", "bytes",
                         [query(most("sum by (node_id, direction) (increase(evenkeel_foreign_bytes_total{}[$__rate_interval]))"),
                                "{{node_id}} {{direction}}")], CLUSTER))
        .with_panel(bars("Requests", "What people and alerts asked for through the API.", "short",
                         [query("sum by (kind) (increase(evenkeel_requests_total{}[$__rate_interval]))", "{{kind}}")], CLUSTER,
                         width=6))
        .with_panel(bars("Alerts received", "By result: accepted, duplicate, resolved, ignored or refused.", "short",
                         [query("sum by (result) (increase(evenkeel_alerts_total{}[$__rate_interval]))", "{{result}}")], CLUSTER,
                         width=6))
    )
