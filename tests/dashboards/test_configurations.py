"""The example configurations, read by those who will read them."""
import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from dashboards import FILES, FOLDER, ROOT

CONFIG = ROOT / "config"
# Debian's, or the one of this path, with its amtool beside it.
ALERTMANAGER = os.environ.get("ALERTMANAGER", "prometheus-alertmanager")
AMTOOL = str(Path(ALERTMANAGER).parent / "amtool") if "ALERTMANAGER" in os.environ else "amtool"


def check(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_reads_its_configuration_and_the_rules():
    assert "26 rules found" in check("promtool", "check", "config", str(CONFIG / "prometheus/prometheus.yml"))


def test_alertmanager_reads_its_configuration():
    check(AMTOOL, "check-config", str(CONFIG / "alertmanager/alertmanager.yml"))


def test_alertmanager_sends_the_agent_alerts_that_exist_and_all_to_people():
    def receivers(alert):
        return check(AMTOOL, "config", "routes", "test", "--config.file", str(CONFIG / "alertmanager/alertmanager.yml"),
                     f"alertname={alert}").split()

    rules = (FOLDER / "evenkeel.rules.yml").read_text()
    asked = [alert for alert in re.findall(r"- alert: (\w+)", rules) if "evenkeel" in ",".join(receivers(alert)).split(",")]
    assert asked == ["EvenkeelNodeOverloaded", "EvenkeelNodeStaysOverloaded", "EvenkeelDifferenceTooLarge"]
    for alert in re.findall(r"- alert: (\w+)", rules):
        assert "people" in ",".join(receivers(alert)).split(","), alert


def test_what_alertmanager_sends_the_agent_is_bounded():
    text = (CONFIG / "alertmanager/alertmanager.yml").read_text()
    assert re.findall(r"url: \S+/api/v1/alerts", text)
    assert len(re.findall(r"url: \S+/api/v1/alerts", text)) == len(re.findall(r"max_alerts: [1-9]\d{0,2}\b", text))


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory):
    """The address of an Alertmanager with the example configuration."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "evenkeel.token").write_text("token")
    (folder / "alertmanager.yml").write_text((CONFIG / "alertmanager/alertmanager.yml").read_text())
    process = subprocess.Popen(
        [ALERTMANAGER, f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data",
         f"--web.listen-address={address}", "--cluster.listen-address="], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                urllib.request.urlopen(f"http://{address}/-/ready", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < end and process.poll() is None
                time.sleep(0.05)
        yield f"http://{address}/api/v2/alerts"
    finally:
        process.terminate()
        process.wait(10)


NODE = {"instance": "a", "node_id": "3"}


@pytest.mark.parametrize("source, target, held", [
    ({"alertname": "EvenkeelNodeStaysOverloaded", **NODE}, {"alertname": "EvenkeelNodeOverloaded", **NODE}, True),
    ({"alertname": "EvenkeelNodeStaysOverloaded", **NODE}, {"alertname": "EvenkeelNodeOverloaded", **NODE, "node_id": "4"}, False),
    ({"alertname": "EvenkeelOverloadUnfixable", **NODE}, {"alertname": "EvenkeelNodeStaysOverloaded", **NODE}, True),
    ({"alertname": "EvenkeelMemoryStays", **NODE}, {"alertname": "EvenkeelNodeOverloaded", **NODE}, True),
    ({"alertname": "EvenkeelCoordinatorUnreachable", "instance": "a"}, {"alertname": "EvenkeelMetricsStale", **NODE}, True),
    ({"alertname": "EvenkeelCoordinatorUnreachable", "instance": "a"}, {"alertname": "EvenkeelNodeOverloaded", **NODE}, False),
    ({"alertname": "EvenkeelCoordinatorUnreachable", "instance": "a"}, {"alertname": "EvenkeelNoDecisions", "instance": "b"}, False),
    ({"alertname": "EvenkeelJournalNotWritable", "instance": "a"}, {"alertname": "EvenkeelStuck", "instance": "a", "gate": "journal"}, True),
    ({"alertname": "EvenkeelJournalNotWritable", "instance": "a"}, {"alertname": "EvenkeelStuck", "instance": "a", "gate": "paused"}, False),
    ({"alertname": "EvenkeelPauseForgotten", "instance": "a"}, {"alertname": "EvenkeelStuck", "instance": "a", "gate": "paused"}, True),
    ({"alertname": "EvenkeelTwoAgentsActing", "instance": "a"}, {"alertname": "EvenkeelMovesUndone", "instance": "a"}, True),
])
def test_one_cause_is_one_page(alertmanager, request, source, target, held):
    # Alertmanager takes alerts in their order, but learns beside its answers what they hold back: of the last pair it is known.
    last = [{"alertname": "EvenkeelPauseForgotten", "instance": "last"}, {"alertname": "EvenkeelStuck", "instance": "last", "gate": "paused"}]
    case = {"cluster": request.node.name}  # apart from the other cases
    sent = json.dumps([{"labels": case | labels} for labels in (source, target, *last)]).encode()
    urllib.request.urlopen(urllib.request.Request(alertmanager, sent, {"Content-Type": "application/json"}), timeout=5).close()
    states, end = {}, time.monotonic() + 10
    while len(states) < 4 or "unprocessed" in states.values() or states["last", "EvenkeelStuck"] != "suppressed":
        assert time.monotonic() < end, states
        time.sleep(0.02)
        with urllib.request.urlopen(alertmanager, timeout=5) as answer:
            states = {(each["labels"]["instance"], each["labels"]["alertname"]): each["status"]["state"] for each in json.load(answer)
                      if each["labels"]["cluster"] == case["cluster"]}
    assert states[source["instance"], source["alertname"]] == "active"
    assert states[target["instance"], target["alertname"]] == ("suppressed" if held else "active")


def test_what_inhibits_is_there():
    alerts = set(re.findall(r"- alert: (\w+)", (FOLDER / "evenkeel.rules.yml").read_text()))
    named = set(re.findall(r"Evenkeel\w+", (CONFIG / "alertmanager/alertmanager.yml").read_text())) - {"Evenkeel"}
    assert named <= alerts


def test_grafana_is_told_of_the_folder_and_the_source():
    provider = (CONFIG / "grafana/provisioning/dashboards/evenkeel.yml").read_text()
    assert "type: file" in provider and "path: " in provider
    assert "type: prometheus" in (CONFIG / "grafana/provisioning/datasources/prometheus.yml").read_text()
    assert len(FILES) == 3
