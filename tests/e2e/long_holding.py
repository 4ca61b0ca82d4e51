"""Is it worth while to hold Milvus's own balancer off? Three skews, each four times from the same placement: Milvus's
balancer alone, the agent beside it, and the agent that holds it off, while it moves or always. A client searches all the time.

    tests/e2e/run tests/e2e/long_holding.py        # half an hour
"""
import contextlib
import threading
import time
from collections import Counter

import pytest
from figures import MIB, measure, ratios, settled, spread
from milvus_api import Milvus, MilvusError

KEY = "queryCoord/autoBalance"
SECONDS = 120
HOLD = """
[etcd]
endpoints = ["http://127.0.0.1:2379"]
[builtin_balancer]
mode = "hold"
hold_for = "always"
lease = "15s"
"""
BESIDE = """
[builtin_balancer]
mode = "ignore"
"""
WAYS = {"Milvus's balancer alone": None, "the agent beside it": BESIDE,
        "held off during moves": HOLD.replace("always", "moves"), "held off always": HOLD}


class Searches:
    """A client that searches each collection in turn, until the end of the block."""

    def __init__(self, dims):
        self.dims, self.done, self.failed, self.stop = dims, 0, Counter(), threading.Event()
        self.thread = threading.Thread(target=self.go_on)

    def go_on(self):
        milvus = Milvus()
        while not self.stop.is_set():
            for name, dim in self.dims.items():
                try:
                    milvus.search(name, dim)
                except MilvusError as error:
                    self.failed[str(error)[:300]] += 1
                self.done += 1
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


class Placements:
    """Where each segment is, asked each half second; what has moved, and what has moved back."""

    def __init__(self, cluster, names):
        self.cluster, self.names = cluster, names
        self.homes = {segment: [node] for segment, node in self.now().items()}
        self.begin = self.last = time.monotonic()

    def now(self):
        """{(collection, segment): node}, without those that are on two nodes or on none at this moment."""
        return {(name, s["id"]): s["nodes"][0] for name in self.names for s in self.cluster.milvus.segments(name)
                if len(s["nodes"]) == 1 and s["nodes"][0]}

    def look(self):
        with contextlib.suppress(MilvusError):
            for segment, node in self.now().items():
                if self.homes.setdefault(segment, [node])[-1] != node:
                    self.homes[segment].append(node)
                    self.last = time.monotonic()

    def moved(self):
        return [segment for segment, homes in self.homes.items() for _ in homes[1:]]

    def undone(self):
        return sum(homes[i] == homes[i - 2] for homes in self.homes.values() for i in range(2, len(homes)))

    def put_back(self):
        """To where each was at first."""
        for (name, segment), node in self.now().items():
            if (home := self.homes[name, segment][0]) != node:
                self.cluster.milvus.load_balance(name, node, [home], [segment])


def wide_and_narrow(cluster):
    cluster.load("wide", segments=6, rows=10000, dim=512)
    cluster.load("narrow", segments=6, rows=10000, dim=16)
    cluster.skew("wide", 1)
    cluster.skew("narrow", 2)
    before = settled(cluster)
    return {"wide": 512, "narrow": 16}, dict.fromkeys(before, before[1].memory / 0.8), {}


def unequal_capacities(cluster):
    cluster.load("book", segments=9, rows=40000, dim=128)
    before = level_by_rows(cluster)
    return {"book": 128}, {k: f.memory / (0.4 if k == 1 else 0.85) for k, f in before.items()}, {}


def near_the_limit(cluster):
    cluster.load("book", segments=9, rows=40000, dim=128)
    before = level_by_rows(cluster)
    # The difference alone would not fire.
    return {"book": 128}, {k: f.memory / (0.96 if k == 2 else 0.6) for k, f in before.items()}, {"difference": 75}


def level_by_rows(cluster):
    nodes = sorted(cluster.node_ids().values())
    for index, segment in enumerate(sorted(cluster.milvus.segments("book"), key=lambda s: s["id"])):
        if segment["nodes"] != [nodes[index % 3]]:
            cluster.milvus.load_balance("book", segment["nodes"][0], [nodes[index % 3]], [segment["id"]])
    return settled(cluster)


@pytest.mark.parametrize("skew", [wide_and_narrow, unequal_capacities, near_the_limit])
def test_holding(skew, start_cluster, agent):
    cluster = start_cluster(query_nodes=3, auto_balance=True, memory_friendly=True)
    cluster.configure(KEY, "false")
    dims, capacities, settings = skew(cluster)
    first = Placements(cluster, dims)
    print(f"\n\n  {skew.__name__}: {', '.join(f'{ratio:.0%}' for ratio in ratios(measure(cluster), capacities).values())}"
          f", a spread of {spread(measure(cluster), capacities):.1%}")
    for way, more in WAYS.items():
        first.put_back()
        settled(cluster)
        placements = Placements(cluster, dims)
        assert placements.homes == {segment: homes[:1] for segment, homes in first.homes.items()}
        cluster.unconfigure(KEY)
        running = agent(capacities, more=more, **settings) if more else contextlib.nullcontext()
        with Searches(dims) as searches, running as a:
            while time.monotonic() < placements.begin + SECONDS:
                placements.look()
                time.sleep(0.5)
            undone = placements.undone()
            after = settled(cluster)
        cluster.configure(KEY, "false")
        moved = placements.moved()
        size = sum(10000 * 4 * dims[name] * (4 if name == "book" else 1) for name, _ in moved)
        print(f"  {way:>24}: spread {spread(after, capacities):6.1%}, fullest {max(ratios(after, capacities).values()):.0%}, "
              f"{len(moved):3} moves of {size / MIB:5.0f} MiB, {undone:3} undone, the last after "
              f"{placements.last - placements.begin:4.0f} s; {sum(searches.failed.values())} of {searches.done} searches failed")
        for error, times in searches.failed.most_common(3):
            print(f"{'':>28}{times} x {error}")
        if more is HOLD:
            assert not searches.failed, "a search failed under the hold"
            assert undone == 0
