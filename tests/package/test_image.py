"""The container image's root file system: small, without a shell, and the program runs in it as nobody in particular."""
import os
import re
import stat
from pathlib import Path

from package import ROOT, free_port, process, run, status, until

DOCKERFILE = ROOT / "config/container/Dockerfile"
USER = "65532:65532"


def inside(image):
    """Runs what follows in the image, on a file system that cannot be written, as the image's user."""
    script = ('mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mkdir -p /dev && '
              'exec chroot --userspec=' + USER + ' "$0" "$@"')
    return ["unshare", "--mount", "sh", "-c", script, image]


def test_holds_no_shell_no_package_manager_and_nothing_set_uid(image):
    programs = {str(path.relative_to(image)) for path in image.rglob("*")
                if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o111 and "/lib/" not in str(path)}
    assert programs == {"usr/bin/evenkeel"}
    for path in image.rglob("*"):
        mode = path.lstat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID), path
        assert path.is_symlink() or path == image / "tmp" or not mode & 0o022, path


def test_is_small(image):
    size = sum(path.lstat().st_size for path in image.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{size / 2**20:.1f} MiB")
    assert size < 32 * 2**20


def test_the_program_runs_in_it(image):
    done = run(*inside(image), "/usr/bin/evenkeel", "--version", env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
    assert done.stdout.startswith("evenkeel 0.")


def test_its_defaults_serve_and_are_healthy(image):
    """What ENTRYPOINT, CMD and HEALTHCHECK name, read from the Dockerfile."""
    text = DOCKERFILE.read_text()
    words = lambda name: re.findall(r'"([^"]+)"', re.search(rf"{name} (\[.*\])$", text, re.MULTILINE)[1])
    entry, command, check = words("ENTRYPOINT"), words("\nCMD"), words("HEALTHCHECK.* CMD")
    port = free_port()
    environment = {"EVENKEEL_WEB_LISTEN_ADDRESS": f":{port}", "EVENKEEL_WEB_READ_ONLY": "true"}
    assert run(*inside(image), *check, check=False, env={**os.environ, **environment}).returncode == 1
    with process(program=inside(image) + entry + command, environment=environment) as agent:
        until("it serves", lambda: status(port, "/-/healthy") == 200 or agent.poll() is not None)
        assert agent.poll() is None, agent.log()
        healthy = run(*inside(image), *check, env={**os.environ, **environment})
        assert healthy.stdout == "Evenkeel is healthy.\n"
        # unshare, sh and chroot each replaced themselves, so the process is the program.
        assert re.search(r"^Uid:\s65532\s", Path(f"/proc/{agent.pid}/status").read_text(), re.MULTILINE)


def test_names_are_resolved_and_authorities_known(image):
    bundle = (image / "etc/ssl/certs/ca-certificates.crt").read_text()
    assert bundle.count("BEGIN CERTIFICATE") > 100
    done = run(*inside(image), "/usr/bin/evenkeel", "plan", "--milvus.address", "http://localhost:9", check=False)
    assert "refused" in done.stdout.lower(), done.stdout


def test_windows_may_be_in_any_time_zone(image):
    environment = {**os.environ, "EVENKEEL_WINDOWS_TIME_ZONE": "Europe/Berlin"}
    done = run(*inside(image), "/usr/bin/evenkeel", "check-config", "/etc/evenkeel/evenkeel.toml", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_package_in_it_is_named_with_its_licence(image):
    names = {path.name for path in (image / "var/lib/dpkg/status.d").iterdir()}
    assert names == {"ca-certificates", "evenkeel", "libc6", "libcrypt1", "libssl3", "tzdata", "zlib1g"}
    for name in names:
        assert (image / "usr/share/doc" / name / "copyright").stat().st_size > 100, name


def test_the_dockerfile_ends_in_a_stage_of_its_own():
    last = DOCKERFILE.read_text().split("FROM ")[-1]
    assert last.startswith("scratch\n") and "RUN" not in last
    assert f"USER {USER}" in last and "HEALTHCHECK" in last and "org.opencontainers.image.version" in last
