"""The journal on a disk that is full, and on one that is read-only: nothing moves and nothing else stops; and then it is mended.

On a file system of its own and a simulated Milvus that is badly skewed."""
import re
import urllib.request

import pytest
from package import BINARY, free_port, process, run, until

CONFIG = """
[milvus]
address = "{milvus}"
[scrape]
targets = [{targets}]
interval = "1s"
timeout = "1s"
[balance]
balance_interval_seconds = 1
settle = "5s"
[journal]
path = "{journal}"
[web]
listen_address = "127.0.0.1:{port}"
read_only = true
"""


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder)
    yield folder
    run("umount", "--lazy", folder)


def got(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


def metric(port, name):
    """The sum of its series; None: there is none yet."""
    try:
        found = re.findall(rf"(?m)^{name}(?:{{.*}})? (\S+)$", got(port, "/metrics"))
    except OSError:
        return None
    return sum(map(float, found)) if found else None


@pytest.mark.parametrize("full", [True, False], ids=["full", "read-only"])
def test_nothing_moves_while_the_journal_cannot_be_written(disk, tmp_path, full):
    if full:
        fill(disk)
    else:
        run("mount", "-o", "remount,ro", disk)
    port = free_port()
    config = tmp_path / "evenkeel.toml"
    with process("simulate-milvus", "--listen", "127.0.0.1:0") as milvus:
        until("the simulated Milvus", lambda: "evenkeel run" in milvus.log())
        targets = re.findall(r"(?m)^  (http://\S+/metrics)$", milvus.log())
        config.write_text(CONFIG.format(milvus=re.search(r"at (http://[0-9.:]+)", milvus.log())[1], port=port,
                                        journal=disk / "journal.db", targets=", ".join(f'"{each}"' for each in targets)))
        with process("run", "--config.file", config) as agent:
            until("it judges", lambda: (metric(port, "evenkeel_replica_spread_ratio") or 0) > 0.15)
            until("a round that moves nothing", lambda: (metric(port, "evenkeel_decisions_total") or 0) > 0)
            assert metric(port, "evenkeel_journal_writable") == 0
            words = "full" if full else "Read-only file system"
            trouble = re.search(r'"journal_trouble":"([^"]*)"', got(port, "/api/v1/status"))[1]
            assert str(disk / "journal.db") in trouble and words in trouble, trouble
            print(f"\n  {trouble}")
            assert metric(port, "evenkeel_moves_started_total") in (None, 0)
            if full:
                (disk / "filler").unlink()
            else:
                run("mount", "-o", "remount,rw", disk)
            until("it can be written", lambda: metric(port, "evenkeel_journal_writable") == 1)
            until("moves", lambda: (metric(port, "evenkeel_moves_started_total") or 0) > 0)
            fill(disk)
            until("it is full again", lambda: metric(port, "evenkeel_journal_writable") == 0)
            assert agent.poll() is None
            log = agent.log()
            assert "the journal can be written again" in log
            assert "nothing is moved while the journal cannot be written" in log


def fill(disk):
    run("dd", "if=/dev/zero", f"of={disk / 'filler'}", "bs=4k", check=False)
