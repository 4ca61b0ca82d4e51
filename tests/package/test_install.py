"""`make install`: what it installs below a prefix, and nothing outside of it."""
import os

from package import ROOT, run

FILES = {
    "bin/evenkeel",
    "share/bash-completion/completions/evenkeel",
    "share/doc/evenkeel/CHANGELOG.md",
    "share/doc/evenkeel/LICENSE",
    "share/doc/evenkeel/copyright",
    "share/doc/evenkeel/examples/evenkeel.toml",
    "share/evenkeel/evenkeel-agent.json",
    "share/evenkeel/evenkeel-cluster.json",
    "share/evenkeel/evenkeel-decisions.json",
    "share/evenkeel/evenkeel.rules.yml",
    "share/fish/vendor_completions.d/evenkeel.fish",
    "share/man/man1/evenkeel.1.gz",
    "share/zsh/site-functions/_evenkeel",
}


def install(*words):
    return run("make", "--directory", ROOT, "install", "DEPS=skip", f"CMAKE_FLAGS={sources()}", *words)


def sources():
    """The release keeps the libraries' sources that it was made with."""
    cache = (ROOT / "build/release/CMakeCache.txt").read_text()
    line = next(each for each in cache.splitlines() if each.startswith("EVENKEEL_LIBRARY_SOURCES:"))
    return "-DEVENKEEL_LIBRARY_SOURCES=" + line.partition("=")[2]


def files_below(folder):
    return {str((path.relative_to(folder))) for path in folder.rglob("*") if path.is_file()}


def test_installs_these_files_below_a_prefix_and_no_others(tmp_path):
    install(f"PREFIX={tmp_path}")
    assert files_below(tmp_path) == FILES
    for name in FILES:
        mode = os.stat(tmp_path / name).st_mode & 0o777
        assert mode == (0o755 if name.startswith("bin/") else 0o644), name
    assert run(tmp_path / "bin/evenkeel", "--version").stdout.startswith("evenkeel 0.")
    example = tmp_path / "share/doc/evenkeel/examples/evenkeel.toml"
    assert run(tmp_path / "bin/evenkeel", "check-config", example).stdout.endswith("no mistakes\n")


def test_takes_a_staging_folder(tmp_path):
    install("PREFIX=/opt/evenkeel", f"DESTDIR={tmp_path}")
    assert files_below(tmp_path) == {f"opt/evenkeel/{name}" for name in FILES}
