"""The agent holds Milvus's own balancer off while it moves, and when it dies the balancer is back by itself."""
import signal
import time

from figures import report, settled

LEASE = 15
HOLD = f"""
[etcd]
endpoints = ["http://127.0.0.1:2379"]
[builtin_balancer]
mode = "hold"
lease = "{LEASE}s"
"""
KEY = "queryCoord/autoBalance"


def wait_until(what, seconds, condition):
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - begin


def test_holds_the_balancer_off_and_gives_it_back_when_it_is_killed(start_cluster, agent):
    cluster = start_cluster(query_nodes=2, collections={"book": {"segments": 6, "rows": 40000, "dim": 128}},
                            auto_balance=True)
    nodes = cluster.node_ids()

    def on_big():
        return sum(nodes[2] in s["nodes"] for s in cluster.milvus.segments("book"))

    wait_until("level by rows", 60, lambda: on_big() == 3)
    before = settled(cluster)
    capacities = {1: before[1].memory / 0.8, 2: before[2].memory / 0.2}
    with agent(capacities, difference=30, more=HOLD) as a:
        a.until("a move by memory", 60, lambda: on_big() > 3)
        first = a.events("move started")[0]["ts"]
        held = next(e["ts"] for e in a.events("built-in balancer") if e["state"] == "held")
        assert held < first, "a move began before the balancer was held off"
        assert cluster.configured(KEY)
        a.until("a round that moved", 60, lambda: "moved" in a.rounds())
        moved = on_big()
        end = time.monotonic() + 40  # without a hold Milvus moves back after about 20 s
        while time.monotonic() < end:
            assert on_big() >= moved, "Milvus moved back what was moved under the hold"
            time.sleep(1)
        assert a.metric("evenkeel_builtin_balancer_hold", state="held") == 1
        assert a.metric("evenkeel_moves_undone_total") == 0
        after = settled(cluster)
        report("Milvus's own balancer held off", before, after, capacities, a)

        a.signal(signal.SIGKILL)
        a.process.wait()
        gone = wait_until("the end of the hold", LEASE + 5, lambda: not cluster.configured(KEY))
    back = wait_until("level by rows again", 60, lambda: on_big() == 3)
    print(f"  killed; the key was gone after {gone:.1f} s, Milvus level by rows again {back:.1f} s later")
