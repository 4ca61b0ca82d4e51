"""What Grafana's dashboard linter asks of a dashboard, and that every metric in one is really exported."""
import re
import subprocess

import pytest
from dashboards import FILES, documented, metrics_in, model, panels, queries, substituted

IDS = [path.stem for path in FILES]


def test_there_are_three():
    assert IDS == ["evenkeel-agent", "evenkeel-cluster", "evenkeel-decisions"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_panel_says_what_it_shows_and_leads_on(path):
    titles = [panel["title"] for panel in panels(model(path))]
    assert len(titles) == len(set(titles)) > 10
    for panel in panels(model(path)):
        where = panel["title"]
        assert len(panel["description"]) > 10, where
        assert panel["links"] and panel["links"][0]["url"].startswith("/d/evenkeel-"), where
        assert panel["fieldConfig"]["defaults"]["unit"], where
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, where
        assert panel["targets"], where
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"], where
            assert target["legendFormat"], where


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_variables_choose_datasource_cluster_job_and_instance(path):
    variables = {each["name"]: each for each in model(path)["templating"]["list"]}
    assert list(variables) == ["datasource", "cluster", "job", "instance"]
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    for name in ("cluster", "job", "instance"):
        assert variables[name]["label"] and variables[name]["multi"] and variables[name]["includeAll"], name
        assert variables[name]["allValue"] == ".*" and variables[name]["refresh"] == 2, name
        assert variables[name]["datasource"]["uid"] == "${datasource}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_selector_is_narrowed_to_what_is_chosen(path):
    chosen = 'cluster=~"$cluster", job=~"$job", instance=~"$instance"'
    for where, expression in queries(model(path)):
        for name in metrics_in(expression):
            assert re.search(re.escape(name) + r"\{" + re.escape(chosen), expression), f"{where}: {expression}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_what_every_target_has_is_asked_of_agents_alone(path):
    for where, expression in queries(model(path)):
        if metrics_in(expression) & {"up"} or "process_" in expression:
            assert "and on (job, instance) last_over_time(evenkeel_build_info{" in expression, f"{where}: {expression}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_rates_use_grafanas_own_interval_and_counters_only(path):
    types = documented()
    for where, expression in queries(model(path)):
        assert set(re.findall(r"\[([^\]]*)\]", expression)) <= {"$__rate_interval", "$__range"}, where
        bare = re.sub(r"\{[^}]*\}", "", expression)
        rated = set(re.findall(r"(?:rate|increase)\((\w+)\[", bare))
        for name in metrics_in(expression):
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            if types.get(name) == "counter" or types.get(family) == "histogram":
                ok = name in rated or "* 0" in expression
                assert ok, f"{where}: {name} is a counter and not looked at as a rate"
            else:
                assert name not in rated, f"{where}: {name} is no counter"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_metric_is_exported(path):
    known = documented()
    for where, expression in queries(model(path)):
        for name in metrics_in(expression) - {"up"}:
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            assert name in known or known.get(family) == "histogram", f"{where}: {name} is not in METRICS.md"


# promtool reads expressions in rules only, so each becomes one.
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_expression_is_promql(path, tmp_path):
    rules = "groups:\n- name: g\n  rules:\n"
    for number, (_, expression) in enumerate(queries(model(path))):
        rules += f"  - record: r:{number}\n    expr: |\n      {substituted(expression)}\n"
    (tmp_path / "rules.yml").write_text(rules)
    done = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_threshold_is_typed_in(path):
    """1 parts yes from no; whatever else is a limit comes from a metric."""
    for panel in panels(model(path)):
        steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        assert {step["value"] for step in steps} <= {None, 1}, panel["title"]
        for made in panel.get("transformations", []):
            source = next(each for each in panel["targets"] if each["refId"] == made["options"]["configRefId"])
            fields = [mapping["fieldName"] for mapping in made["options"]["mappings"]]
            assert made["id"] == "configFromData" and fields == [source["legendFormat"]], panel["title"]
            assert metrics_in(source["expr"]), panel["title"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_marks_moves_and_decisions(path):
    names = {each["name"] for each in model(path)["annotations"]["list"]}
    assert {"Moves", "Decisions"} <= names


def test_together_they_show_every_metric_of_the_agent():
    shown = set()
    for path in FILES:
        for _, expression in queries(model(path)):
            shown |= {re.sub(r"_(bucket|sum|count)$", "", name) for name in metrics_in(expression)}
    elsewhere = {  # in alerts, or too many for a panel
        "evenkeel_node_health", "evenkeel_node_overloaded", "evenkeel_replica_imbalanced", "evenkeel_replica_highest_ratio",
        "evenkeel_replica_lowest_ratio", "evenkeel_node_memory_expected_bytes", "evenkeel_segment_bytes",
        "evenkeel_segment_rows", "evenkeel_segments_left_out", "evenkeel_alert_decision_timestamp_seconds",
        "evenkeel_config_last_reload_success_timestamp_seconds"}
    assert {name for name in documented() if name.startswith("evenkeel_")} - shown <= elsewhere
