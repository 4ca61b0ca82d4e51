"""The systemd unit, and what the program tells a service manager."""
import os
import re
import signal
import socket
import tempfile

import pytest
from package import BINARY, ROOT, free_port, process, run, status, until

UNIT = ROOT / "config/systemd/evenkeel.service"


class Manager:
    """systemd's end of sd_notify."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.heard = []

    def hears(self, text):
        while True:
            try:
                self.heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return any(each.startswith(text) for each in self.heard)

    def forget(self):
        self.hears("")
        self.heard.clear()


@pytest.fixture
def manager():
    with tempfile.TemporaryDirectory() as folder:
        made = Manager(folder)
        yield made
        made.socket.close()


def test_the_service_manager_hears_of_the_whole_life(manager, tmp_path):
    port = free_port()
    config = tmp_path / "evenkeel.toml"
    config.write_text(f"[web]\nlisten_address = '127.0.0.1:{port}'\n[milvus]\naddress = 'http://127.0.0.1:9'\n"
                      "[balance]\nbalance_interval_seconds = 1\nmax_sample_age = '2s'\n[scrape]\ninterval = '1s'\ntimeout = '1s'\n")
    notify = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"}
    with process("run", "--config.file", config, environment=notify) as agent:
        until("READY", lambda: manager.hears("READY=1"))
        assert status(port, "/-/healthy") == 200, "ready only when it serves"
        until("a sign of life", lambda: manager.hears("WATCHDOG=1"))
        until("a status in words", lambda: manager.hears("STATUS="))
        manager.forget()
        agent.send_signal(signal.SIGHUP)
        until("RELOADING", lambda: manager.hears("RELOADING=1\nMONOTONIC_USEC="))
        until("READY again", lambda: manager.hears("READY=1"))
        agent.send_signal(signal.SIGTERM)
        until("STOPPING", lambda: manager.hears("STOPPING=1"))
        assert agent.wait(10) == 0


def test_the_unit_is_well_formed(tmp_path):
    # The program is looked for where the unit says, so the unit is checked with this build's path.
    unit = tmp_path / "evenkeel.service"
    unit.write_text(UNIT.read_text().replace("/usr/bin/evenkeel", str(BINARY)).replace("man:evenkeel(1)", "man:man(1)"))
    said = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
    assert said.stdout.strip() == ""


def test_the_unit_is_hardened():
    said = run("systemd-analyze", "security", "--offline=yes", "--no-pager", UNIT)
    exposure = float(re.search(r"Overall exposure level for evenkeel.service: ([0-9.]+)", said.stdout)[1])
    print(f"exposure {exposure}")
    assert exposure <= 1.5, said.stdout
    assert "MemoryMax=" in UNIT.read_text(), "a leak of ours would be everybody's"


def test_the_program_is_hardened():
    symbols = run("readelf", "--dyn-syms", "--wide", BINARY).stdout
    assert "__stack_chk_fail" in symbols and re.search(r"__\w+_chk@", symbols), "stack protector and FORTIFY_SOURCE"
    code = BINARY.read_bytes()
    assert b"__n < this->size()" in code, "_GLIBCXX_ASSERTIONS: an index is checked"
    if os.uname().machine == "x86_64":
        assert b"\x48\x83\x0c\x24\x00" in code, "-fstack-clash-protection: orq $0x0,(%rsp) touches each page"


def test_the_unit_runs_what_is_installed_with_the_installed_configuration():
    text = UNIT.read_text()
    assert "ExecStart=/usr/bin/evenkeel run --config.file /etc/evenkeel/evenkeel.toml" in text
    assert "Type=notify" in text and "WatchdogSec=" in text and "ExecReload=" in text
