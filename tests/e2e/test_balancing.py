"""A healthy cluster of four query nodes, out of balance in each of the ways that the rules are for."""
import re
import sys
from pathlib import Path

import evenkeel
import pytest
from figures import equal, measure, ratios, report, settled, spread
from prometheus import Prometheus

sys.path.insert(0, str(Path(__file__).parents[1] / "dashboards"))

import dashboards  # noqa: E402

ROAD = "grpc"  # what is here needs no more than Milvus's own clients do
both_roads = pytest.mark.parametrize("road", ["grpc", "http"], indirect=True)

SEGMENT = {"rows": 40000, "dim": 128}  # 20 MiB of vectors


@pytest.fixture(scope="module")
def cluster(start_cluster):
    return start_cluster(query_nodes=4)


@pytest.fixture
def book(cluster):
    """Eight segments; each test skews them as it needs."""
    if "book" not in cluster.milvus.collections():
        cluster.load("book", segments=8, **SEGMENT)
    return "book"


@pytest.fixture
def bare(cluster):
    """The cluster without any collection."""
    for name in cluster.milvus.collections():
        cluster.milvus.drop(name)
    return cluster


def test_a_balanced_cluster_is_left_alone(cluster, book, agent):
    before = settled(cluster)
    assert all(f.segments == {book: 2} for f in before.values()), before
    capacities = equal(before, 1, 0.6)
    with agent(capacities) as a:
        a.until("five rounds", 30, lambda: a.rounds().count("balanced") >= 5)
        report("A balanced cluster, five intervals", before, measure(cluster), capacities, a)
        assert a.moves() == []
        assert set(a.rounds()) <= {"gathering", "cannot_judge", "balanced"}, a.rounds()
        assert a.metric("evenkeel_moves_total") in (0, None)
        assert a.metric("evenkeel_coordinator_up") == 1
        assert a.metric("evenkeel_node_up") == 4
    assert {k: f.segments for k, f in measure(cluster).items()} == {k: f.segments for k, f in before.items()}


# A forecast needs a quarter of an hour of a node's memory: tests/telemetry has these.
FORECASTS = re.compile("evenkeel_node_(threshold_crossing|memory_growth)")


def test_prometheus_has_data_for_every_panel_and_rule(cluster, book, agent, tmp_path):
    cluster.skew(book, 1)
    capacities = equal(settled(cluster), 1, 0.8)
    with Prometheus(tmp_path) as prometheus:
        with agent(capacities, "--dry-run", difference=20) as a:  # what is wrong stays so for some seconds
            a.until("held rounds", 30, lambda: a.rounds().count("held") >= 3)
        with agent(capacities, difference=20, more=evenkeel.open_window()) as a:
            a.until_balanced()
            a.until("some rounds after that", 30, lambda: a.rounds()[-3:] == ["balanced"] * 3)
        without = []
        asked = 0
        for path in dashboards.FILES:
            for where, expression in dashboards.queries(dashboards.model(path)):
                if FORECASTS.search(expression):
                    continue
                asked += 1
                query = dashboards.substituted(expression, __rate_interval="5s", __range="1m")
                if not prometheus.has_data(query):
                    without.append(f"{where}: {query}")
        rules = prometheus.rules()
        ill = [f"{rule['name']}: {rule.get('lastError')}" for rule in rules if rule["health"] != "ok"]
        for rule in rules:
            for name in dashboards.metrics_in(rule["query"]):
                if FORECASTS.search(name):
                    continue
                asked += 1
                if not prometheus.has_data(name):
                    without.append(f"{rule['name']}: {name}")
        print(f"\n  {asked} queries of panels, annotations and rules asked of Prometheus: {len(without)} without data")
    assert without == []
    assert ill == [] and len(rules) == 26


@both_roads
def test_a_skewed_collection_is_levelled(cluster, book, agent):
    cluster.skew(book, 1)
    before = settled(cluster)
    capacities = equal(before, 1, 0.8)
    with agent(capacities, difference=20) as a:
        assert evenkeel.run("plan", a.config).returncode == 3
        a.until_balanced()
        after = settled(cluster)
        report("All of a collection on one node", before, after, capacities, a)
        assert a.moved_twice() == []
        assert evenkeel.run("plan", a.config).returncode == 0
    assert before[1].segments == {book: 8}
    assert spread(before, capacities) > 0.20 >= spread(after, capacities)
    assert sum(f.segments.get(book, 0) for f in after.values()) == 8
    assert after[1].memory < before[1].memory - 40 * 2**20, "the memory of the source did not follow"
    assert {m["why"] for m in a.moves()} == {"difference"}
    assert {m["from"] for m in a.moves()} == {str(before[1].node)}


@both_roads
def test_an_overloaded_node_is_relieved_by_the_least(cluster, book, agent):
    cluster.skew(book, 2)
    before = settled(cluster)
    capacities = equal(before, 2, 0.6) | {2: before[2].memory / 0.96}
    with agent(capacities, overload=90, difference=75) as a:  # the difference alone would not fire
        a.until_balanced()
        after = settled(cluster)
        report("One node above its overload threshold", before, after, capacities, a)
        assert a.moved_twice() == []
        assert a.metric("evenkeel_moves_total", urgency="overload", result="succeeded") >= 1
    assert ratios(before, capacities)[2] > 0.90
    assert all(ratio <= 0.90 for ratio in ratios(after, capacities).values())
    assert {m["why"] for m in a.moves()} == {"overload"}
    assert len(a.moves()) <= 4, "half of the node is far more than it takes"


@both_roads
def test_a_bigger_node_takes_more(cluster, book, agent):
    cluster.skew(book, 2)
    before = settled(cluster)
    small = before[2].memory / 0.85
    capacities = dict.fromkeys(before, small) | {4: small * 1.4}
    with agent(capacities, difference=20) as a:
        a.until_balanced()
        after = settled(cluster)
        report("One node of 1.4 times the capacity", before, after, capacities, a)
        assert a.moved_twice() == []
    assert spread(after, capacities) <= 0.20
    of_book = {k: f.segments.get(book, 0) for k, f in after.items()}
    assert of_book[4] > max(of_book[1], of_book[3]), of_book


def test_rows_are_not_bytes(bare, agent):
    """As many rows on either side: a balancer by rows would leave it so."""
    for name, dim, home in (("wide", 512, 1), ("narrow", 16, 2)):
        bare.load(name, segments=6, rows=10000, dim=dim)
        bare.skew(name, home)
    before = settled(bare)
    capacities = equal(before, 1, 0.8)
    with agent(capacities, difference=20) as a:
        a.until_balanced()
        after = settled(bare)
        report("Wide and narrow rows, equally many", before, after, capacities, a)
        assert a.moved_twice() == []
        sizes = {s["collection_name"]: s["bytes"] for s in evenkeel.ask("show query_segment", a.config)["segments"]}
        print(f"  a segment of 10,000 rows: wide {sizes['wide']} B, narrow {sizes['narrow']} B as the agent counts")
        bytes_moved = [int(move["bytes"]) for move in a.moves()]
    assert spread(before, capacities) > 0.20 >= spread(after, capacities)
    assert before[1].segments == {"wide": 6} and before[2].segments == {"narrow": 6}
    assert after[1].segments["wide"] < 6
    # A few narrow ones may spare a further wide one; what levels is wide.
    assert sum(size for size in bytes_moved if size > 10_000_000) > 0.9 * sum(bytes_moved)
    assert 20_480_000 <= sizes["wide"] <= 23_000_000
    assert 640_000 <= sizes["narrow"] <= 1_500_000


def test_no_move_crosses_replicas(bare, agent):
    bare.load("film", segments=6, replicas=2, **SEGMENT)
    bare.skew("film", 1)
    nodes = bare.node_ids()
    replicas = {r["id"]: set(r["nodes"]) for r in bare.milvus.replicas("film")}
    ours = next(members for members in replicas.values() if nodes[1] in members)
    assert sorted(map(len, replicas.values())) == [2, 2]
    before = settled(bare)
    # The other replica's nodes look far emptier: what a rule that does not see replicas would fill.
    capacities = {k: before[1].memory / (0.8 if node in ours else 0.45) for k, node in nodes.items()}
    with agent(capacities, difference=20) as a:
        a.until_balanced()
        after = settled(bare)
        report("Two replicas on two nodes each", before, after, capacities, a)
        assert a.moved_twice() == []
        moves = a.moves()
    placed = bare.milvus.segments("film")
    assert {int(node) for m in moves for node in (m["from"], m["to"])} == ours
    assert before[1].segments["film"] == 6 and 2 <= after[1].segments["film"] <= 4
    assert spread({k: f for k, f in after.items() if f.node in ours}, capacities) <= 0.20
    for segment in placed:
        assert sorted(len(members & set(segment["nodes"])) for members in replicas.values()) == [1, 1], segment
