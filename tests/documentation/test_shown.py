"""What the pages show is run: commands against a simulated Milvus, configurations by those who read them. What cannot be run
here, or is run by another test, is named with the reason; anything else fails."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
import yaml
from pages import PAGES, ROOT, blocks, commands

EVENKEEL = os.environ.get("EVENKEEL") or str(ROOT / "build/release/agent/evenkeel")
MAKEFILE = (ROOT / "Makefile").read_text()

# Commands that another test runs, or nobody here can: a pattern, and where or why.
ELSEWHERE = {
    r"docker (build|run) .*": "tests/package/build-image: the same Dockerfile by buildah, and what it starts",
    r"scripts/image-root .*": "tests/package/conftest.py",
    r"helm (install|upgrade) evenkeel config/helm/evenkeel .*": "tests/kubernetes/test_readme.py: without a cluster",
    r"cat > kustomization.yaml .*|kubectl apply -k \.": "tests/kubernetes/test_manifests.py, as far as kubectl kustomize",
    r"sudo install build/release/agent/evenkeel /usr/local/bin/|evenkeel (status|plan)": "tests/documentation/test_first_use.py",
    r"etcdctl del by-dev/config/queryCoord/autoBalance": "tests/e2e/test_failures.py: the key goes by its lease, in place of by hand",
    r"etcdctl put by-dev/config/queryCoord/autoBalance false": "tests/e2e/test_failures.py: the same key, the other way round",
    r"ALERTMANAGER=/path/to/alertmanager .*": "tests/dashboards/test_configurations.py and tests/e2e/test_chain.py: with Debian's",
    r"python3 -m http.server .*": "tests/e2e/preview.py: serves the same folder",
}


@pytest.fixture(scope="module")
def demo():
    """(address of a simulated Milvus, address of the agent that looks after it, metrics of its nodes)"""
    with tempfile.NamedTemporaryFile("w+") as out:
        process = subprocess.Popen([EVENKEEL, "demo", "--keep", "--plain", "--web.listen-address", "127.0.0.1:0"],
                                   stdout=out, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + 20
            while not (said := re.search(r"Milvus at (\S+), the agent's page at (\S+)/", Path(out.name).read_text())):
                assert time.monotonic() < end, Path(out.name).read_text()
                time.sleep(0.05)
            targets = set()
            while len(targets) < 6:
                metrics = urllib.request.urlopen(f"{said[2]}/metrics", timeout=10).read().decode()
                targets = set(re.findall(r'evenkeel_scrape_up{.*target="([^"]+)"', metrics))
                assert time.monotonic() < end, metrics
            yield said[1], said[2], ",".join(sorted(targets))
        finally:
            process.terminate()
            process.wait(10)


def sh(command, folder, **more):
    return subprocess.run(["bash", "-euc", command], cwd=folder, capture_output=True, text=True, timeout=60, **more)


def made_for_here(command, folder, milvus, agent, _):
    """With the places of a real installation replaced by what is here."""
    for there, here in (("http://PROXY:9091", milvus), ("http://AGENT:10931", agent), ("/etc/evenkeel", str(folder)),
                        ("config/evenkeel.toml", str(ROOT / "config/evenkeel.toml"))):
        command = command.replace(there, here)
    return re.sub(r"^evenkeel ", f"{EVENKEEL} ", command)


def run_evenkeel(command, folder, demo):
    here = made_for_here(command, folder, *demo)
    here += f" --scrape.targets {demo[2]}"  # all nodes are on this machine
    if " run " in here:  # goes on until it is ended
        here = f"XDG_STATE_HOME={folder} timeout --preserve-status --signal=TERM 4 {here} --web.listen-address 127.0.0.1:0"
        if "--milvus.address" not in here:
            here += f" --milvus.address {demo[0]}"
    done = sh(here, folder)
    assert done.returncode in (0, 3), done.stdout + done.stderr


def run_curl(command, folder, demo):
    (folder / "token").write_text("whatever\n")  # the demo asks for none
    done = sh(made_for_here(command, folder, *demo).replace("curl ", "curl --silent --show-error --fail-with-body "), folder)
    assert done.returncode == 0 and json.loads(done.stdout), done.stdout + done.stderr


def run_openssl(command, folder, _):
    # Nobody types the password here.
    done = sh(command.replace("/etc/evenkeel", str(folder)).replace("openssl passwd -6", "openssl passwd -6 secret")
              .replace("chgrp evenkeel", f"chgrp {os.getgid()}"), folder)
    assert done.returncode == 0, done.stderr
    key, file = ("token_file", "token") if "rand" in command else ("users_file", "users")
    config = folder / "evenkeel.toml"
    config.write_text(f"[web]\n{key} = '{folder / file}'\n")
    checked = sh(f"{EVENKEEL} check-config {config}", folder)
    assert checked.returncode == 0, checked.stderr


def run_kubectl(command, folder, _):
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on this machine")
    for file in ("token", "password"):
        (folder / file).write_text("a-token-of-more-than-sixteen\n")
    done = sh(f"{command} --dry-run=client --output=yaml", folder)  # there is no cluster
    named = set(re.findall(r"--from-(?:file|literal)=(\w+)", command))
    assert done.returncode == 0 and set(yaml.safe_load(done.stdout)["data"]) == named, done.stderr


def run_sed(command, folder, _):
    """On a copy of the alerts: Prometheus still takes them, and each leads to a whole address of the runbook."""
    shutil.copy(ROOT / "dashboards/evenkeel.rules.yml", folder)
    done = sh(f"{command} && promtool check rules evenkeel.rules.yml", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    rules = [rule for group in yaml.safe_load((folder / "evenkeel.rules.yml").read_text())["groups"] for rule in group["rules"]]
    addresses = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules if "alert" in rule}
    assert len(addresses) > 20
    for alert, address in addresses.items():
        assert re.fullmatch(rf"https://[^/]+/docs/dashboards/ALERTS.md#{alert.lower()}", address), address


def is_target(command, *_):
    for word in command.split()[1:]:
        if "=" not in word:
            assert re.search(rf"^{word}:", MAKEFILE, re.MULTILINE), f"no target {word}"


RUN = {r"make .*": is_target, r"evenkeel (?!status$|plan$).*": run_evenkeel, r"curl .*": run_curl, r"\(umask 027; .*openssl .*": run_openssl,
       r"kubectl create secret .*": run_kubectl, r"sed -i .* evenkeel\.rules\.yml": run_sed}


@pytest.mark.parametrize("where, command", list(commands()))
def test_every_command(where, command, demo, tmp_path):
    for pattern, run in RUN.items():
        if re.fullmatch(pattern, command):
            return run(command, tmp_path, demo)
    for pattern, by in ELSEWHERE.items():
        if re.fullmatch(pattern, command):
            path = by.split(":")[0].split(",")[0].split(" and ")[0]
            assert not path.startswith("tests/") or (ROOT / path).exists(), path
            return None
    raise AssertionError(f"{where}: nothing runs this command: {command}")


def test_every_pattern_is_needed():
    for pattern in ELSEWHERE:
        assert any(re.fullmatch(pattern, command) for _, command in commands()), pattern


@pytest.mark.parametrize("block", list(blocks("toml", "yaml", "json")), ids=lambda block: block.where)
def test_every_configuration(block, tmp_path):
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml":
        assert yaml.safe_load(block.text)
    else:
        path = tmp_path / "evenkeel.toml"
        path.write_text(block.text)
        done = subprocess.run([EVENKEEL, "check-config", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_blocks_of_other_languages_are_only_pictures():
    known = {"sh", "toml", "yaml", "json", "text", "mermaid", ""}
    for page in PAGES:
        languages = re.findall(r"^ *```(\w+)$", page.read_text(), re.MULTILINE)
        assert set(languages) <= known, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_within_sentences_are_understood(page):
    """`evenkeel …` in backticks: the verb is there, and so are its options."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for command in re.findall(r"`evenkeel ([^`]+)`", text):
        verb = re.match(r"(?:show )?[a-z_-]+", command)[0]
        shown = subprocess.run([EVENKEEL, *verb.split(), "--help"], capture_output=True, text=True)
        assert shown.returncode == 0, command
        for option in re.findall(r"(?<=[ \[])(--?[a-z][a-z.-]*)", command):
            assert option in shown.stdout, command


def test_the_readme_names_every_verb_and_exit_code():
    readme = (ROOT / "README.md").read_text()
    help_text = subprocess.run([EVENKEEL, "--help"], capture_output=True, text=True).stdout
    verbs = re.findall(r"^  ([a-z_-]+) {2,}\S", help_text.split("Subcommands:")[1], re.MULTILINE)
    assert len(verbs) >= 8
    for verb in verbs:
        assert f"`evenkeel {verb}" in readme, verb
    codes = re.search(r"Exit codes: (.*)\.", help_text)[1]
    assert codes in readme


def test_settings_that_pages_name_are_there():
    known = tomllib.loads((ROOT / "config/evenkeel.toml").read_text())
    for page in PAGES:
        for section, keys in re.findall(r"`\[(\w+)\] ([a-z_]+)", page.read_text()):
            assert section in known and keys in known[section], f"{page}: [{section}] {keys}"


def test_messages_that_troubleshooting_quotes_are_the_programs_own():
    page = (ROOT / "config/TROUBLESHOOTING.md").read_text()
    sources = "".join(path.read_text() for folder in ("agent", "rules") for path in (ROOT / folder).rglob("*.cpp"))
    # String literals broken over lines are one, and so are the lines of the page.
    sources = re.sub(r'"\s*\n\s*"', "", sources)
    page = re.sub(r"\s+", " ", page)
    for quoted in ("everybody on this machine may read or write it", "so anybody there could pause the agent",
                   "standard output cannot be written", "is Milvus up, and is this a proxy's HTTP port, 9091 by default?",
                   "whose /api/v1 is switched off (proxy.http.enabled) or retired (newer than 3.0)",
                   "system_info gives no memory_usage of it", "set [milvus] username and password_file, or token_file",
                   "check [milvus] username and password_file", "since it may not do this",
                   "not sent, since the login cannot be read: ", "the login for Milvus goes over the network in clear",
                   " is newer than all that is known here (2.1 to 2.6, 3.0)",
                   "it is judged and planned for only, until [milvus] allow_untested_version = true",
                   "does not say which version it is", " takes no part: ", "it is a streaming node, which holds growing segments",
                   "it is read-only, and Milvus is emptying it",
                   "sealed, on a streaming node, from which load_balance cannot take them",
                   "it may be a streaming node: this Milvus does not tell, so give the agent the node's own metrics or a proxy "
                   "whose console routes answer", " waits: ", "some of its nodes are of another resource group and leave it, and "
                   "Milvus does not say which", " by the metrics, and no list of collections has it",
                   "it is of a database that this Milvus does not list: name all of them in [milvus] databases, or set "
                   "rest_address (2.4 and later)", "it is of a database that [milvus] databases leaves out",
                   "or it is gone and the metrics are stale",
                   " holds a collection that no list names, and memory of that size",
                   "the collection was dropped or renamed, or it is in another database",
                   "the database was dropped, or its name in [milvus] databases is another",
                   "the collection was released: it has nothing to move until it is loaded again",
                   "the collection is being loaded, or was released: try again when it is fully loaded",
                   "the segment has left that node, by compaction or another move",
                   " is not in the collection's replica, or is a streaming node, or is gone",
                   " is read-only (suspended or leaving): Evenkeel lets it rest; 'node/resume' makes it a destination again",
                   "though the call was answered as done", "a move was undone by somebody else"):
        assert quoted in page and quoted in sources, quoted
