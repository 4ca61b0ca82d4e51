"""The Helm chart: what it makes of several sets of values, and what it refuses."""
import base64
import json
import os
import re
import shutil
import subprocess
import tarfile
import tomllib

import pytest
import yaml
from chart import CHART, EVENKEEL, ROOT, VALUES, helm, objects, of, one, text

NAMES = list(VALUES)
WRITABLE = [name for name in NAMES if name != "read-only"]


def pod(name, *more):
    return one(name, "Deployment", *more)["spec"]["template"]["spec"]


def container(name, *more):
    (only,) = pod(name, *more)["containers"]
    return only


def settings(name):
    (found,) = [each["data"]["evenkeel.toml"] for each in of(name, "ConfigMap") if "evenkeel.toml" in each["data"]]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_lints(name):
    files = [each for path in VALUES[name] for each in ("--values", path)]
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART, *files).stdout


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("version", ["1.29", "1.37"])  # the first with sidecars by default, and the newest that is known
def test_is_what_kubernetes_takes(name, version, tmp_path):
    # Objects of Prometheus's operator have no schema there.
    known = [each for each in objects(name).values() if not each["apiVersion"].startswith("monitoring.")]
    path = tmp_path / "objects.yaml"
    path.write_text(yaml.safe_dump_all(known))
    done = subprocess.run([os.environ["VALIDATE"], "--strict", "--kubernetes-version", version, path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(known) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_there_is_one_agent_or_several_that_take_turns(name):
    spec = one(name, "Deployment")["spec"]
    turns = tomllib.loads(settings(name)).get("turns", {}).get("mode", "alone")
    assert spec["replicas"] == (2 if turns == "etcd" else 1) and spec["strategy"] == {"type": "Recreate"}


def test_several_agents_are_on_several_machines():
    (spread,) = pod("two-replicas")["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    labels = one("two-replicas", "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert spread["labelSelector"]["matchLabels"].items() <= labels.items()


@pytest.mark.parametrize("name", NAMES)
def test_is_allowed_nothing_that_it_does_not_need(name):
    assert pod(name)["automountServiceAccountToken"] is False
    assert all(each["automountServiceAccountToken"] is False for each in of(name, "ServiceAccount"))
    whole = pod(name)["securityContext"]
    if name == "openshift":
        assert "runAsUser" not in whole and "fsGroup" not in whole, "the namespace gives them"
    else:
        assert whole["runAsUser"] > 0 and whole["fsGroup"] > 0
    assert whole["runAsNonRoot"] is True and whole["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(name)["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert container(name)["resources"]["limits"]["memory"] and container(name)["resources"]["requests"]["cpu"]


@pytest.mark.parametrize("name", NAMES)
def test_is_asked_where_the_agent_answers(name):
    port = int(re.search(r"[0-9]+$", tomllib.loads(settings(name))["web"]["listen_address"])[0])
    assert container(name)["ports"] == [{"name": "http", "containerPort": port, "protocol": "TCP"}]
    scheme = "HTTPS" if name == "secret-and-tls" else "HTTP"
    asked = {probe: container(name)[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe: get["path"] for probe, get in asked.items()} == {
        "startupProbe": "/-/healthy", "livenessProbe": "/-/healthy", "readinessProbe": "/-/ready"}
    assert all(get["port"] == "http" and get["scheme"] == scheme for get in asked.values())
    assert one(name, "Service")["spec"]["ports"][0]["targetPort"] == "http"


@pytest.mark.parametrize("name", NAMES)
def test_labels_find_the_pod(name):
    deployment = one(name, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [deployment["spec"]["selector"]["matchLabels"], one(name, "Service")["spec"]["selector"]]
    selectors += [each["spec"]["selector"]["matchLabels"] for each in of(name, "PodMonitor") + of(name, "ServiceMonitor")]
    selectors += [each["spec"]["podSelector"]["matchLabels"] for each in of(name, "NetworkPolicy")]
    for selector in selectors:
        assert selector and selector.items() <= labels.items(), selector
    for each in objects(name).values():
        elsewhere = name == "openshift" and "dashboard" in each["metadata"]["name"]
        assert each["metadata"]["namespace"] == ("monitoring" if elsewhere else "vectors")
        assert {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version",
                "app.kubernetes.io/managed-by", "helm.sh/chart"} <= each["metadata"]["labels"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_agent_takes_the_settings(name, tmp_path):
    """The program's own check, with the files where the pod has them."""
    for file in ("token", "users", "tls.crt", "tls.key", "ca.crt", "password"):
        (tmp_path / file).write_text("a-token-of-more-than-sixteen\n")
        (tmp_path / file).chmod(0o440)
    (tmp_path / "users").write_text("anna:" + subprocess.run(["openssl", "passwd", "-6", "secret"], capture_output=True,
                                                            text=True, check=True).stdout)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a",
                    "-keyout", tmp_path / "tls.key", "-out", tmp_path / "tls.crt"], check=True, capture_output=True)
    (tmp_path / "ca.crt").write_bytes((tmp_path / "tls.crt").read_bytes())
    file = tmp_path / "evenkeel.toml"
    file.write_text(re.sub(r"/run/secrets/evenkeel/(auth|milvus|etcd|tls)|/etc/milvus-ca", str(tmp_path), settings(name)))
    # What comes from a secret, and what was given.
    environment = {each["name"]: each.get("value", "root") for each in container(name).get("env", [])}
    done = subprocess.run([EVENKEEL, "check-config", file], capture_output=True, text=True, env=os.environ | environment)
    assert done.returncode == 0, done.stderr + file.read_text()


def test_settings_are_written_as_they_were_given():
    assert tomllib.loads(settings("everything")) == {
        "milvus": {"address": "https://milvus:9091", "timeout": "5s", "tls_verify": False},
        "balance": {"auto_balance": False, "balance_interval_seconds": 30, "overloaded_memory_threshold_percentage": 85.5,
                    "max_bytes_per_round": "16GiB", "outside_windows": "nothing"},
        "windows": [{"days": ["mon-thu", "sun"], "from": "22:00", "to": "06:00", "time_zone": "Europe/Berlin"},
                    {"days": ["sat"]}],
        "scrape": {"interval": "10s", "targets": ["http://a:9091/metrics", "http://b:9091/metrics"]},
        "capacity": {"default": "8GiB", "node": {"3": "16GiB", "10.0.0.7:21123": 34359738368}},
        "alerts": {"min_interval": "1m"},
        "telemetry": {"per_segment": True, "max_segments": 500},
        "web": {"listen_address": ":10931", "token_file": "/run/secrets/evenkeel/auth/token"},
        "log": {"level": "debug", "format": "json"}}


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_setting_names_is_mounted(name):
    mounts = {mount["mountPath"]: mount for mount in container(name)["volumeMounts"]}
    assert mounts.pop("/etc/evenkeel")["name"] == "config"
    volumes = {volume["name"]: volume for volume in pod(name)["volumes"]}
    found = tomllib.loads(settings(name))
    named = {key: value for key, value in (found["milvus"] | found.get("etcd", {}) | found["web"]).items() if key.endswith("_file")}
    assert {value.rsplit("/", 1)[0] for value in named.values()} == set(mounts)
    for mount in mounts.values():
        assert mount["readOnly"] is True
        if mount["name"] == "milvus-ca":  # no secret
            continue
        assert volumes[mount["name"]]["secret"]["defaultMode"] == 0o440, "the agent refuses what everybody may read"
    assert ("token_file" in named) == (name != "read-only")


def test_a_token_of_its_own_is_long_and_given_ones_are_kept():
    made = one("defaults", "Secret")["data"]["token"]
    assert len(made) >= 48
    assert base64.b64decode(one("monitors", "Secret")["data"]["token"]) == b"a-token-of-more-than-sixteen"
    for name in ("read-only", "secret-and-tls", "everything"):
        assert of(name, "Secret") == []
    assert "lookup" in (CHART / "templates/secret.yaml").read_text(), "an upgrade keeps it"


@pytest.mark.parametrize("where", ["milvus", "etcd"])
def test_a_login_comes_from_a_secret(where):
    values = f"{where}-login"
    assert tomllib.loads(settings(values))[where]["password_file"] == f"/run/secrets/evenkeel/{where}/password"
    assert container(values)["env"] == [
        {"name": f"EVENKEEL_{where.upper()}_USERNAME", "valueFrom": {"secretKeyRef": {"name": values, "key": "username"}}},
        {"name": "TZ", "value": "UTC"}]
    (mounted,) = [each["secret"] for each in pod(values)["volumes"] if each["name"] == where]
    assert mounted["secretName"] == values and mounted["items"] == [{"key": "password", "path": "password"}]
    (seen,) = [each["mountPath"] for each in container(values)["volumeMounts"] if each["name"] == where]
    assert seen == f"/run/secrets/evenkeel/{where}"
    assert "env" not in container("defaults") and where not in {each["name"] for each in pod("defaults")["volumes"]}


@pytest.mark.parametrize("setting, annotation", [("config.balance.auto_balance=false", "checksum/config"),
                                                 ("auth.existingSecret=another", "checksum/auth")])
def test_new_settings_make_a_new_pod(setting, annotation):
    of_pod = lambda *more: one("manifests", "Deployment", *more)["spec"]["template"]["metadata"]["annotations"][annotation]
    assert of_pod() == of_pod()
    assert of_pod() != of_pod("--set", setting)


@pytest.mark.parametrize("name", [name for name in NAMES if name in ("manifests", "monitors", "openshift", "secret-and-tls")])
def test_nothing_changes_by_itself(name):
    """So that a GitOps tool has nothing to apply. A token that the chart makes is another one each time: the page says so."""
    files = [each for path in VALUES[name] for each in ("--values", path)]
    assert helm("template", "keel", CHART, *files).stdout == helm("template", "keel", CHART, *files).stdout


def test_an_upgrade_with_the_values_of_an_older_chart_keeps_the_pod_safe():
    """helm upgrade --reuse-values: what the older chart did not have is missing."""
    missing = ["podSecurityContext", "securityContext", "extraArgs", "extraVolumes", "extraVolumeMounts", "commonLabels",
               "prometheusRelease"]
    older = [each for value in missing for each in ("--set", f"{value}=null")]
    assert pod("monitors", *older) == pod("monitors")
    assert container("monitors", *older)["securityContext"]["readOnlyRootFilesystem"] is True


def test_more_can_be_given_to_the_pod():
    assert container("openshift")["args"] == ["run", "--config.file", "/etc/evenkeel/evenkeel.toml", "--dry-run"]
    assert {"name": "milvus-ca", "configMap": {"name": "milvus-ca"}} in pod("openshift")["volumes"]
    assert {"name": "milvus-ca", "mountPath": "/etc/milvus-ca", "readOnly": True} in container("openshift")["volumeMounts"]
    assert container("everything", "--set", "securityContext.runAsUser=7")["securityContext"]["runAsUser"] == 7
    for each in objects("openshift").values():
        assert each["metadata"]["labels"]["team"] == "search"
        assert each["metadata"]["labels"]["app.kubernetes.io/name"] == "evenkeel", "a selector goes by it"


def test_kube_prometheus_stack_finds_monitors_and_rules():
    for kind in ("PodMonitor", "PrometheusRule", "AlertmanagerConfig"):
        assert one("openshift", kind)["metadata"]["labels"]["release"] == "kps"
    spec = one("openshift", "PodMonitor")["spec"]
    assert spec["jobLabel"] in one("openshift", "Deployment")["spec"]["template"]["metadata"]["labels"]
    (endpoint,) = spec["podMetricsEndpoints"]
    assert endpoint["interval"] == "15s" and endpoint["scrapeTimeout"] == "10s"
    assert endpoint["relabelings"] == [{"targetLabel": "cluster", "replacement": "east"}]
    assert endpoint["metricRelabelings"] == [{"action": "labeldrop", "regex": "endpoint"}]


def as_alertmanager_has_it(matchers):
    return [f'{each["name"]} {each["matchType"]} {json.dumps(each["value"]) if each["matchType"] == "=~" else each["value"]}'
            for each in matchers]


def test_alertmanager_is_told_what_the_example_tells_it():
    example = yaml.safe_load((ROOT / "config/alertmanager/alertmanager.yml").read_text())
    made = one("openshift", "AlertmanagerConfig")["spec"]
    # Debian's Alertmanager tries the example itself: tests/dashboards/test_configurations.py.
    route, asked = made["route"], example["route"]
    assert route["groupBy"] == asked["group_by"] and route["groupWait"] == asked["group_wait"]
    assert as_alertmanager_has_it(route["matchers"]) == asked["routes"][0]["matchers"]
    assert [{"source_matchers": as_alertmanager_has_it(rule["sourceMatch"]), "equal": rule["equal"],
             "target_matchers": as_alertmanager_has_it(rule["targetMatch"])} for rule in made["inhibitRules"]] == example["inhibit_rules"]
    (hook,) = made["receivers"][0]["webhookConfigs"]
    (theirs,) = [each for receiver in example["receivers"] for each in receiver.get("webhook_configs", [])]
    assert hook["url"] == "http://keel-evenkeel.vectors.svc:10931/api/v1/alerts"
    assert hook["maxAlerts"] == theirs["max_alerts"] and hook["sendResolved"] is theirs["send_resolved"] is False
    assert hook["httpConfig"]["authorization"] == {"type": "Bearer", "credentials": {"name": "mine", "key": "token"}}


def test_alertmanager_checks_the_agents_certificate():
    (hook,) = one("secret-and-tls", "AlertmanagerConfig")["spec"]["receivers"][0]["webhookConfigs"]
    assert hook["url"].startswith("https://")
    assert hook["httpConfig"]["tlsConfig"] == {"ca": {"secret": {"name": "certificate", "key": "ca.crt"}}}


def test_alerts_can_be_left_out_and_lead_to_your_runbook():
    rules = [rule for group in one("openshift", "PrometheusRule")["spec"]["groups"] for rule in group["rules"]]
    alerts = {rule["alert"]: rule for rule in rules if "alert" in rule}
    assert "EvenkeelNodeOverloaded" in alerts
    assert not alerts.keys() & {"EvenkeelDryRunForgotten", "EvenkeelNodeOverloadPredicted"}
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook_url"] == \
            f"https://git.example.com/evenkeel/blob/main/dashboards/ALERTS.md#{name.lower()}"


@pytest.mark.parametrize("values, scheme", [("monitors", "http"), ("secret-and-tls", "https")])
def test_alerts_lead_to_the_manual_that_the_agent_has(values, scheme):
    rules = [rule for group in one(values, "PrometheusRule")["spec"]["groups"] for rule in group["rules"]]
    service = one(values, "Service")
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    for rule in rules:
        if "alert" in rule:
            assert rule["annotations"]["runbook_url"] == \
                f"{scheme}://{name}.vectors.svc:{port}/docs/dashboards/ALERTS.md#{rule['alert'].lower()}"


AGENT = 'namespace="vectors",pod="keel-evenkeel-6f8d-x2x4z",container="evenkeel",instance="10.0.0.7:10931",job="%s"'


@pytest.mark.parametrize("job", ["vectors/keel-evenkeel", "keel-evenkeel", "keel"])
@pytest.mark.parametrize("up, down", [("1x10", 0), ("0x10", 1), (None, 1)])
def test_down_is_told_by_the_pods_of_the_release(job, up, down, tmp_path):
    """promtool over the rules as the chart makes them; beside the agent a healthy one of another release."""
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(one("monitors", "PrometheusRule")["spec"]))
    mine = AGENT % job
    series = [(f"up{{{mine}}}", up), (f"evenkeel_build_info{{{mine}}}", up if up == "1x10" else None)]
    other = mine.replace("keel-evenkeel-6f8d", "keel-evenkeel-2-6f8d").replace("10.0.0.7", "10.0.0.8")
    series += [(f"up{{{other}}}", "1x10"), (f"evenkeel_build_info{{{other}}}", "1x10")]
    tests = {"rule_files": ["rules.yml"], "tests": [{
        "interval": "1m", "input_series": [{"series": name, "values": values} for name, values in series if values],
        "promql_expr_test": [{"expr": 'count(ALERTS{alertname="EvenkeelDown",alertstate="firing"}) or vector(0)',
                              "eval_time": "5m", "exp_samples": [{"labels": "{}", "value": down}]}]}]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    done = subprocess.run(["promtool", "test", "rules", tmp_path / "tests.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["monitors", "everything"])
def test_rules_and_dashboards_are_those_of_dashboards(name):
    ours = yaml.safe_load((ROOT / "dashboards/evenkeel.rules.yml").read_text())
    made = one(name, "PrometheusRule")["spec"]
    # Only this one is another: it knows its own pods.
    for groups in (ours, made):
        (down,) = [rule for group in groups["groups"] for rule in group["rules"] if rule.get("alert") == "EvenkeelDown"]
        assert "up{" in down.pop("expr")
    for group in made["groups"]:
        for rule in group["rules"]:
            if "alert" in rule:  # its runbook is at the service
                rule["annotations"]["runbook_url"] = rule["annotations"]["runbook_url"].partition("/docs/")[2]
    assert made == ours
    boards = [each for each in of(name, "ConfigMap") if "dashboard" in each["metadata"]["name"]]
    assert len(boards) == 3
    for each in boards:
        assert each["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert "annotations" not in each["metadata"] or name == "monitors"
        ((file, content),) = each["data"].items()
        assert json.loads(content) == json.loads((ROOT / "dashboards" / file).read_text())


def test_dashboards_are_put_into_the_folder():
    boards = [each for each in of("openshift", "ConfigMap") if "dashboard" in each["metadata"]["name"]]
    assert len(boards) == 3
    for each in boards:
        assert each["metadata"]["annotations"] == {"grafana_folder": "Milvus", "note": "yes"}


def test_monitors_scrape_the_port_that_is_there():
    for kind, field in (("PodMonitor", "podMetricsEndpoints"), ("ServiceMonitor", "endpoints")):
        (endpoint,) = one("monitors", kind)["spec"][field]
        assert endpoint["port"] == "http" and endpoint["path"] == "/metrics" and endpoint["scheme"] == "http"
    assert one("monitors", "PodMonitor")["metadata"]["labels"]["release"] == "prometheus"


def test_the_network_lets_it_reach_milvus_and_nothing_else():
    policy = one("beside-milvus", "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == [{"ports": [{"port": "http", "protocol": "TCP"}]}]
    assert policy["egress"] == [
        {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
        {"ports": [{"port": 9091, "protocol": "TCP"}], "to": [{"podSelector": {"matchLabels": {
            "app.kubernetes.io/name": "milvus", "app.kubernetes.io/instance": "my-release"}}}]}]
    assert one("everything", "NetworkPolicy")["spec"]["ingress"][0]["from"]


@pytest.mark.parametrize("setting, named", [
    ("config.balance.autobalance=true", "autobalance"),
    ("config.balance.overloaded_memory_threshold_percentage=900", "overloaded_memory_threshold_percentage"),
    ("config.balance.segment_cooldown=10 minutes", "segment_cooldown"),
    ("config.balance.max_segments_per_call=6", "max_segments_per_call"),
    ("config.balance.balance_interval_seconds=soon", "balance_interval_seconds"),
    ("config.capacity.default=16 Gigs", "default"),
    ("config.milvus.address=milvus:9091", "address"),
    ("config.web.token_file=/token", "token_file"),
    ("config.milvus.rest_address=milvus:19530", "rest_address"),
    ("config.memory.source=guess", "source"),
    ("config.log.level=loud", "level"),
    ("replicas=2", "config.turns.mode: etcd"),
    ("replicas=two", "replicas"),
    ("replicas=2,config.turns.mode=etcd,journal.existingClaim=mine", "journal.existingClaim"),
    ("image.tag=5", "tag"),
    ("auth.token=short", "token"),
    ("auth.users=true", "existingSecret"),
    ("service.port=0", "port"),
    ("prometheusRule.runbookBase=ALERTS.md", "runbookBase"),
    ("prometheusRule.enabled=true,prometheusRule.disabled={EvenkeelNoSuchAlert}", "there is no alert EvenkeelNoSuchAlert"),
    ("podMonitor.scrapeTimeout=soon", "scrapeTimeout"),
    ("extraArgs=--dry-run", "extraArgs"),
    ("alertmanagerConfig.enabled=true,config.web.read_only=true", "read_only"),
])
def test_a_wrong_value_is_refused_by_its_name(setting, named):
    done = helm("template", "keel", CHART, "--set", setting, check=False)
    assert done.returncode != 0 and named in done.stderr, done.stderr


def every_setting():
    """Every setting with its default. A window with the defaults, always open, is shown as a comment."""
    text = (ROOT / "config/evenkeel.toml").read_text()
    return tomllib.loads(re.sub(r"^# (\[\[windows\]\]|(days|from|to|time_zone) = .*)$", r"\1", text, flags=re.MULTILINE))


def test_the_schema_knows_every_setting_and_no_other():
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["config"]["properties"]
    known = every_setting()
    secrets = {"token_file", "users_file", "client_ca_file", "cert_file", "key_file"}  # by `auth` and `tls`
    for section, keys in known.items():
        names = set(keys[0] if section == "windows" else keys) - (secrets if section == "web" else set())
        of_one = schema[section]["items"] if section == "windows" else schema[section]
        assert set(of_one["properties"]) == names | ({"node"} if section == "capacity" else set()), section
    assert set(schema) == set(known)


def test_every_default_passes_the_schema(tmp_path):
    known = every_setting()
    known["web"] = {key: value for key, value in known["web"].items() if not key.endswith("_file")}
    path = tmp_path / "defaults.yaml"
    path.write_text(yaml.safe_dump({"config": known}))
    helm("template", "keel", CHART, "--values", path)


def test_a_packed_chart_holds_the_dashboards_themselves(tmp_path):
    helm("package", CHART, "--destination", tmp_path)
    with tarfile.open(tmp_path / "evenkeel-0.1.0.tgz") as packed:
        for name in ("evenkeel-cluster.json", "evenkeel-decisions.json", "evenkeel-agent.json", "evenkeel.rules.yml"):
            held = packed.extractfile(f"evenkeel/files/{name}")
            assert held.read() == (ROOT / "dashboards" / name).read_bytes(), name


def test_the_notes_say_how_to_see_it(tmp_path):
    # helm prints them only where there is a cluster, so here they are a value of an object.
    chart = shutil.copytree(CHART, tmp_path / "evenkeel")
    (chart / "templates/NOTES.txt").rename(chart / "NOTES.txt")
    (chart / "templates/notes.yaml").write_text("""{apiVersion: v1, kind: ConfigMap, metadata: {name: notes},
        data: {text: {{ tpl (.Files.Get "NOTES.txt") . | toJson }}}}""")
    notes = yaml.safe_load(helm("template", "keel", chart, "--show-only", "templates/notes.yaml").stdout)["data"]["text"]
    assert "port-forward deploy/keel-evenkeel 10931:10931" in notes and "autoBalance: false" in notes
    assert "get secret keel-evenkeel" in notes
