"""The dashboards as Grafana reads them, and what they are held against."""
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dashboards"
FILES = sorted(FOLDER.glob("evenkeel-*.json"))


def model(path):
    return json.loads(path.read_text())


def panels(dashboard):
    """All but rows, those folded into rows included."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels") or []
        else:
            yield panel


def queries(dashboard):
    """(where, expression) of every panel and annotation."""
    for panel in panels(dashboard):
        for target in panel["targets"]:
            yield f"{dashboard['title']} / {panel['title']} / {target['refId']}", target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield f"{dashboard['title']} / annotation {annotation['name']}", annotation["expr"]


def substituted(expression, **variables):
    """As Grafana would send it, with everything chosen."""
    values = {"cluster": ".*", "namespace": ".*", "job": ".+", "instance": ".+", "node": ".+", "collection": ".+",
              "__rate_interval": "1m", "__range": "1h", "__interval": "15s", **variables}
    return re.sub(r"\$\{?(\w+)\}?", lambda found: values[found[1]], expression)


def metrics_in(expression):
    """Names of metrics that an expression reads; without functions, labels and what stands in strings."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}", "{}", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    return set(re.findall(r"\b(?:evenkeel|process)[\w:]*|\bup\b", bare))


def documented():
    """The families of METRICS.md: {name: type}."""
    return dict(re.findall(r"^\| `([a-z0-9_]+)` \| ([a-z]+)", (FOLDER / "METRICS.md").read_text(), re.MULTILINE))
