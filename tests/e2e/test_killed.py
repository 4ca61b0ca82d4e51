"""The agent is killed by -9 again and again, at random moments: no record of its journal that was finished is lost, and no
move is made twice.

    KILLS=200 tests/e2e/run -k test_killed        # so many deaths; 10 where unset
"""
import contextlib
import json
import os
import random
import re
import sqlite3
import subprocess
import time

from evenkeel import PROGRAM, environment
from turns import MILVUS_PORT, Forwarder, Milvus

KILLS = int(os.environ.get("KILLS", "10"))
DEATHS_A_CLUSTER = 20  # by then it is level
PORT = 19120

CONFIGURATION = """
[milvus]
address = "http://127.0.0.1:{milvus}"
timeout = "2s"
move_timeout = "2s"
verify_timeout = "1s"
[balance]
balance_interval_seconds = 1
memory_usage_max_difference_percentage = 1
max_moves_per_round = 1
max_segments_per_call = 1
max_sample_age = "5s"
evidence_samples = 1
settle = "1s"
[scrape]
interval = "300ms"
timeout = "250ms"
targets = [{targets}]
[journal]
path = "{journal}"
[web]
listen_address = "127.0.0.1:10955"
"""


class Cluster(Milvus):
    """A simulated Milvus that notes which segments it was asked to move."""

    def __init__(self, folder, root):
        super().__init__(folder, root)
        self.moved, self.forwarder = [], None

    def __enter__(self):
        super().__enter__()
        self.forwarder = Forwarder(("127.0.0.1", PORT), MILVUS_PORT, self.note_call)
        return self

    def __exit__(self, *_):
        self.forwarder.close()
        super().__exit__()

    def note_call(self, beginning):
        if beginning.startswith(b"POST /api/v1/load-balance "):
            self.moved += re.findall(rb'"sealed_segmentIDs":\[([0-9]*)\]', beginning)


def live_for(folder, cluster, configuration, chance):
    """Starts the agent and kills it: soon, or around its next call."""
    calls = len(cluster.moved)
    with open(folder / "agent.log", "ab") as log:
        agent = subprocess.Popen([PROGRAM, "run", "--config.file", str(configuration)], stdout=log, stderr=log,
                                 stdin=subprocess.DEVNULL, env=environment())
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, 1.5))
    else:
        end = time.monotonic() + 6
        while len(cluster.moved) == calls and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.4))
    assert agent.poll() is None, (folder / "agent.log").read_text(errors="replace")[-2000:]
    agent.kill()
    agent.wait()


def told(log):
    """The numbers of the decisions that the log says have been made."""
    lines = (line for line in log.read_text(errors="replace").splitlines() if 'msg="round ended"' in line)
    return {int(re.search(r" decision=(\d+)", line)[1]) for line in lines}


def kept(journal):
    """The decisions of the journal, by number."""
    with contextlib.closing(sqlite3.connect(journal)) as database:
        found = database.execute("SELECT id, outcome, json FROM decisions")
        return {number: (outcome, json.loads(record)) for number, outcome, record in found}


def test_deaths_lose_no_record_and_repeat_no_move(tmp_path):
    chance = random.Random(KILLS)
    deaths = decisions = moves = 0
    while deaths < KILLS:
        folder = tmp_path / str(deaths)
        folder.mkdir()
        with Cluster(folder, str(deaths)) as cluster:
            journal = folder / "journal.db"
            configuration = folder / "evenkeel.toml"
            configuration.write_text(CONFIGURATION.format(
                milvus=PORT, targets=", ".join(f'"{target}"' for target in cluster.targets), journal=journal))
            for _ in range(min(DEATHS_A_CLUSTER, KILLS - deaths)):
                live_for(folder, cluster, configuration, chance)
                deaths += 1
                records = kept(journal) if journal.exists() else {}
                for number in told(folder / "agent.log"):
                    assert number in records, f"decision {number} is lost"
                    assert records[number][0] != "under_way", f"the end of decision {number} is lost"
        written = [str(move["segment"]) for _, record in records.values() for move in record["moves"]]
        sent = [segment.decode() for segment in cluster.moved]
        assert sent, "nothing was moved"
        assert len(set(sent)) == len(sent), f"moved twice: {sorted(sent)}"
        assert set(sent) <= set(written), "a call was not written down before it was sent"
        decisions += len(records)
        moves += len(sent)
    print(f"\n  {deaths} deaths by -9: {decisions} decisions and {moves} moves, 0 records lost, 0 moves repeated")
