"""The way of README from a skewed cluster to a level one: each line as it stands, in its order, on a simulated Milvus."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from pages import ROOT, commands

EVENKEEL = Path(os.environ.get("EVENKEEL") or ROOT / "build/release/agent/evenkeel").resolve()
README = (ROOT / "README.md").read_text()
HEADING = README[:README.index("## On your cluster, in five minutes")].count("\n") + 1
NEXT = README[:README.index("## What it can be told")].count("\n") + 1
WAY = [command for where, command in commands()
       if where.startswith("README.md:") and HEADING < int(where.split(":")[1]) < NEXT]


@pytest.fixture
def milvus():
    """(address, targets) of a simulated cluster that is badly skewed."""
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([EVENKEEL, "simulate-milvus"], stdout=out, stderr=subprocess.STDOUT)
        try:
            said = until("its address", lambda: out.seek(0) or re.search(r" at (http://\S+),.* --scrape\.targets (\S+)\n", out.read(), re.DOTALL))
            yield said[1], said[2]
        finally:
            process.terminate()
            process.wait(10)


def until(what, holds, seconds=90):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


def started(command, shell):
    """An agent in the first terminal, until ^C."""
    return subprocess.Popen(["bash", "-c", f"exec {command}"], **shell, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ended(agent):
    agent.send_signal(signal.SIGINT)
    assert agent.wait(20) == 0


def test_each_line_in_its_order(milvus, tmp_path):
    balancer_off, *build, look, watch, level, status, plan = WAY
    assert balancer_off == "etcdctl put by-dev/config/queryCoord/autoBalance false"  # tests/e2e runs it on a real cluster
    assert build == ["make agent", "sudo install build/release/agent/evenkeel /usr/local/bin/"]
    (tmp_path / "evenkeel").symlink_to(EVENKEEL)  # as installed
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    # Simulated nodes share one machine and its port 9091 does not answer; and nobody here waits for whole minutes.
    shell = {"cwd": ROOT, "env": {
        **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_STATE_HOME": str(tmp_path), "EVENKEEL_SCRAPE_TARGETS": milvus[1],
        "EVENKEEL_WEB_LISTEN_ADDRESS": listen, "EVENKEEL_SCRAPE_INTERVAL": "1s", "EVENKEEL_SCRAPE_TIMEOUT": "1s",
        "EVENKEEL_BALANCE_BALANCE_INTERVAL_SECONDS": "2", "EVENKEEL_BALANCE_SETTLE": "2s"}}
    look, watch, level = (each.replace("http://PROXY:9091", milvus[0]) for each in (look, watch, level))

    def said(command, *codes):
        done = subprocess.run(["bash", "-c", command], **shell, text=True, capture_output=True, timeout=60)
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout

    assert "Moves (" in said(look, 3)

    watching = started(watch, shell)
    until("a round that would have moved something", lambda: "dry run" in said(f"{status} 2>&1 || true", 0) and "held" in said(status, 0, 3))
    ended(watching)
    assert "Moves (" in said(look, 3), "the dry run moved something"

    levelling = started(level, shell)
    until("all is level", lambda: "\nBalanced" in said(f"{plan} 2>&1 || true", 0) and "Problems     none" in said(f"{status} || true", 0))
    ended(levelling)
