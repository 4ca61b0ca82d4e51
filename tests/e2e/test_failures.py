"""What breaks while the agent works. Each test breaks its own cluster of three query nodes."""
import time
from datetime import datetime, timezone

import pytest
from figures import equal, report, settled, spread
from milvus_api import MilvusError


@pytest.fixture
def cluster(start_cluster):
    cluster = start_cluster(query_nodes=3, collections={"book": {"segments": 6, "rows": 40000, "dim": 128}})
    cluster.skew("book", 1)
    return cluster


def time_of(event):
    return datetime.fromisoformat(event["ts"].replace("Z", "+00:00")).astimezone(timezone.utc).timestamp()


def test_a_query_node_dies_during_a_round(cluster, agent):
    before = settled(cluster)
    capacities = equal(before, 1, 0.8)
    with agent(capacities, difference=15, segments_per_call=1) as a:  # a round of several calls
        a.until("a move under way", 30, a.moves)
        numbers = {f.node: k for k, f in before.items()}
        victim = ({2, 3} - {numbers[int(a.moves()[0]["to"])]}).pop()
        cluster.kill(victim)
        killed = time.time()

        a.until("the node seen as down", 10, lambda: a.metric(
            "evenkeel_node_up", node_id=str(before[victim].node)) == 0)
        noticed = time.time() - killed
        a.until("Milvus giving the node up", 60, lambda: before[victim].node not in cluster.node_ids().values())
        gave_up = time.time() - killed
        a.until_balanced(120, moves=2)
        after = settled(cluster)
        report("A query node killed during a round", before, after, capacities, a)
        print(f"  node {before[victim].node} killed; the agent noticed in {noticed:.1f} s, Milvus in {gave_up:.1f} s")
        late = [m for m in a.moves() if int(m["to"]) == before[victim].node and time_of(m) > killed]
    assert late == [], "segments were sent to a dead node"
    assert sum(f.segments.get("book", 0) for f in after.values()) == 6
    assert spread(after, capacities) <= 0.15


def test_the_coordinator_is_away_for_thirty_seconds(cluster, agent):
    before = settled(cluster)
    capacities = equal(before, 1, 0.8)
    with agent(capacities, difference=15, segments_per_call=1) as a:
        a.until("a move under way", 30, a.moves)
        cluster.stop_coordinator()
        back = time.monotonic() + 30
        a.until("the coordinator seen as down", 15, lambda: a.metric("evenkeel_coordinator_up") == 0)
        sent = len(a.moves())
        a.until("thirty seconds", 31, lambda: a.healthy() and time.monotonic() >= back)
        assert len(a.moves()) == sent, "a move was sent to nobody"
        assert a.rounds()[-1] == "cannot_judge"
        assert a.metric("evenkeel_node_up") == 3, "the nodes themselves were well all the time"

        cluster.start_coordinator(wait=False)
        begin = time.monotonic()
        a.until_balanced(120, moves=2)
        took = time.monotonic() - begin
        after = settled(cluster)
        report("The coordinator away for 30 s", before, after, capacities, a)
        print(f"  balanced {took:.1f} s after the coordinator was started again")
        assert a.metric("evenkeel_coordinator_up") == 1
    assert spread(after, capacities) <= 0.15
    with pytest.raises(MilvusError):
        cluster.milvus.segments("no such collection")  # it answers, and says no


def test_milvus_balances_against_the_agent(start_cluster, agent):
    """Traps 12 and 13: the built-in balancer undoes what memory asked for, while its key's lease lasts."""
    cluster = start_cluster(query_nodes=2, collections={"book": {"segments": 6, "rows": 40000, "dim": 128}})
    cluster.skew("book", 1)  # before: everything on the node that is small
    nodes = cluster.node_ids()

    def on_big():
        return sum(nodes[2] in s["nodes"] for s in cluster.milvus.segments("book"))

    def wait_until(what, seconds, condition):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
            time.sleep(0.5)

    with agent({1: 16 << 30, 2: 16 << 30}) as a:
        a.until("a first round", 20, lambda: a.metric("evenkeel_builtin_balancer_hold", state="quiet") == 1)
        cluster.configure("queryCoord/autoBalance", "true", lease=45)
        wait_until("level by rows", 40, lambda: on_big() == 3)
        a.until("three moves of somebody else", 10, lambda: a.metric(
            "evenkeel_foreign_moves_total", node_id=str(nodes[2]), direction="in") == 3)
        assert a.metric("evenkeel_foreign_moves_total", node_id=str(nodes[1]), direction="out") == 3
        assert a.metric("evenkeel_builtin_balancer_hold", state="active") == 1
        assert a.metric("evenkeel_moves_undone_total") == 0, "the agent moved nothing"
    before = settled(cluster)
    capacities = {1: before[1].memory / 0.8, 2: before[2].memory / 0.2}
    cluster.configure("queryCoord/autoBalance", "true", lease=45)
    with agent(capacities, difference=30) as a:
        a.until("a move by memory", 30, lambda: on_big() > 3)
        a.until("Milvus moving it back", 45, lambda: on_big() == 3)
        a.until("that somebody else balances", 10,
                lambda: a.metric("evenkeel_builtin_balancer_hold", state="active") == 1)
        undone = settled(cluster)
        report("Milvus's own balancer against the agent", before, undone, capacities, a)
        assert len(a.moves()) >= 1
        assert a.moved_twice() == [], "a quarrel that goes round in circles"

    # The lease runs out: the balancer is off again, and nobody had to do it.
    wait_until("the lease's end", 60, lambda: not cluster.configured("queryCoord/autoBalance"))
    cluster.skew("book", 1)
    time.sleep(25)  # it took about 20 s to restore
    assert on_big() == 0, "the built-in balancer is still at work"
