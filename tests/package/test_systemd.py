"""The unit as real systemd runs it, hardened as it is: started, reloaded, hung, misconfigured, stopped, upgraded, removed."""
import re

from package import DEB, until

CONFIGURATION = """
[milvus]
address = "http://127.0.0.1:9"
[balance]
balance_interval_seconds = 1
max_sample_age = "2s"
[scrape]
interval = "1s"
timeout = "1s"
"""


def state(system, *names):
    shown = system.run("systemctl", "show", "evenkeel", *(f"--property={name}" for name in names)).stdout
    found = dict(line.split("=", 1) for line in shown.splitlines())
    return found[names[0]] if len(names) == 1 else found


def configure(system, text=CONFIGURATION):
    (system.folder / "etc/evenkeel/evenkeel.toml").write_text(text)


def drop_in(system, text):
    folder = system.folder / "etc/systemd/system/evenkeel.service.d"
    folder.mkdir(parents=True)
    (folder / "test.conf").write_text(text)
    system.run("systemctl", "daemon-reload")


def test_a_life_under_systemd(booted):
    assert state(booted, "ActiveState", "UnitFileState") == {"ActiveState": "inactive", "UnitFileState": "disabled"}, \
        "not before somebody has said which Milvus it is for"
    configure(booted)
    booted.run("systemctl", "enable", "--now", "evenkeel")
    assert booted.run("evenkeel", "health").stdout == "Evenkeel is healthy.\n", "started only when it serves"
    until("the last decision in the status", lambda: "refused" in state(booted, "StatusText"))
    main = state(booted, "MainPID")
    status = booted.run("cat", f"/proc/{main}/status").stdout
    assert re.search(r"^CapBnd:\s0+$", status, re.MULTILINE) and re.search(r"^NoNewPrivs:\s1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s2$", status, re.MULTILINE)
    assert booted.run("stat", "--format=%U", f"/proc/{main}").stdout == "evenkeel\n"

    booted.run("systemctl", "reload", "evenkeel")
    until("a reload", lambda: "configuration reloaded" in booted.run("journalctl", "--unit=evenkeel").stdout)
    assert state(booted, "MainPID") == main

    (booted.folder / DEB.name).write_bytes(DEB.read_bytes())
    booted.run("dpkg", "--install", "--force-confold", DEB.name)
    until("the new one", lambda: state(booted, "MainPID") not in (main, "0"))

    booted.run("dpkg", "--remove", "evenkeel")
    assert state(booted, "ActiveState") == "inactive"
    booted.run("dpkg", "--purge", "evenkeel")
    left = booted.run("find", "/etc", "/lib/systemd", "/usr", "/var/lib", "-name", "*evenkeel*", "-not", "-path", "/var/lib/dpkg/*")
    assert left.stdout == ""


def test_a_loop_that_hangs_is_killed_and_started_again(booted):
    configure(booted)
    drop_in(booted, "[Service]\nWatchdogSec=1s\nRestartSec=100ms\n")
    booted.run("systemctl", "start", "evenkeel")
    main = state(booted, "MainPID")
    booted.run("systemctl", "kill", "--kill-who=main", "--signal=STOP", "evenkeel")
    until("another process", lambda: state(booted, "MainPID") not in (main, "0"))
    assert "watchdog" in booted.run("journalctl", "--unit=evenkeel").stdout.lower()


def test_a_wrong_configuration_is_said_once_and_not_tried_again(booted):
    configure(booted, "[balance]\nautobalance = true\n")
    assert booted.run("systemctl", "start", "evenkeel", check=False).returncode != 0
    assert state(booted, "ActiveState", "ExecMainStatus", "NRestarts") == {
        "ActiveState": "failed", "ExecMainStatus": "2", "NRestarts": "0"}
    assert "did you mean 'auto_balance'" in booted.run("journalctl", "--unit=evenkeel").stdout
