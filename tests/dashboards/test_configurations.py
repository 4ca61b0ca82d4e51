"""The example configurations, read by those who will read them."""
import re
import subprocess

from dashboards import FILES, FOLDER, ROOT

CONFIG = ROOT / "config"


def check(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_reads_its_configuration_and_the_rules():
    assert "23 rules found" in check("promtool", "check", "config", str(CONFIG / "prometheus/prometheus.yml"))


def test_alertmanager_reads_its_configuration():
    check("amtool", "check-config", str(CONFIG / "alertmanager/alertmanager.yml"))


def test_alertmanager_sends_the_agent_alerts_that_exist_and_all_to_people():
    def receivers(alert):
        return check("amtool", "config", "routes", "test", "--config.file", str(CONFIG / "alertmanager/alertmanager.yml"),
                     f"alertname={alert}").split()

    rules = (FOLDER / "evenkeel.rules.yml").read_text()
    asked = [alert for alert in re.findall(r"- alert: (\w+)", rules) if "evenkeel" in ",".join(receivers(alert)).split(",")]
    assert asked == ["EvenkeelNodeOverloaded", "EvenkeelDifferenceTooLarge"]
    for alert in re.findall(r"- alert: (\w+)", rules):
        assert "people" in ",".join(receivers(alert)).split(","), alert


def test_what_alertmanager_sends_the_agent_is_bounded():
    text = (CONFIG / "alertmanager/alertmanager.yml").read_text()
    assert re.findall(r"url: \S+/api/v1/alerts", text)
    assert len(re.findall(r"url: \S+/api/v1/alerts", text)) == len(re.findall(r"max_alerts: [1-9]\d{0,2}\b", text))


def test_grafana_is_told_of_the_folder_and_the_source():
    provider = (CONFIG / "grafana/provisioning/dashboards/evenkeel.yml").read_text()
    assert "type: file" in provider and "path: " in provider
    assert "type: prometheus" in (CONFIG / "grafana/provisioning/datasources/prometheus.yml").read_text()
    assert len(FILES) == 3
