import re

import pytest
from pages import FILES, PAGES, ROOT, anchors


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue  # outside: not asked for here
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "EXTENDING.md"])
def test_files_that_developers_are_sent_to_are_there(page):
    found = 0
    for name in re.findall(r"`([a-z][\w./-]*)`", (ROOT / page).read_text()):
        if re.search(r"[A-Z]{4}", name) and not name.endswith(".md"):
            continue  # agent/cli/NAME.cpp
        if re.match(r"(agent|rules|tests|config|dashboards)/", name):
            path = ROOT / name
            assert path.exists() or path.with_name(path.name + ".hpp").exists(), name
            found += 1
        elif re.search(r"\.(cpp|hpp|py|json|1)$", name):
            assert any(file.name == name for file in FILES), name
            found += 1
    assert found > 10
