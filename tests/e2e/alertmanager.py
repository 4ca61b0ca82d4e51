"""Debian's Alertmanager, or that of the path in ALERTMANAGER, with the configuration that config/ has for everybody, but for its
patience."""
import os
from pathlib import Path

from service import Service

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "config/alertmanager/alertmanager.yml"
ADDRESS = "127.0.0.1:9193"  # Kafka has 9093


class Alertmanager(Service):
    """`with Alertmanager(folder, token):` the token is what it sends to the agent's webhook."""

    def __init__(self, folder, token):
        text = CONFIGURATION.read_text()
        assert "group_wait: 5s" in text and "credentials_file: evenkeel.token" in text
        (folder / "alertmanager.yml").write_text(text.replace("group_wait: 5s", "group_wait: 1s"))
        (folder / "evenkeel.token").write_text(token)
        super().__init__(
            folder, "alertmanager",
            [os.environ.get("ALERTMANAGER", "prometheus-alertmanager"), f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alertmanager",
             f"--web.listen-address={ADDRESS}", "--cluster.listen-address="],
            ready=f"http://{ADDRESS}/-/ready")
