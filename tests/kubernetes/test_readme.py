"""The helm commands that pages show, without the cluster that they would install in."""
import json
import re
import subprocess

import pytest
import yaml
from chart import CHART, ROOT, helm

README = ROOT / "config/kubernetes/README.md"
SHOWN = README.read_text() + (ROOT / "config/UPGRADE.md").read_text()
COMMANDS = re.findall(r"^helm (install|upgrade) (.*)$", re.sub(r"\\\n\s*", "", SHOWN), re.MULTILINE)


@pytest.mark.parametrize("verb, arguments", COMMANDS)
def test_every_helm_command(verb, arguments):
    words = [str(ROOT / word) if word.startswith("config/") else word for word in arguments.split() if word != "--reset-then-reuse-values"]
    made = helm("template", *words).stdout
    for setting in re.findall(r"--set (\S+)\.enabled=true", arguments):
        assert re.search(rf"^kind: {setting}$", made, re.MULTILINE | re.IGNORECASE) or "-dashboard-cluster" in made, setting
    for address in re.findall(r"milvus.address=(\S+)", arguments):
        assert f'address = "{address}"' in made


def test_there_are_some():
    assert {verb for verb, _ in COMMANDS} == {"install", "upgrade"}
    assert "-f config/helm/values-milvus.yaml" in README.read_text()


def test_the_charts_page_is_made_from_its_schema():
    made = subprocess.run([ROOT / "config/helm/make-readme", "-"], capture_output=True, text=True, check=True).stdout
    assert (CHART / "README.md").read_text() == made, "make manifests writes it anew"


def test_every_value_has_a_default_and_a_meaning():
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema) == set(values) | {"global"}
    for name, value in values.items():
        if name != "config" and "properties" in schema[name]:
            assert set(schema[name]["properties"]) == set(value), name


def test_artifact_hub_is_told_what_it_asks_for():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    told = {name.removeprefix("artifacthub.io/"): value for name, value in chart["annotations"].items()}
    assert {"category", "license", "prerelease", "images", "links", "changes"} == set(told)
    (image,) = yaml.safe_load(told["images"])
    assert image["image"] == f"evenkeel:{chart['appVersion']}"
    kinds = {"added", "changed", "deprecated", "removed", "fixed", "security"}
    assert all(change["kind"] in kinds and change["description"] for change in yaml.safe_load(told["changes"]))
