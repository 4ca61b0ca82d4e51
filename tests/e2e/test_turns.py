"""Two agents on one simulated Milvus with a real etcd: one acts. It is killed, ended, stopped for longer than its lease, or cut
off from etcd, at a random moment; the other takes over, and no two act at a time.

    TURNS_RUNS=200 tests/e2e/run -k test_turns        # so many runs of each kind; 1 where unset
"""
import contextlib
import os
import random
import signal
import statistics
import time

import pytest
from turns import LEASE, Etcd, Milvus, TurningAgent

RUNS = int(os.environ.get("TURNS_RUNS", "1"))
PATIENCE = 30  # seconds; with a lease of 3 s it takes about 6
AFTERWARDS = 2.5  # seconds in which the first one could act wrongly


@pytest.fixture(scope="module")
def etcd(tmp_path_factory):
    with Etcd(tmp_path_factory.mktemp("turns")) as running:
        yield running


def wait_for(what, seconds, condition):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return found


def kill(agent):
    agent.process.kill()
    agent.process.wait()


def stop(agent):
    agent.process.send_signal(signal.SIGSTOP)


def go_on(agent):
    agent.process.send_signal(signal.SIGCONT)


def end(agent):
    agent.process.terminate()


def leave(agent):
    """It stays as it is."""


KINDS = {"kill -9": (kill, leave), "SIGTERM": (end, leave), "SIGSTOP, then SIGCONT": (stop, go_on),
         "partition": (TurningAgent.lose_etcd, TurningAgent.reach_etcd)}


def one_run(milvus, folder, harm, mend, chance):
    """Gives the seconds of the takeover, and what was wrong."""
    with contextlib.ExitStack() as running:
        agents = [running.enter_context(TurningAgent(folder, number, milvus)) for number in range(2)]
        try:
            wait_for("a first call", PATIENCE, lambda: milvus.calls)
            first = next(agent for agent in agents if milvus.by(agent))
            other = agents[1 - agents.index(first)]
            time.sleep(chance.uniform(0, 1.5))
            begin = time.monotonic()
            harm(first)
            taken = wait_for(f"a call of {other.name}", PATIENCE, lambda: milvus.by(other))[0]["at"]
            mend(first)
            time.sleep(AFTERWARDS)
        except AssertionError:
            for agent in agents:
                print(f"\n--- {agent.name}", *agent.log_file.read_text(errors="replace").splitlines()[-25:], sep="\n")
            raise
        wrong = [call for call in milvus.by(first) if call["at"] >= taken]
        wrong += [call for call in milvus.calls if not call["in_turn"]]
        sent = [segment for call in milvus.calls for segment in call["segments"]]
        twice = {segment for segment in sent if sent.count(segment) > 1}
        assert not wrong, f"{milvus.root}: sent out of turn: {wrong}"
        assert not twice, f"{milvus.root}: moved twice: {twice}"
        return taken - begin


def roots(kind, runs):
    return [f"{kind.split()[0].strip(',')}-{number}" for number in range(runs)]


def report(kind, seconds):
    print(f"\n  {kind}: {len(seconds)} runs with a lease of {LEASE} s, 0 double acts; the other's first call came after a "
          f"median of {statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s")


@pytest.mark.parametrize("kind", KINDS)
def test_another_takes_over_and_no_two_act(kind, etcd, tmp_path):
    harm, mend = KINDS[kind]
    chance = random.Random(kind)
    seconds = []
    for root in roots(kind, RUNS):
        with Milvus(tmp_path, root) as milvus:
            seconds.append(one_run(milvus, tmp_path, harm, mend, chance))
    report(kind, seconds)


def test_a_clock_that_jumps_changes_nothing(etcd, tmp_path):
    """Both agents' clocks are set an hour on, then two hours back, while one of them acts."""
    with contextlib.ExitStack() as running:
        milvus = running.enter_context(Milvus(tmp_path, "clock"))
        agents = [running.enter_context(TurningAgent(tmp_path, number, milvus, clock=True)) for number in range(2)]
        wait_for("a first call", PATIENCE, lambda: milvus.calls)
        first = next(agent for agent in agents if milvus.by(agent))
        for shift in ("+1h", "-2h"):
            for agent in agents:
                agent.shift_clock(shift)
            before = len(milvus.by(first))
            wait_for(f"a call after the clocks went {shift}", PATIENCE, lambda: len(milvus.by(first)) > before)
            time.sleep(LEASE)
        assert {call["agent"] for call in milvus.calls} == {first.name}
        assert all(call["in_turn"] for call in milvus.calls)
        assert "this agent's turn has ended" not in first.log_file.read_text()
