"""What keeps the program from starting: a clear sentence and an exit code that is not 0."""
import os
import socket
import subprocess

import pytest
from package import BINARY, free_port, process, run, status, until


def refused(tmp_path, *more, text="", code=2):
    config = tmp_path / "evenkeel.toml"
    config.write_text(text)
    done = run(BINARY, "run", "--config.file", config, *more, check=False)
    assert done.returncode == code, done.stdout
    return done.stdout


def token_setting(path):
    return f"[web]\ntoken_file = '{path}'\nlisten_address = '127.0.0.1:0'\n"


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refused(tmp_path, "--web.listen-address", address, code=1)
    assert address in said and "in use" in said, said


@pytest.mark.parametrize("content, mode, words", [
    (None, None, "No such file"),
    ("", 0o600, "empty"),
    ("a-token-of-more-than-sixteen\n", 0o644, "everybody on this machine may read"),
    ("short\n", 0o600, "shorter than 16"),
])
def test_a_token_file_that_will_not_do_is_named_with_what_is_wrong(tmp_path, content, mode, words):
    token = tmp_path / "token"
    if content is not None:
        token.write_text(content)
        token.chmod(mode)
    said = refused(tmp_path, text=token_setting(token))
    assert str(token) in said and words in said, said


def test_a_port_that_others_reach_needs_a_credential(tmp_path):
    said = refused(tmp_path, text="[web]\nlisten_address = ':0'\n")
    assert "token_file" in said and "read_only" in said, said


@pytest.mark.parametrize("verb", [["--version"], ["--help"], ["completion", "bash"], ["check-config", "FILE"]])
def test_a_full_disk_under_the_output_is_no_success(tmp_path, verb):
    config = tmp_path / "evenkeel.toml"
    config.write_text("")
    command = [str(BINARY)] + [str(config) if each == "FILE" else each for each in verb]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert done.returncode == 1 and "standard output cannot be written" in done.stderr, done


def test_a_full_disk_under_the_log_does_not_stop_the_agent():
    port = free_port()
    with open("/dev/full", "w") as full:
        agent = subprocess.Popen([str(BINARY), "run", "--web.listen-address", f"127.0.0.1:{port}"], stderr=full, stdout=full,
                                 env={**os.environ, "EVENKEEL_MILVUS_ADDRESS": "http://127.0.0.1:9"})
        try:
            until("it serves", lambda: status(port, "/-/healthy") == 200)
        finally:
            agent.terminate()
            assert agent.wait(10) == 0


def test_nothing_is_written_where_everything_is_read_only(tmp_path):
    """In a mount namespace of its own, with every file system read-only but /proc."""
    port = free_port()
    script = "mount -o remount,ro,bind / 2>/dev/null || mount -o bind,ro / /; cd /; exec \"$@\""
    with process("run", "--web.listen-address", f"127.0.0.1:{port}",
                 program=["unshare", "--mount", "sh", "-c", script, "sh", BINARY],
                 environment={"EVENKEEL_MILVUS_ADDRESS": "http://127.0.0.1:9"}) as agent:
        until("it serves", lambda: status(port, "/-/healthy") == 200 or agent.poll() is not None)
        assert agent.poll() is None, agent.log()


@pytest.mark.parametrize("tls", [False, True])
def test_health_asks_the_agent_with_the_same_configuration(tmp_path, tls):
    config = tmp_path / "evenkeel.toml"
    config.write_text(f"[milvus]\naddress = 'http://127.0.0.1:9'\n[web]\nlisten_address = ':{free_port()}'\nread_only = true\n")
    if tls:
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=keel.example",
            "-keyout", tmp_path / "key", "-out", tmp_path / "cert")
        config.write_text(config.read_text() + f"cert_file = '{tmp_path / 'cert'}'\nkey_file = '{tmp_path / 'key'}'\n")
    before = run(BINARY, "health", "--config.file", config, check=False)
    assert before.returncode == 1 and "is the agent running?" in before.stdout
    with process("run", "--config.file", config):
        until("it is healthy", lambda: run(BINARY, "health", "--config.file", config, check=False).returncode == 0)
