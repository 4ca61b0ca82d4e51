"""Debian's Prometheus with the configuration that config/ has for everybody, scraping each second."""
import json
import re
import subprocess
import time
import urllib.parse
from pathlib import Path

import alertmanager
from milvus_api import fetch

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "config/prometheus/prometheus.yml"
RULES = ROOT / "dashboards/evenkeel.rules.yml"
ADDRESS = "127.0.0.1:9090"


class Prometheus:
    """`with Prometheus(folder) as p: p.has_data(query)`."""

    def __init__(self, folder, hold=None):
        """`hold`: how long an alert's condition holds before it fires, in place of what the rules say."""
        self.folder = Path(folder)
        self.hold = hold
        self.process = None
        self.started = time.time()

    def __enter__(self):
        text = CONFIGURATION.read_text()
        assert "scrape_interval: 15s" in text and "../../dashboards/" in text
        text = text.replace("15s", "1s").replace("../../dashboards/", f"{self.folder}/")
        text = text.replace("127.0.0.1:9093", alertmanager.ADDRESS)
        rules = RULES.read_text()
        if self.hold is not None:
            rules = re.sub(r"\bfor: \w+", f"for: {self.hold}", rules)
        (self.folder / RULES.name).write_text(rules)
        (self.folder / "prometheus.yml").write_text(text)
        self.log = open(self.folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/tsdb",
             f"--web.listen-address={ADDRESS}"], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.ready():
            assert self.process.poll() is None, (self.folder / "prometheus.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "Prometheus is not ready within 20 s"
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    @staticmethod
    def ready():
        try:
            fetch(f"http://{ADDRESS}/-/ready")
            return True
        except OSError:
            return False

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
