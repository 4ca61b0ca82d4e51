"""The dashboards as dashboards/preview draws them from a Prometheus: labelled so, since Grafana's own server is not here."""
import contextlib
import functools
import http.server
import threading
import time
import urllib.parse
from pathlib import Path

import prometheus

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("cluster", "decisions", "agent")
LATER = {"Time until each node is overloaded", "Growth of memory"}  # a forecast needs a quarter of an hour


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served():
    """The folder dashboards/; gives the preview's address."""
    files = functools.partial(Files, directory=ROOT / "dashboards")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/preview/"
        finally:
            server.shutdown()


def pictures(browser, folder, begin, names=NAMES):
    """FOLDER/dashboard-NAME.png of each dashboard from `begin` to now; gives {name: {title of a panel: its words}}."""
    end, shown = time.time(), {}
    with served() as address:
        for name in names:
            asked = {"dashboard": name, "prometheus": f"http://{prometheus.ADDRESS}", "interval": 1, "from": begin, "to": end}
            browser.resize(1400, 900)
            browser.open(f"{address}?{urllib.parse.urlencode(asked)}")
            browser.until("all panels", lambda: browser.script("return document.body.dataset.done"))
            browser.screenshot(folder / f"dashboard-{name}.png")
            shown[name] = browser.script("""return Object.fromEntries([...document.querySelectorAll('section')].map(
                panel => [panel.querySelector('h3').textContent, panel.querySelector('.body').innerText]))""")
            assert "Preview, not Grafana" in browser.text("header")
            states = browser.script("""return Object.fromEntries([...document.querySelectorAll('section')].map(
                panel => [panel.querySelector('h3').textContent, panel.dataset.state]))""")
            assert {title: state for title, state in states.items() if state != "drawn"} == \
                {title: "empty" for title in LATER & states.keys()}, shown[name]
            assert browser.complaints() == []
    return shown
