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
def test_variables_choose_what_is_looked_at(path):
    variables = {each["name"]: each for each in model(path)["templating"]["list"]}
    nodes = ["node", "collection"] if path.stem == "evenkeel-cluster" else []
    assert list(variables) == ["datasource", "cluster", "namespace", "job", "instance", *nodes]
    source = variables.pop("datasource")
    assert source["type"] == "datasource" and source["query"] == "prometheus" and source["label"] == "Data source"
    for name, variable in variables.items():
        assert variable["label"] == name.title() and variable["multi"] and variable["includeAll"], name
        # Cluster and namespace may be missing.
        assert variable["allValue"] == (".*" if name in ("cluster", "namespace") else ".+") and variable["refresh"] == 2, name
        assert variable["type"] == "query" and variable["query"].startswith("label_values(evenkeel_"), name
        assert variable["datasource"]["uid"] == "${datasource}"


def test_nodes_and_collections_can_be_chosen():
    below = [panel for panel in panels(model(FILES[1])) if panel["type"] != "stat"]
    for panel in below:
        for metric, selector in re.findall(r"(evenkeel_(?:node|replica)_\w+){([^}]*)}", " ".join(each["expr"] for each in panel["targets"])):
            if metric.startswith("evenkeel_node_"):
                assert 'node_id=~"$node"' in selector, panel["title"]
            if metric.startswith(("evenkeel_node_collection_", "evenkeel_replica_")):
                assert 'collection=~"$collection"' in selector, panel["title"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_graph_has_a_line_for_each_of_a_thousand_nodes(path):
    for panel in panels(model(path)):
        for target in panel["targets"]:
            if re.search(r"{{(node_id|collection|target|address)}}", target["legendFormat"]):
                assert re.search(r"\b(topk|bottomk)\(20, ", target["expr"]), panel["title"]
    listed = [panel for panel in panels(model(path)) if panel["type"] == "table" and "by (node_id" in panel["targets"][0]["expr"]]
    assert all("topk(200, " in panel["targets"][0]["expr"] for panel in listed)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_what_is_counted_has_no_decimals_and_a_figure_without_data_says_so(path):
    for panel in panels(model(path)):
        defaults = panel["fieldConfig"]["defaults"]
        if defaults["unit"] == "short":
            assert defaults["decimals"] == 0, panel["title"]
        if panel["type"] == "stat":
            assert defaults["noValue"], panel["title"]


def test_a_healthy_cluster_has_a_sentence_in_place_of_no_data():
    """Where the series are absent though nothing is wrong."""
    said = {panel["title"]: panel["fieldConfig"]["defaults"].get("noValue") for path in FILES for panel in panels(model(path))
            if panel["type"] != "stat"}
    for title in ("Time until each node is overloaded", "Growth of memory", "Memory of segments by node and collection",
                  "Segments by node and collection", "Rows by node and collection", "State of each replica", "Gates", "Moves held back",
                  "Seconds a move"):
        assert " " in said[title], title


@pytest.mark.parametrize("histogram", [name for name, kind in documented().items() if kind == "histogram"])
def test_each_histogram_has_its_95_percent(histogram):
    shown = [expression for path in FILES for _, expression in queries(model(path))]
    assert any(expression.startswith("histogram_quantile(0.95, ") and f"{histogram}_bucket" in expression for expression in shown)


def test_there_are_three_histograms():
    assert {name for name, kind in documented().items() if kind == "histogram"} == {
        "evenkeel_round_stage_duration_seconds", "evenkeel_round_duration_seconds", "evenkeel_move_duration_seconds"}


def test_the_first_row_says_whether_all_is_well():
    _, *shown = [panel for panel in model(FILES[1])["panels"]][:5]
    assert [panel["title"] for panel in shown] == ["Agents up", "Agent acts", "Nodes read", "Milvus"]
    assert {panel["gridPos"]["y"] for panel in shown} == {1}


def overrides(panel):
    return {each["matcher"]["options"]: {property["id"]: property["value"] for property in each["properties"]}
            for each in panel["fieldConfig"]["overrides"]}


def test_limit_and_stop_mark_have_two_colours():
    (spread,) = [panel for panel in panels(model(FILES[1])) if panel["title"] == "Spread of each replica"]
    colours = [overrides(spread)[mark]["color"]["fixedColor"] for mark in ("limit", "stop mark")]
    assert colours == ["red", "orange"]


def test_a_node_leads_to_the_page_of_its_agent():
    leading = [panel for panel in panels(model(FILES[1])) if "A" in overrides(panel)]
    assert len(leading) >= 5
    for panel in leading:
        address = overrides(panel)["A"]["links"][0]["url"]
        node = "" if panel["title"] == "Spread of each replica" else "#node=${__field.labels.node_id}"
        assert address == "http://${__field.labels.instance}/" + node, panel["title"]
        assert not re.search(r"\bby \(", panel["targets"][0]["expr"]), "the label instance must be there"


def test_a_replica_is_one_row_in_words():
    (states,) = [panel for panel in panels(model(FILES[1])) if panel["title"] == "State of each replica"]
    words = {value: word["text"] for value, word in states["fieldConfig"]["defaults"]["mappings"][0]["options"].items()}
    assert words == {"0": "balanced", "1": "gathering evidence", "2": "nodes differ", "3": "cannot be judged"}
    assert states["targets"][0]["legendFormat"] == "{{collection}} {{replica_id}}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_selector_is_narrowed_to_what_is_chosen(path):
    chosen = 'cluster=~"$cluster", namespace=~"$namespace", job=~"$job", instance=~"$instance"'
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
