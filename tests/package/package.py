"""The package, a bare Debian to try it in, and the program as a process."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEB = next((ROOT / "build/package").glob("evenkeel_*.deb"), None)
BUILD = ROOT / "build/release"
BINARY = BUILD / "agent/evenkeel"


def run(*command, check=True, **more):
    """Gives the result; standard error is part of the output."""
    done = subprocess.run([str(each) for each in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, **more)
    if check:
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}"
    return done


class Bare:
    """A Debian 12 with apt and nothing that it does not bring along, in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *command, check=True):
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return run("chroot", self.folder, *command, check=check, env=clean)

    def files(self):
        """All that is there but for apt's and dpkg's own books, logs and caches."""
        own = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "proc", "sys", "dev", "run", "tmp")
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")
                if not str(path.relative_to(self.folder)).startswith(own)}


class Booted(Bare):
    """A Debian 12 whose first process is systemd, in namespaces of its own."""

    def __init__(self, folder):
        super().__init__(folder)
        spaces = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net")
        self.outer = subprocess.Popen(["unshare", *spaces, "--fork", ROOT / "tests/package/boot.sh", folder])
        self.first = until("a first process", lambda: Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text())
        until("a running system", lambda: self.run("systemctl", "is-system-running", check=False).stdout == "running\n")

    def run(self, *command, check=True):
        inside = ["nsenter", "--target", self.first.strip(), "--all", "--root", "--wdns=/"]
        return run(*inside, *command, check=check, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def end(self):
        os.kill(int(self.first), signal.SIGKILL)
        self.outer.wait(20)


def bare_image(*more):
    """A tar file of the bare system and these packages, made once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "evenkeel"
    image = cache / ("-".join(["bare", "bookworm", *more]) + ".tar")
    if not image.exists():
        cache.mkdir(parents=True, exist_ok=True)
        half = image.with_suffix(".half.tar")
        # Packages come from where this machine has them from.
        run("mmdebstrap", "--variant=apt", "--mode=root", "--skip=check/empty", *([f"--include={','.join(more)}"] if more else []),
            "--setup-hook=mkdir -p \"$1\"/etc/apt/apt.conf.d; cp /etc/apt/apt.conf.d/99* \"$1\"/etc/apt/apt.conf.d/ || true",
            "bookworm", half, sources())
        half.rename(image)
    return image


def sources():
    """The file that says where this machine's Debian comes from."""
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")) + [Path("/etc/apt/sources.list")]:
        if path.exists() and "bookworm" in path.read_text() and "debian-security" in path.read_text():
            return path
    raise FileNotFoundError("no apt source of Debian 12 in /etc/apt")


@contextlib.contextmanager
def process(*arguments, program=None, environment=None, **more):
    """The program, running; its log is in .log. Ends it by SIGTERM."""
    with tempfile.NamedTemporaryFile(mode="w+") as log, tempfile.TemporaryDirectory() as state:
        started = subprocess.Popen([str(each) for each in (program or [BINARY])] + [str(each) for each in arguments],
                                   stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "XDG_STATE_HOME": state, **(environment or {})}, **more)
        started.log = lambda: Path(log.name).read_text()
        try:
            yield started
        finally:
            if started.poll() is None:
                started.send_signal(signal.SIGTERM)
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()
                raise


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status(port, path):
    """The status that this machine's agent answers with; 0: none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def until(what, holds, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")
