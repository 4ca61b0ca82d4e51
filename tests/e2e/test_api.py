"""The HTTP API as openapi.json describes it: Schemathesis asks what the file allows, and what it does not, of an agent
that levels a simulated cluster."""
import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

import evenkeel

HERE = Path(__file__).parent
BASE = f"http://{evenkeel.LISTEN}/api/v1"


def status():
    with urllib.request.urlopen(BASE + "/status", timeout=5) as answer:
        return json.load(answer)


def only_reading(agent):
    """Where the agent lets nobody ask for anything, every POST is answered alike."""
    return ["--include-method", "GET"] if agent["read_only"] else []


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with evenkeel.demo(tmp_path_factory.mktemp("demo")) as process:
        yield process
        process.check()


def test_the_api_keeps_to_its_description(demo, tmp_path):
    program = os.environ.get("SCHEMATHESIS")
    if not program:
        pytest.skip("SCHEMATHESIS names no program: tests/e2e/run makes it")
    run = subprocess.run(
        [program, "--config-file", HERE / "schemathesis.toml", "run", BASE + "/openapi.json", "--seed", "1",
         "--continue-on-failure", "--no-color", *only_reading(status())],
        capture_output=True, text=True, cwd=tmp_path, timeout=300)
    print(run.stdout[-4000:])
    assert run.returncode == 0, run.stdout + run.stderr
    # What is answered 429 shows nothing, and by time rather than by seed.
    assert "Rate limited" not in run.stdout
