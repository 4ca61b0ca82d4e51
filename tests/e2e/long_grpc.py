"""Both roads to a real Milvus 2.3.5, side by side: what Milvus's own client does, and what an agent takes that has nothing to do.

    tests/e2e/run tests/e2e/long_grpc.py        # five minutes
"""
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import evenkeel
import pytest
from figures import MIB, equal, settled

# What Milvus's documentation says to do.
PYMILVUS = """
import json, sys
from pymilvus import connections, utility
connections.connect(host="127.0.0.1", port="19530")
name, source, destination, segments = json.loads(sys.argv[1])
if segments:
    utility.load_balance(name, source, [destination], segments)
print(json.dumps(sorted([s.segmentID, s.num_rows, list(s.nodeIds)] for s in utility.get_query_segment_info(name))))
"""
SECONDS = 60


@pytest.fixture(scope="module")
def cluster(start_cluster):
    return start_cluster(query_nodes=3, collections={"book": {"segments": 6, "rows": 20000, "dim": 128}})


def by_pymilvus(name, source=0, destination=0, segments=()):
    done = subprocess.run([os.environ["PYMILVUS"], "-W", "ignore", "-c", PYMILVUS, json.dumps([name, source, destination, list(segments)])],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def by_evenkeel(config):
    shown = evenkeel.ask("show query_segment", config)["segments"]
    return sorted([int(s["id"]), s["rows"], [int(s["node"])]] for s in shown)


def test_does_what_pymilvus_does(cluster, tmp_path):
    config = tmp_path / "evenkeel.toml"
    config.write_text(evenkeel.configuration(equal(settled(cluster), 1, 0.3), road="grpc"))
    cluster.skew("book", 1)
    nodes = cluster.node_ids()
    at_first = by_pymilvus("book")
    assert by_evenkeel(config) == at_first
    chosen = [segment for segment, _, _ in at_first[:2]]
    outcomes = []
    for move in ("pymilvus", "evenkeel"):
        if move == "pymilvus":
            by_pymilvus("book", nodes[1], nodes[2], chosen)
        else:
            done = evenkeel.run("load_balance", config, "-c", "book", "-s", nodes[1], "-d", nodes[2], "-ss", *chosen, "--force")
            assert done.returncode == 0, done.stdout + done.stderr
        after = by_pymilvus("book")
        assert by_evenkeel(config) == after
        outcomes.append(after)
        cluster.skew("book", 1)
    assert outcomes[0] == outcomes[1]
    assert [holders for segment, _, holders in outcomes[0] if segment in chosen] == [[nodes[2]]] * 2
    print(f"\n  {len(at_first)} segments are the same by both; load_balance of two of them ends the same")


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_idle_on_both_roads(cluster, agent):
    """With the default intervals, against three nodes that are balanced."""
    capacities = equal(settled(cluster), 1, 0.5)
    print()
    for road in ("http", "grpc"):
        starts = []
        for _ in range(5):
            a = agent(capacities, road=road)
            begin = time.monotonic()
            a.start()
            while not evenkeel.answers("/-/ready"):
                assert time.monotonic() < begin + 20
                time.sleep(0.001)
            starts.append(time.monotonic() - begin)
            a.end()
        made = evenkeel.configuration(capacities, road=road, interval=60).replace('interval = "1s"', 'interval = "15s"')
        a = agent(capacities, road=road)
        a.config.write_text(made.replace('timeout = "800ms"', 'timeout = "5s"').replace('max_sample_age = "5s"', 'max_sample_age = "60s"'))
        with a:
            time.sleep(15)
            before = processor_seconds(a.process.pid)
            time.sleep(SECONDS)
            share = (processor_seconds(a.process.pid) - before) / SECONDS
            used = evenkeel.resident(a.process.pid)
        print(f"  {road}: ready after a median of {1000 * statistics.median(starts):.0f} ms; {used['VmRSS']:.1f} MiB resident, "
              f"{used['RssAnon']:.1f} MiB of them its own, {used['Threads']} threads, {100 * share:.2f} % of a core")
        assert statistics.median(starts) < 0.1 and used["VmRSS"] <= 32 and share <= 0.003
    program = Path(evenkeel.PROGRAM)
    print(f"  the program: {program.stat().st_size / MIB:.1f} MiB")
    sys.stdout.flush()
