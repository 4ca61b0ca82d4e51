"""The real program under test: started, watched through its metrics and its log, and ended."""
import contextlib
import datetime
import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
import urllib.error
from pathlib import Path

from milvus_api import fetch
from service import Service

PROGRAM = os.environ.get("EVENKEEL") or str(Path(__file__).parents[2] / "build/release/agent/evenkeel")
LISTEN = "127.0.0.1:10931"

# Short intervals, so that a scenario takes seconds; the rules are the defaults unless a scenario says otherwise.
CONFIGURATION = """
[milvus]
{roads}
timeout = "4s"
verify_timeout = "20s"
[balance]
balance_interval_seconds = {interval}
overloaded_memory_threshold_percentage = {overload}
memory_usage_max_difference_percentage = {difference}
max_segments_per_call = {segments_per_call}
max_sample_age = "5s"
[scrape]
interval = "1s"
timeout = "800ms"
targets = [{targets}]
[capacity.node]
{capacities}
[journal]
path = "{journal}"
[log]
level = "{level}"
"""


# The ways to Milvus's proxy.
ROADS = {"http": 'address = "http://127.0.0.1:9091"',
         "grpc": 'address = "grpc://127.0.0.1:19530"\nmetrics_address = "http://127.0.0.1:9091"'}


def configuration(capacities, overload=90, difference=20, segments_per_call=5, level="info", interval=2, more="", road="http"):
    """`capacities`: {number of a query node: bytes}; `more`: further sections; `road`: of ROADS, or lines of [milvus]. Each has a
    new journal."""
    return more + CONFIGURATION.format(
        roads=ROADS.get(road, road),
        journal=Path(tempfile.mkdtemp(prefix="evenkeel-")) / "journal.db",
        overload=overload, difference=difference, segments_per_call=segments_per_call, level=level, interval=interval,
        targets=", ".join(f'"http://127.0.0.1:{9100 + k}/metrics"' for k in capacities),
        capacities="\n".join(f'"127.0.0.1:{21130 + k}" = {int(size)}' for k, size in capacities.items()))


def open_window():
    """A maintenance window that began an hour ago and ends in an hour."""
    now = datetime.datetime.now(datetime.timezone.utc)
    begin, end = ((now + datetime.timedelta(hours=hours)).strftime("%H:%M") for hours in (-1, 1))
    return f'[[windows]]\nfrom = "{begin}"\nto = "{end}"\n'


def environment():
    """This one without the variables that the program would take for settings, and with a new folder for its state."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("EVENKEEL")}
    return {**mine, "XDG_STATE_HOME": tempfile.mkdtemp(prefix="evenkeel-")}


def run(verb, config, *arguments):
    """One verb that ends by itself; gives exit code, standard output and standard error."""
    return subprocess.run([PROGRAM, *verb.split(), "--config.file", str(config), *map(str, arguments)],
                          capture_output=True, text=True, timeout=90, env=environment())


def ask(verb, config, *arguments):
    """What a verb that only reads prints as JSON."""
    done = run(verb, config, *arguments, "--format", "json")
    assert done.returncode in (0, 3), f"evenkeel {verb} ended with {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def demo(folder):
    """`evenkeel demo` that goes on serving, ready once it has observed its cluster."""
    return Service(folder, "demo", [PROGRAM, "demo", "--keep", "--plain", "--web.listen-address", LISTEN],
                   ready=f"http://{LISTEN}/api/v1/status", environment=environment())


def answers(path):
    """Whether an agent answers this with 200."""
    try:
        fetch(f"http://{LISTEN}{path}")
        return True
    except (OSError, urllib.error.URLError):
        return False


def resident(pid):
    """{name: MiB} of /proc/PID/status."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")} | {"Threads": int(lines["Threads"])}


class Agent:
    """`evenkeel run` in a folder that holds its configuration and its log."""

    def __init__(self, folder, config, *arguments):
        self.folder = Path(folder)
        self.config = self.folder / "evenkeel.toml"
        self.config.write_text(config)
        self.log_file = self.folder / "agent.log"
        self.arguments = arguments
        self.process = None

    def start(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "run", "--config.file", str(self.config), "--web.listen-address", LISTEN, *self.arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment())

    def __enter__(self):
        self.start()
        try:
            self.until("an answer of the agent", 10, self.healthy)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        """SIGTERM; gives the exit code and how many seconds it took."""
        begin = time.monotonic()
        self.signal(signal.SIGTERM)
        code = self.process.wait(15)
        return code, time.monotonic() - begin

    def get(self, path):
        return fetch(f"http://{LISTEN}{path}")

    def healthy(self):
        return answers("/-/healthy")

    def metric(self, name, **labels):
        """The sum of a metric's series that have these labels; None where there is no such series."""
        found = [float(value) for series, text, value in
                 re.findall(r"(?m)^([a-zA-Z_:]\w*)(?:\{(.*)\})? (\S+)$", self.get("/metrics"))
                 if series == name and labels.items() <= dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', text)).items()]
        return sum(found) if found else None

    def log(self):
        return self.log_file.read_text(errors="replace")

    def events(self, message):
        """The log's lines with this message, as {key: value}."""
        lines = (dict(field.partition("=")[::2] for field in shlex.split(line))
                 for line in self.log().splitlines() if f'msg="{message}"' in line)
        return [line for line in lines if line["msg"] == message]

    def moves(self):
        """Moves that were sent, as logged: [{segment, from, to, bytes, why, …}]"""
        return self.events("move started")

    def moved_twice(self):
        """Segments that were sent more than once."""
        sent = [m["segment"] for m in self.moves()]
        return sorted({segment for segment in sent if sent.count(segment) > 1})

    def rounds(self):
        return [line["outcome"] for line in self.events("round ended")]

    def until(self, what, seconds, condition):
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"the agent ended with {self.process.returncode}"
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
            time.sleep(0.1)

    def until_balanced(self, seconds=90, moves=1):
        """Waits until so many moves have succeeded and a later round found nothing wrong."""
        def levelled():
            succeeded = [e for e in self.events("move ended") if e["result"] == "succeeded"]
            return len(succeeded) >= moves and self.rounds()[-1:] == ["balanced"]

        self.until("balanced by moving", seconds, levelled)
