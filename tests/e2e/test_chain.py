"""The whole chain: Milvus → agent → Prometheus → alert → Alertmanager → webhook → the agent moves → the alert resolves.
The pictures in dashboards/pictures are from here."""
import json
import sys
from pathlib import Path

import preview

from alertmanager import Alertmanager
from browser import Browser
from evenkeel import LISTEN, open_window
from figures import equal, measure, ratios, report, settled
from prometheus import Prometheus

sys.path.insert(0, str(Path(__file__).parents[1] / "dashboards"))
import dashboards  # noqa: E402

ALERT = "EvenkeelNodeOverloaded"


def test_an_alert_makes_the_agent_move_and_resolves(start_cluster, agent, tmp_path):
    cluster = start_cluster(query_nodes=3, collections={"book": {"segments": 8, "rows": 40000, "dim": 256}})
    cluster.skew("book", 1)
    before = settled(cluster)
    capacities = equal(before, 1, 0.95)
    # The next round of the interval is ten minutes away: what moves before then, the alert has asked for.
    with agent(capacities, difference=85, interval=600, more=open_window()) as a, Browser() as browser:
        browser.open(f"http://{LISTEN}/")
        browser.until("the overloaded node", lambda: browser.count("#node-list > li.bad") == 1)
        browser.until_says("over", "#node-list li.bad .note")
        browser.screenshot(tmp_path / "page-before.png")
        with Prometheus(tmp_path, hold="5s") as prometheus, Alertmanager(tmp_path, "secret"):
            a.until("the alert", 30, lambda: prometheus.firing(ALERT))
            a.until("a move", 30, a.moves)
            browser.until("a move on the page", lambda: "moving" in browser.text("#now-words").lower() or
                          browser.count("#decision-list > li"))
            browser.screenshot(tmp_path / "page-during.png")
            a.until("the end of the round", 60, a.rounds)
            a.until("the alert's end", 60, lambda: not prometheus.firing(ALERT))
            after = measure(cluster)
            browser.until_says(f"alert {ALERT}", "#decision-list")
            browser.until("no node is overloaded", lambda: browser.count("#node-list > li.bad") == 0)
            browser.screenshot(tmp_path / "page-after.png")
            assert browser.complaints() == []
            report("An alert asks for a round", before, after, capacities, a)
            decisions = json.loads(a.get("/api/v1/decisions"))["decisions"]
            assert {each["trigger"] for each in decisions} == {"alert"}, "no other round than the alert's"
            first = decisions[-1]
            assert ratios(after, capacities)[1] < ratios(before, capacities)[1]
            assert first["alerts"][0]["name"] == ALERT and first["alerts"][0]["fingerprint"]
            assert a.metric("evenkeel_decisions_total", outcome="moved", trigger="alert") >= 1
            assert a.metric("evenkeel_alerts_total", result="accepted") >= 1
            assert a.metric("evenkeel_alert_decision_timestamp_seconds", alertname=ALERT) > 0
            assert a.events("round asked for")[0]["trigger"] == "alert"
            a.until("the time after it in Prometheus", 30, lambda: prometheus.has_data(
                "min(count_over_time(evenkeel_gate_open[10s])) >= 10"))
            drawn = preview.pictures(browser, tmp_path, prometheus.started)
        for path in dashboards.FILES:
            titles = [panel["title"] for panel in dashboards.panels(dashboards.model(path))]
            assert sorted(drawn[path.stem.removeprefix("evenkeel-")]) == sorted(titles)
        assert "overload threshold 90 %" in drawn["cluster"]["Memory of each node as a share of its own capacity"]
        assert "1" == drawn["agent"]["Up"].strip(), "the agent alone, not what else Prometheus scrapes"
