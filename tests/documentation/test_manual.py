"""The manual that the agent serves below /docs/: its links, and those that the agent's page has into it."""
import posixpath
import re
import subprocess

import pytest
from pages import ROOT

RENDER = ROOT / "agent/web/manual/render"
SERVED = re.search(r"evenkeel_manual\(\n(.*?)\)", (ROOT / "agent/web/CMakeLists.txt").read_text(), re.DOTALL)[1].split()


def rendered(root, folder, *pages):
    out = folder / "manual.hpp"
    subprocess.run([RENDER, root, out, *pages], check=True)
    return dict(re.findall(r'\{R"manual\((.*?)\)manual", R"manual\((.*?)\)manual"\}', out.read_text(), re.DOTALL))


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    return rendered(ROOT, tmp_path_factory.mktemp("manual"), *SERVED)


def test_has_the_pages_and_a_list_of_them(manual):
    assert list(manual) == ["", *SERVED]
    for page in SERVED:
        assert f'<a href="{page}">' in manual[""]


def test_every_link_leads_to_a_page_and_a_place_in_it(manual):
    found = 0
    for page, html in manual.items():
        for target in re.findall(r'href="([^"]*)"', html):
            if re.match(r"https?:", target):
                continue
            path, _, anchor = target.partition("#")
            file = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), path)) if path else f"docs/{page}"
            if file in (".", "docs", "favicon.ico"):
                continue  # the agent's own page, the list, its icon
            assert file.removeprefix("docs/") in manual, (page, target)
            assert not anchor or f'id="{anchor}"' in manual[file.removeprefix("docs/")], (page, target)
            found += 1
    assert found > 2 * len(SERVED)


def test_the_page_sends_people_to_places_that_are_there(manual):
    state = (ROOT / "agent/web/page/state.js").read_text()
    targets = re.findall(r"'([\w/]+\.md)(?:#([\w-]+))?'", state)
    assert len(targets) > 8
    for path, anchor in targets:
        assert not anchor or f'id="{anchor}"' in manual[path], (path, anchor)


def test_what_is_not_served_is_no_link_and_html_is_text(tmp_path):
    (tmp_path / "a.md").write_text(
        "# A & <b>\n\n[gone](gone.md) ![picture](x.png) [here](a.md#a) [out](https://example.com/)\n\n"
        "<script>alert(1)</script>\n\n| one |\n| --- |\n| two |\n\n| one |\n| --- |\n")
    html = rendered(tmp_path, tmp_path, "a.md")["a.md"]
    assert "<title>A &amp; &lt;b&gt; · Evenkeel</title>" in html
    assert "gone.md" not in html and ">gone<" not in html and "gone" in html
    assert "<img" not in html and "<script" not in html
    assert '<a href="a.md#a">here</a>' in html and '<a href="https://example.com/">out</a>' in html
    assert '<div class="wide" tabindex="0" role="region" aria-label="Table 1"><table>' in html
    assert 'aria-label="Table 2"' in html, "each has a name of its own"
