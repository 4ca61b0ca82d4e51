"""What the chart makes of its values."""
import functools
import os
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "config/helm/evenkeel"
HELM = os.environ["HELM"]
EVENKEEL = os.environ.get("EVENKEEL") or ROOT / "build/release/agent/evenkeel"
VALUES = {"defaults": [], "beside-milvus": [ROOT / "config/helm/values-milvus.yaml"],
          "beside-operator": [ROOT / "config/helm/values-operator.yaml"],
          "manifests": [ROOT / "config/kubernetes/values.yaml"],
          **{path.stem: [path] for path in sorted((ROOT / "tests/kubernetes/values").glob("*.yaml"))}}


def helm(*arguments, check=True):
    done = subprocess.run([HELM, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if check:
        assert done.returncode == 0, done.stderr
    return done


@functools.cache
def text(name, *more):
    files = [each for path in VALUES[name] for each in ("--values", path)]
    return helm("template", "keel", CHART, "--namespace", "vectors", *files, *more).stdout


def objects(name, *more):
    """{(kind, name): object}"""
    found = [each for each in yaml.safe_load_all(text(name, *more)) if each]
    made = {(each["kind"], each["metadata"]["name"]): each for each in found}
    assert len(made) == len(found), "two of one name"
    return made


def one(name, kind, *more):
    found = [each for (its_kind, _), each in objects(name, *more).items() if its_kind == kind]
    assert len(found) == 1, f"{kind}: {len(found)}"
    return found[0]


def of(name, kind):
    return [each for (its_kind, _), each in objects(name).items() if its_kind == kind]
