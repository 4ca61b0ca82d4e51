"""Debian's Alertmanager with the configuration that config/ has for everybody, but for its patience."""
import subprocess
import time
from pathlib import Path

from milvus_api import fetch

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "config/alertmanager/alertmanager.yml"
ADDRESS = "127.0.0.1:9193"  # Kafka has 9093


class Alertmanager:
    """`with Alertmanager(folder, token):` the token is what it sends to the agent's webhook."""

    def __init__(self, folder, token):
        self.folder = Path(folder)
        self.token = token
        self.process = None

    def __enter__(self):
        text = CONFIGURATION.read_text()
        assert "group_wait: 5s" in text and "credentials_file: evenkeel.token" in text
        (self.folder / "alertmanager.yml").write_text(text.replace("group_wait: 5s", "group_wait: 1s"))
        (self.folder / "evenkeel.token").write_text(self.token)
        self.log = open(self.folder / "alertmanager.log", "wb")
        self.process = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={self.folder}/alertmanager.yml",
             f"--storage.path={self.folder}/alertmanager", f"--web.listen-address={ADDRESS}",
             "--cluster.listen-address="], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.ready():
            assert self.process.poll() is None, (self.folder / "alertmanager.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "Alertmanager is not ready within 20 s"
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
