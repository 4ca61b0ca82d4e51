"""Agent: its own health, its scrapes, Milvus's proxy, and what it costs."""
from grafana_foundation_sdk.builders.dashboard import Row
from parts import bars, dashboard, figure, lines, listing, most, own, query, states, to

DECISIONS = to("decisions", "Its decisions")
CLUSTER = to("cluster", "The cluster")


def made():
    return (
        dashboard("agent", "Agent", "The agent's own health: scrapes, rounds, Milvus's proxy, resources.")
        .with_row(Row("Now"))
        .with_panel(figure("Up", "Agents that Prometheus reaches.", "short", [query(f"sum({own('up{}')})", "agents")], DECISIONS,
                           ("red", (1, "green"))))
        .with_panel(figure("Milvus's proxy", "Whether it answered every question the last time.", "bool_yes_no",
                           [query("min(evenkeel_coordinator_up{})", "up")], DECISIONS, ("red", (1, "green"))))
        .with_panel(figure("Targets not read", "Query nodes whose last scrape did not give its figures.", "short",
                           [query("sum(1 - evenkeel_scrape_up{})", "targets")], CLUSTER, ("green", (1, "red"))))
        .with_panel(figure("Configuration", "Whether the last reload of the configuration succeeded.", "bool_yes_no",
                           [query("min(evenkeel_config_last_reload_successful{})", "loaded")], DECISIONS,
                           ("red", (1, "green"))))
        .with_panel(figure("Journal", "Whether what the agent does can be written down; else it moves nothing.", "bool_yes_no",
                           [query("min(evenkeel_journal_writable{})", "written")], DECISIONS, ("red", (1, "green"))))
        .with_panel(figure("Resident memory", "Resident memory of the agent's process.", "bytes",
                           [query(f"max({own('process_resident_memory_bytes{}')})", "bytes")], DECISIONS, ("blue",)))
        .with_panel(figure("Running for", "Time since the agent's process began.", "s",
                           [query(f"time() - max({own('process_start_time_seconds{}')})", "age")], DECISIONS, ("blue",)))
        .with_row(Row("Scrapes"))
        .with_panel(lines("Seconds of a scrape", "How long the last scrape of each query node took; the 20 slowest.", "s",
                          [query(most("evenkeel_scrape_duration_seconds{}"), "{{target}}")], CLUSTER))
        .with_panel(bars("Failed scrapes", "By target and what was wrong; the 20 with most.", "short",
                         [query("topk(20, sum by (target, kind) (increase(evenkeel_scrape_failures_total{}[$__rate_interval]))) > 0 "
                                "or sum(evenkeel_scrapes_total{}) * 0", "{{target}} {{kind}}")], CLUSTER))
        .with_panel(states("Targets", "Whether the last scrape of each query node gave its figures; 20 of them, those that failed first.",
                           [query("bottomk(20, evenkeel_scrape_up{})", "{{target}}")], CLUSTER, ("red", (1, "green"))))
        .with_panel(lines("Age of the samples", "Time since each node's memory was last read; the 20 oldest.", "s",
                          [query(most("time() - evenkeel_node_sample_timestamp_seconds{}"), "{{node_id}} {{address}}")], CLUSTER))
        .with_panel(lines("Scrapes", "Scrapes a second of all query nodes.", "reqps",
                          [query("sum(rate(evenkeel_scrapes_total{}[$__rate_interval]))", "scrapes")], CLUSTER))
        .with_row(Row("Milvus's proxy and rounds"))
        .with_panel(lines("Calls to Milvus's proxy", "All calls a second, whoever makes them.", "reqps",
                          [query("sum(rate(evenkeel_coordinator_calls_total{}[$__rate_interval]))", "calls")], DECISIONS))
        .with_panel(bars("Failed calls", "By what was wrong.", "short",
                         [query("sum by (kind) (increase(evenkeel_coordinator_failures_total{}[$__rate_interval]))", "{{kind}}")],
                         DECISIONS))
        .with_panel(lines("Rounds", "Rounds a minute, beside those that the interval in force asks for.", "cpm",
                          [query("60 * sum(rate(evenkeel_rounds_total{}[$__rate_interval]))", "rounds"),
                           query("60 / max(evenkeel_balance_interval_seconds{})", "asked for")], DECISIONS))
        .with_panel(bars("Reloads of the configuration", "All, and those that failed and kept the old one.", "short",
                         [query("sum(increase(evenkeel_config_reloads_total{}[$__rate_interval]))", "reloads"),
                          query("sum(increase(evenkeel_config_reload_failures_total{}[$__rate_interval]))", "failed")], DECISIONS))
        .with_row(Row("Its own server"))
        .with_panel(lines("Requests", "Requests that were answered each second, by HTTP status.", "reqps",
                          [query("sum by (code) (rate(evenkeel_web_requests_total{}[$__rate_interval]))", "{{code}}")], DECISIONS))
        .with_panel(bars("Refused", "Requests and connections that the server refused by itself, by why "
                         "(agent/web/ACCESS.md).", "short",
                         [query("sum by (reason) (increase(evenkeel_web_refused_total{}[$__rate_interval])) > 0 "
                                "or sum(evenkeel_web_refused_total{}) * 0", "{{reason}}")], DECISIONS))
        .with_panel(lines("Connections", "Open connections of clients.", "short",
                          [query("sum(evenkeel_web_connections{})", "connections")], DECISIONS))
        .with_panel(bars("Lines of the log dropped", "Lines that were dropped, since nobody read standard error in time.",
                         "short", [query("sum(increase(evenkeel_log_dropped_total{}[$__rate_interval]))", "dropped")], DECISIONS))
        .with_row(Row("Resources"))
        .with_panel(lines("Processor", "Share of one core that the agent uses.", "percentunit",
                          [query(own("rate(process_cpu_seconds_total{}[$__rate_interval])"), "{{instance}}")], DECISIONS, width=6))
        .with_panel(lines("Memory", "Resident and virtual memory of the agent.", "bytes",
                          [query(own("process_resident_memory_bytes{}"), "resident {{instance}}"),
                           query(own("process_virtual_memory_bytes{}"), "virtual {{instance}}")], DECISIONS, width=6))
        .with_panel(lines("File descriptors", "Open file descriptors, and how many may be open.", "short",
                          [query(own("process_open_fds{}"), "open {{instance}}"), query(own("process_max_fds{}"), "most {{instance}}")],
                          DECISIONS, width=6))
        .with_panel(listing("Versions", "Which program runs where.", "short",
                            [query("evenkeel_build_info{}", "version", instant=True)], DECISIONS, width=6))
    )
