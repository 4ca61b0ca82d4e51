"""The pictures of ARCHITECTURE.md: their ports are those of the configuration, and a round has its seven steps."""
import re
import tomllib

import yaml
from pages import ROOT, blocks

PAGE = (ROOT / "ARCHITECTURE.md").read_text()
TALK, ROUND = (block.text for block in blocks("mermaid") if block.where.startswith("ARCHITECTURE.md:"))
ARROW = r"^ *(\w+) (?:-->|-\.->)(?:\|\"(\d+) [^\"]+\"\|)? (\w+)$"


def port_of(address):
    return re.search(r":(\d+)/?$", address)[1]


def configured():
    """{who is talked to: the ports}, as the configuration has them."""
    text = (ROOT / "config/evenkeel.toml").read_text()
    settings = tomllib.loads(text)
    prometheus = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())
    grafana = yaml.safe_load((ROOT / "config/grafana/provisioning/datasources/prometheus.yml").read_text())
    alertmanager = yaml.safe_load((ROOT / "config/alertmanager/alertmanager.yml").read_text())

    def target(found):
        return port_of(found["static_configs"][0]["targets"][0])

    jobs = {job["job_name"]: target(job) for job in prometheus["scrape_configs"]}
    hooks = [hook["url"] for each in alertmanager["receivers"] for hook in each.get("webhook_configs", [])]
    return {
        "agent": {port_of(settings["web"]["listen_address"]), jobs["evenkeel"],
                  *(re.search(r":(\d+)/", url)[1] for url in hooks)},
        "proxy": {port_of(settings["milvus"]["address"]),
                  re.search(r'^# For example "http://[\d.]+:(\d+)"', text, re.MULTILINE)[1]},
        "etcd": {re.search(r'^# \["http://[\w-]+:(\d+)"', text, re.MULTILINE)[1]},
        "nodes": {str(settings["scrape"]["port"])},
        "cluster": {jobs["milvus"]},
        "prometheus": {port_of(grafana["datasources"][0]["url"])},
        "alertmanager": {target(prometheus["alerting"]["alertmanagers"][0])},
    }


def test_ports_are_those_of_the_configuration():
    drawn = {}
    for _, port, to in re.findall(ARROW, TALK, re.MULTILINE):
        if port:
            drawn.setdefault(to, set()).add(port)
    assert drawn == configured()
    in_the_table = re.findall(r"^\| .+? \| .+? \| (\d+) \|", PAGE, re.MULTILINE)
    assert set(in_the_table) == set().union(*drawn.values())


def test_everybody_in_the_picture_of_who_talks_to_whom_has_a_name():
    arrows = [line for line in TALK.splitlines() if "->" in line]
    named = set(re.findall(r"^ *(?:subgraph )?(\w+)\(?\[", TALK, re.MULTILINE))
    for line in arrows:
        assert re.match(ARROW, line), line
        assert {re.match(ARROW, line)[1], re.match(ARROW, line)[3]} <= named, line


def test_a_round_has_its_steps_in_order():
    steps = re.search(r"^One round: (.*)\.", (ROOT / "rules/DECIDING.md").read_text(), re.MULTILINE)[1].split(".")[0].split(", ")
    assert len(steps) == 7
    assert re.findall(r"^ *Note over [\w,]+: (\w+)$", ROUND, re.MULTILINE) == steps
    assert re.findall(r"^\| (\w+) \|", PAGE.split("| step |")[1], re.MULTILINE) == steps


def test_messages_go_between_participants_and_every_box_is_closed():
    known = set(re.findall(r"^ *participant (\w+) as ", ROUND, re.MULTILINE))
    for line in ROUND.splitlines():
        assert not re.search(r"[;#]", line), f"that ends a statement: {line}"
        if "->>" in line:
            sent = re.fullmatch(r" *(\w+)-?->>(\w+): \S.*", line)
            assert sent and {sent[1], sent[2]} <= known, line
    for text in (TALK, ROUND):
        opened = re.findall(r"^ *(?:subgraph|loop|par|alt|opt) ", text, re.MULTILINE)
        assert len(opened) == len(re.findall(r"^ *end$", text, re.MULTILINE))


def test_the_comparisons_figures_are_those_of_the_picture():
    drawn = re.sub(r"<[^>]*>", "\n", (ROOT / "dashboards/pictures/balancers.svg").read_text())
    figures = re.findall(r"^ *(\d[\d.]*)(?: %)? *$", drawn, re.MULTILINE)
    done, spread, _, broke = (figures[at:at + 4] for at in range(0, 16, 4))
    page = (ROOT / "agent/milvus/BALANCERS.md").read_text().split("## Figures")[1]
    rows = re.findall(r"^\| (.+?) \| (\d+) % \| ([\d.]+) points \| (\d+) % \|$", page, re.MULTILINE)
    assert [name for name, *_ in rows] == ["Evenkeel", "Milvus 2.1's memory rule", "row-count score", "greedy by memory"]
    assert [list(column) for column in zip(*rows)][1:] == [done, spread, broke]
