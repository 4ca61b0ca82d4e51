"""Debian's Prometheus with the configuration that config/ has for everybody, scraping each second."""
import json
import re
import time
import urllib.parse
from pathlib import Path

import alertmanager
from milvus_api import fetch
from service import Service

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "config/prometheus/prometheus.yml"
RULES = ROOT / "dashboards/evenkeel.rules.yml"
ADDRESS = "127.0.0.1:9090"


class Prometheus(Service):
    """`with Prometheus(folder) as p: p.has_data(query)`."""

    def __init__(self, folder, hold=None):
        """`hold`: how long the condition of an alert that waits a minute holds before it fires. Those that wait longer do so."""
        text = CONFIGURATION.read_text()
        assert "scrape_interval: 15s" in text and "../../dashboards/" in text
        text = text.replace("15s", "1s").replace("../../dashboards/", f"{folder}/")
        text = text.replace("127.0.0.1:9093", alertmanager.ADDRESS)
        rules = RULES.read_text()
        if hold is not None:
            rules = re.sub(r"\bfor: 1m$", f"for: {hold}", rules, flags=re.MULTILINE)
        (folder / RULES.name).write_text(rules)
        (folder / "prometheus.yml").write_text(text)
        super().__init__(
            folder, "prometheus",
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
             f"--web.listen-address={ADDRESS}"],
            ready=f"http://{ADDRESS}/-/ready")
        self.started = time.time()

    @staticmethod
    def ask(path, **parameters):
        answer = json.loads(fetch(f"http://{ADDRESS}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=20))
        assert answer["status"] == "success", answer
        return answer["data"]

    def has_data(self, query):
        """At any second since the start."""
        return bool(self.ask("query_range", query=query, start=self.started, end=time.time(), step="1s")["result"])

    def firing(self, alert):
        return bool(self.ask("query", query=f'ALERTS{{alertname="{alert}",alertstate="firing"}}')["result"])

    def rules(self):
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
