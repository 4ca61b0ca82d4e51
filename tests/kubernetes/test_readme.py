"""The helm commands that config/kubernetes/README.md shows, without the cluster that they would install in."""
import re

import pytest
from chart import ROOT, helm

README = ROOT / "config/kubernetes/README.md"
COMMANDS = re.findall(r"^helm (install|upgrade) (.*)$", re.sub(r"\\\n\s*", "", README.read_text()), re.MULTILINE)


@pytest.mark.parametrize("verb, arguments", COMMANDS)
def test_every_helm_command(verb, arguments):
    words = [str(ROOT / word) if word.startswith("config/") else word for word in arguments.split() if word != "--reuse-values"]
    made = helm("template", *words).stdout
    for setting in re.findall(r"--set (\S+)\.enabled=true", arguments):
        assert re.search(rf"^kind: {setting}$", made, re.MULTILINE | re.IGNORECASE) or "-dashboard-cluster" in made, setting
    for address in re.findall(r"milvus.address=(\S+)", arguments):
        assert f'address = "{address}"' in made


def test_there_are_some():
    assert {verb for verb, _ in COMMANDS} == {"install", "upgrade"}
    assert "-f config/helm/values-milvus.yaml" in README.read_text()
