"""A download with a wrong digest is refused in words that say which, and nothing of it is kept. Needs no network."""
import hashlib
import lzma
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/milvus"))

import parts  # noqa: E402

WRONG = "0" * 64


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def kept(folder):
    """What is there, but for locks."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, and no packages for pip but those in tmp_path/wheels."""
    folder = tmp_path / "cache/evenkeel"
    (folder / "parts").mkdir(parents=True)
    monkeypatch.setattr(parts, "CACHE", folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return folder


@pytest.fixture
def wheel(tmp_path):
    """A package milvus 2.3.5 for pip, whose server is one word; gives its sha256."""
    path = tmp_path / "wheels/milvus-2.3.5-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("milvus/data/milvus.lzma", lzma.compress(b"server"))
        for name, text in (("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                           ("METADATA", "Metadata-Version: 2.1\nName: milvus\nVersion: 2.3.5\n"), ("RECORD", "")):
            archive.writestr(f"milvus-2.3.5.dist-info/{name}", text)
    return sha256(path.read_bytes())


@pytest.fixture
def maven(cache, tmp_path, monkeypatch):
    """Gives the jars that Maven brings. The list has two, each with its own name as content."""
    (cache / "parts/milvus-2.3.5").mkdir()
    names = ("kafka.jar", "scala.jar")
    monkeypatch.setattr(parts, "JARS", tmp_path / "jars.sha256")
    parts.JARS.write_text("".join(f"{sha256(name.encode())}  {name}\n" for name in names))
    jars = {name: name.encode() for name in names}

    def run(command, **_):
        if command[0] == "mvn":
            folder = Path(command[-1].removeprefix("-DoutputDirectory="))
            (folder / "repository").mkdir()
            for name, content in jars.items():
                (folder / name).write_bytes(content)
        else:
            assert command[0] == "java"

    monkeypatch.setattr(parts.subprocess, "run", run)
    return jars


def test_a_wheel_with_the_right_digest_is_unpacked(wheel, cache, monkeypatch):
    (cache / "parts" / f"kafka-{parts.KAFKA}").mkdir()
    monkeypatch.setitem(parts.WHEELS, "2.3.5", wheel)
    server, _ = parts.fetch("2.3.5")
    assert kept(server) == ["milvus"]
    assert (server / "milvus").read_bytes() == b"server"


def test_a_wheel_with_another_digest_is_refused(wheel, cache, monkeypatch, capfd):
    monkeypatch.setitem(parts.WHEELS, "2.3.5", WRONG)
    with pytest.raises(subprocess.CalledProcessError):
        parts.fetch("2.3.5")
    said = capfd.readouterr().err
    assert "milvus-2.3.5-py3-none-any.whl" in said and WRONG in said and wheel in said
    assert kept(cache / "parts") == []


def test_a_version_without_a_digest_is_refused(cache):
    with pytest.raises(parts.WrongParts, match="no sha256 of Milvus 2.4.0 is known, only of 2.3.5, 2.2.16"):
        parts.fetch("2.4.0")
    assert kept(cache / "parts") == []


def test_the_jars_of_the_list_are_kept(maven, cache):
    _, jars = parts.fetch("2.3.5")
    assert {path.name for path in jars.glob("*.jar")} == maven.keys() and not (jars / "repository").exists()
    assert kept(cache / "parts") == [f"kafka-{parts.KAFKA}", "milvus-2.3.5"]


@pytest.mark.parametrize("name, content, words", [
    ("kafka.jar", b"another", f"kafka.jar: expected {sha256(b'kafka.jar')}, found {sha256(b'another')}"),
    ("kafka.jar", None, f"kafka.jar: expected {sha256(b'kafka.jar')}, found no such file"),
    ("more.jar", b"more", f"more.jar: expected no such file, found {sha256(b'more')}"),
], ids=["another", "missing", "more"])
def test_other_jars_are_refused(maven, cache, name, content, words):
    maven[name] = content
    if content is None:
        del maven[name]
    with pytest.raises(parts.WrongParts) as refused:
        parts.fetch("2.3.5")
    assert str(refused.value).splitlines()[1:] == [f"  {words}"]
    assert kept(cache / "parts") == ["milvus-2.3.5"]


def test_what_is_unpacked_already_is_used_as_it_is(cache, monkeypatch):
    monkeypatch.setattr(parts.subprocess, "run", None)
    for name in (f"kafka-{parts.KAFKA}", "milvus-2.0.0"):
        (cache / "parts" / name).mkdir()
    assert parts.fetch("2.0.0") == (cache / "parts/milvus-2.0.0", cache / "parts" / f"kafka-{parts.KAFKA}")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_a_python_environment_is_of_packages_with_their_digests(wheel, cache, tmp_path, right):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"milvus==2.3.5 --hash=sha256:{wheel if right else WRONG}\n")
    done = run(ROOT / "scripts/pinned-python", requirements)
    if right:
        assert done.returncode == 0, done.stderr
        assert Path(done.stdout.strip()).parents[1].parent == cache
    else:
        assert done.returncode == 1
        assert "milvus-2.3.5-py3-none-any.whl" in done.stderr and WRONG in done.stderr and wheel in done.stderr
        assert kept(cache) == ["parts"]


@pytest.mark.parametrize("go", ["go1.99.0", "go1.19.8"])
def test_helm_is_built_of_nothing_but_its_source(cache, tmp_path, monkeypatch, go):
    """Of neither another helm nor, where this machine's Go is too old, another Go."""
    fake = tmp_path / "bin/go"
    fake.parent.mkdir()
    fake.write_text(f"""#!/bin/sh
case "$*" in
  "env GOVERSION") echo {go} ;;
  "env GOARCH") echo amd64 ;;
  "mod download -json "*) printf '{{\\n\\t"Path": "x",\\n\\t"Dir": "/nowhere",\\n\\t"Sum": "h1:another="\\n}}\\n' ;;
  *) exit 99 ;;
esac
""")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    done = run(ROOT / "scripts/pinned-helm")
    assert done.returncode == 1
    module = "golang.org/toolchain" if go == "go1.19.8" else "helm.sh/helm"
    assert re.fullmatch(rf"pinned-helm: {module}\S+: expected h1:\S+=, found h1:another=\n", done.stderr), done.stderr
    assert kept(cache) == ["parts"]


def test_axe_with_another_digest_is_refused(cache, tmp_path):
    path = tmp_path / "wheels/axe_playwright_python-0.1.8-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("axe_playwright_python/axe.min.js", "alert('another')")
    done = run(sys.executable, ROOT / "tests/e2e/axe.py")
    assert done.returncode == 1 and "DO NOT MATCH THE HASHES" in done.stderr and sha256(path.read_bytes()) in done.stderr
    assert kept(cache) == ["parts"]


PINNED = sorted(path for folder in ("dashboards", "scripts", "tests") for path in (ROOT / folder).rglob("*requirements.txt"))


@pytest.mark.parametrize("file", PINNED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_python_package_is_pinned(file):
    for line in file.read_text().splitlines():
        assert re.fullmatch(r"#.*|[\w-]+==\S+( --hash=sha256:[0-9a-f]{64})+", line), line


def test_every_image_is_pinned():
    text = (ROOT / "config/container/Dockerfile").read_text()
    bases = dict(re.findall(r"^ARG (\w+)=(.*)$", text, re.MULTILINE))
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(images) == 2
    for image in images:
        image = re.sub(r"\$\{(\w+)\}", lambda name: bases[name[1]], image)
        assert image == "scratch" or re.search(r"@sha256:[0-9a-f]{64}$", image), image
