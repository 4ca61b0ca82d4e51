"""The alerting rules: valid, tested both ways, each with a section of its own in the runbook."""
import re
import subprocess

import pytest
from dashboards import FOLDER, documented, metrics_in

RULES = (FOLDER / "evenkeel.rules.yml").read_text()
ALERTS = re.findall(r"- alert: (\w+)", RULES)
TESTS = sorted(FOLDER.glob("evenkeel.rules*.test.yml"))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=FOLDER)


def anchor(heading):
    return heading.lower()


def test_promtool_finds_nothing_to_say():
    done = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", "evenkeel.rules.yml")
    assert done.returncode == 0, done.stdout + done.stderr


# A scrape job as people name it, and as Prometheus's operator does for a PodMonitor: namespace/name.
@pytest.mark.parametrize("job", ["evenkeel", "vectors/keel-evenkeel"])
def test_promtools_own_tests_pass(job, tmp_path):
    (tmp_path / "evenkeel.rules.yml").write_text(RULES)
    for path in TESTS:
        renamed = path.read_text().replace('job="evenkeel"', f'job="{job}"').replace("job: evenkeel", f"job: {job}")
        assert job in renamed
        (tmp_path / path.name).write_text(renamed)
    done = run("promtool", "test", "rules", *(str(tmp_path / path.name) for path in TESTS))
    assert done.returncode == 0, done.stdout + done.stderr


def written_for(alert):
    """promtool's tests without those that do not ask for the alert: all of them take seconds."""
    for path in TESTS:
        head, *tests = re.split(r"^(?=  - name: )", path.read_text(), flags=re.MULTILINE)
        asking = [test for test in tests if re.search(rf"alertname: {alert}\b", test)]
        if asking:
            return head + "".join(asking)
    raise AssertionError(f"{alert} has no test")


# That a test can fail at all: every alert's condition is turned around, one after the other.
def test_each_alert_has_a_test_that_notices_when_it_never_fires(tmp_path):
    for alert in ALERTS:
        tests = written_for(alert)
        broken = re.sub(rf"(- alert: {alert}\n(?:        #.*\n)*        expr: )", r"\1vector(1) < 0 and on () ", RULES)
        broken = re.sub(rf"(- alert: {alert}\n(?:        #.*\n)*        expr: )vector\(1\) < 0 and on \(\) \|\n", r"\1|\n          vector(1) < 0 and on ()\n",
                        broken)
        assert broken != RULES, alert
        (tmp_path / "evenkeel.rules.yml").write_text(broken)
        (tmp_path / "evenkeel.rules.test.yml").write_text(tests)
        done = run("promtool", "test", "rules", str(tmp_path / "evenkeel.rules.test.yml"))
        assert done.returncode != 0 and alert in done.stdout + done.stderr, f"{alert}: nobody notices that it never fires"


def test_each_alert_says_how_bad_what_and_what_to_do():
    sections = {anchor(name) for name in re.findall(r"^## (\w+)$", (FOLDER / "ALERTS.md").read_text(), re.MULTILINE)}
    for block in RULES.split("- alert: ")[1:]:
        name = block.split("\n")[0]
        assert re.search(r"severity: (critical|warning)\n", block), name
        assert "summary: " in block and "description: " in block, name
        assert f"runbook_url: dashboards/ALERTS.md#{anchor(name)}" in block, name
        assert anchor(name) in sections, f"{name} has no section in ALERTS.md"
    assert sections == {anchor(name) for name in ALERTS}, "no section without its alert"


def test_every_metric_is_exported():
    recorded = set(re.findall(r"record: (\S+)", RULES))
    for block in re.split(r"- (?:alert|record): ", RULES)[1:]:
        expression = re.search(r"expr: (.*?)(?=\n        (?:for|labels|annotations):|\n      - |\n      #|\n\n|\Z)", block, re.DOTALL)[1]
        for name in metrics_in(expression) - {"up"} - recorded:
            assert name in documented(), f"{name} is not in METRICS.md"
