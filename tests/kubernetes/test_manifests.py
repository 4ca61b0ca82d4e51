"""The plain manifests: the Deployment as the chart makes it, and the sidecar over a coordinator's Deployment."""
import os
import shutil
import subprocess

import pytest
import yaml
from chart import EVENKEEL, ROOT

FOLDER = ROOT / "config/kubernetes"
# A coordinator's Deployment, with what the patch must leave alone.
COORDINATOR = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-release-milvus-mixcoord
  labels: {component: mixcoord}
spec:
  replicas: 1
  selector: {matchLabels: {component: mixcoord}}
  template:
    metadata: {labels: {component: mixcoord}}
    spec:
      initContainers: [{name: config, image: tool}]
      containers: [{name: mixcoord, image: milvus, ports: [{name: metrics, containerPort: 9091}]}]
      volumes: [{name: tools, emptyDir: {}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: my-release-milvus-querynode, labels: {component: querynode}}
spec:
  selector: {matchLabels: {component: querynode}}
  template:
    metadata: {labels: {component: querynode}}
    spec: {containers: [{name: querynode, image: milvus}]}
"""


def validate(path, version):
    return subprocess.run([os.environ["VALIDATE"], "--strict", "--kubernetes-version", version, path], capture_output=True, text=True)


def test_the_deployment_is_what_the_chart_makes():
    made = subprocess.run([ROOT / "config/kubernetes/make", "-"], capture_output=True, text=True, check=True).stdout
    assert (FOLDER / "deployment.yaml").read_text() == made, "make manifests writes it anew"


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_the_deployment_is_what_kubernetes_takes(version):
    done = validate(FOLDER / "deployment.yaml", version)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def patched(tmp_path_factory):
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on this machine, and Debian's is too old for components")
    folder = tmp_path_factory.mktemp("overlay")
    shutil.copytree(FOLDER / "sidecar", folder / "sidecar")
    (folder / "milvus.yaml").write_text(COORDINATOR)
    (folder / "kustomization.yaml").write_text("resources: [milvus.yaml]\ncomponents: [sidecar]\n")
    made = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    (folder / "made.yaml").write_text(made.stdout)
    return folder / "made.yaml"


def test_the_sidecar_stands_beside_the_coordinator_alone(patched):
    made = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(patched.read_text())}
    spec = made["Deployment", "my-release-milvus-mixcoord"]["spec"]["template"]["spec"]
    assert [each["name"] for each in spec["containers"]] == ["mixcoord"]
    assert {each["name"] for each in spec["initContainers"]} == {"config", "evenkeel"}
    sidecar = next(each for each in spec["initContainers"] if each["name"] == "evenkeel")
    assert sidecar["restartPolicy"] == "Always" and "readinessProbe" not in sidecar
    assert {port["containerPort"] for port in sidecar["ports"]} == {10931}, "9091 is the coordinator's"
    assert sidecar["securityContext"]["readOnlyRootFilesystem"] and sidecar["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    mounted = {mount["name"] for mount in sidecar["volumeMounts"]}
    assert mounted <= {volume["name"] for volume in spec["volumes"]}
    config = next(each for each in spec["volumes"] if each["name"] == "evenkeel-config")["configMap"]["name"]
    assert ("ConfigMap", config) in made, "a change of it makes a new pod"
    assert "initContainers" not in made["Deployment", "my-release-milvus-querynode"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_the_sidecar_is_what_kubernetes_takes(patched, version):
    done = validate(patched, version)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_agent_takes_the_sidecars_settings(tmp_path):
    (tmp_path / "token").write_text("a-token-of-more-than-sixteen\n")
    (tmp_path / "token").chmod(0o440)
    path = tmp_path / "evenkeel.toml"
    path.write_text((FOLDER / "sidecar/evenkeel.toml").read_text().replace("/run/secrets/evenkeel", str(tmp_path)))
    done = subprocess.run([EVENKEEL, "check-config", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
