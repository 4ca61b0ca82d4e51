"""The Debian package: what is in it, and a life of it on a bare Debian 12."""
import re

from package import BINARY, DEB, ROOT, run

FILES = {
    "etc/evenkeel/evenkeel.toml",
    "lib/systemd/system/evenkeel.service",
    "usr/bin/evenkeel",
    "usr/share/bash-completion/completions/evenkeel",
    "usr/share/doc/evenkeel/CHANGELOG.md.gz",
    "usr/share/doc/evenkeel/changelog.gz",
    "usr/share/doc/evenkeel/copyright",
    "usr/share/evenkeel/evenkeel-agent.json",
    "usr/share/evenkeel/evenkeel-cluster.json",
    "usr/share/evenkeel/evenkeel-decisions.json",
    "usr/share/evenkeel/evenkeel.rules.yml",
    "usr/share/fish/vendor_completions.d/evenkeel.fish",
    "usr/share/man/man1/evenkeel.1.gz",
    "usr/share/zsh/vendor-completions/_evenkeel",
}


def contents():
    """{path: (mode, owner)}"""
    listing = run("dpkg-deb", "--contents", DEB).stdout
    return {line.split()[5].removeprefix("./"): line.split()[:2] for line in listing.splitlines()}


def test_holds_these_files_and_no_others():
    assert {path for path in contents() if not path.endswith("/")} - {""} == FILES


def test_everything_is_roots_and_writable_by_nobody_else():
    for path, (mode, owner) in contents().items():
        assert owner == "root/root", path
        assert re.fullmatch(r"(d|-)rwxr-xr-x|-rw-r--r--", mode), f"{path}: {mode}"


def test_needs_only_libc_openssl_libcrypt_and_zlib():
    depends = run("dpkg-deb", "--field", DEB, "Depends").stdout
    assert {each.split()[0] for each in depends.split(",")} == {"adduser", "libc6", "libcrypt1", "libssl3", "zlib1g"}


def test_lintian_finds_nothing():
    # It is no package of Debian's own: nobody reads mail of its maintainer, and there is no bug to close.
    said = run("lintian", "--tag-display-limit", "0", "--allow-root", "--fail-on", "error,warning",
               "--suppress-tags", "bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs", DEB, check=False)
    assert said.returncode == 0 and said.stdout.strip() == "", said.stdout


def test_the_manual_is_well_formed_and_names_every_verb_and_option():
    run("mandoc", "-Tlint", "-Wwarning", ROOT / "agent/cli/evenkeel.1")
    page = run("mandoc", "-Tutf8", ROOT / "agent/cli/evenkeel.1").stdout
    page = re.sub(r".\x08", "", page)
    completions = run(BINARY, "completion", "bash").stdout
    words = set(re.findall(r"(?<![\w-])(--?[a-z][a-z.-]*)", completions)) - {"--", "-f", "-W", "-F", "--version", "--help", "-h"}
    for word in words | set(re.findall(r"^    '([a-z_ -]+)'\)", completions, re.MULTILINE)):
        assert all(part in page for part in word.split()), word


def test_a_life_on_a_bare_debian(bare):
    before = bare.files()
    (bare.folder / DEB.name).write_bytes(DEB.read_bytes())
    bare.run("apt-get", "-qq", "update")
    installed = bare.run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", f"./{DEB.name}")
    assert "systemctl enable --now evenkeel" in installed.stdout
    (bare.folder / DEB.name).unlink()

    version = bare.run("evenkeel", "--version").stdout
    assert version.startswith("evenkeel 0."), version
    assert bare.run("evenkeel", "check-config", "/etc/evenkeel/evenkeel.toml").stdout.endswith("no mistakes\n")
    assert "/usr/sbin/nologin" in bare.run("getent", "passwd", "evenkeel").stdout
    assert bare.run("dpkg", "--verify", "evenkeel").stdout == ""
    assert "/etc/evenkeel/evenkeel.toml" in bare.run("dpkg-query", "-W", "-f", "${Conffiles}", "evenkeel").stdout
    assert (bare.folder / "etc/evenkeel/evenkeel.toml").read_text() == (ROOT / "config/evenkeel.toml").read_text()

    # Changed settings outlive an upgrade and a removal.
    settings = bare.folder / "etc/evenkeel/evenkeel.toml"
    settings.write_text("[balance]\nauto_balance = false\n")
    (bare.folder / DEB.name).write_bytes(DEB.read_bytes())
    bare.run("dpkg", "--install", "--force-confold", DEB.name)
    (bare.folder / DEB.name).unlink()
    bare.run("dpkg", "--remove", "evenkeel")
    assert settings.read_text() == "[balance]\nauto_balance = false\n"
    assert not (bare.folder / "usr/bin/evenkeel").exists()

    bare.run("dpkg", "--purge", "evenkeel")
    bare.run("apt-get", "-qq", "autoremove", "--purge", "--yes")
    left = {path for path in bare.files() - before if "evenkeel" in path}
    assert left == set()
    # Debian's policy keeps the user: files may be left that it owns.
    assert bare.run("getent", "passwd", "evenkeel").returncode == 0
