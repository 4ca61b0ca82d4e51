"""CONTRIBUTING's map names every folder, README's last table every page, and nothing that is not there."""
import re

import pytest
from pages import FILES, PAGES, ROOT

MAP = re.search(r"## A map of the house\n.*?```\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)[1]
TOPS = ("agent", "rules", "tests", "config", "dashboards")

INSIDE = [file.relative_to(ROOT) for file in FILES if file.relative_to(ROOT).parts[0] in TOPS]
FOLDERS = {folder for file in INSIDE for folder in file.parents if folder.parts}
WITH_SOURCES = {file.parent for file in INSIDE if file.suffix in (".cpp", ".hpp")}
MUST_BE_NAMED = sorted(WITH_SOURCES | {folder for folder in FOLDERS if len(folder.parts) <= 2})


def named():
    """{folder at the top: names of the folders below it}"""
    below = {}
    for line in MAP.splitlines():
        if top := re.match(r"(\w+)/ ", line):
            names = below.setdefault(top[1], set())
            line = line[top.end():]
        names.update(re.findall(r"(?<![\w./-])([\w.-]+)/(?=[\s:,)]|$)", line))
    return below


@pytest.mark.parametrize("folder", MUST_BE_NAMED, ids=str)
def test_the_map_names_every_folder(folder):
    top, *below = folder.parts
    assert top in named()
    if below:
        names = named()[top]
        if top == "tests":  # which mirrors the others
            names = names | named()["agent"] | named().keys()
        assert below[-1] in names, f"{folder} is not in the map of CONTRIBUTING.md"


def test_the_map_names_only_folders_that_are_there():
    there = {(folder.parts[0], folder.name) for folder in FOLDERS}
    for top, names in named().items():
        assert (ROOT / top).is_dir(), top
        for name in names:
            assert (top, name) in there, f"{top}/ has no folder {name}"


def test_the_map_stays_short():
    assert len(MAP.splitlines()) <= 44


def test_the_readme_ends_with_a_table_of_every_page():
    readme = ROOT / "README.md"
    table = readme.read_text().rstrip().rsplit("\n\n", 1)[1]
    rows = table.splitlines()
    assert all(re.fullmatch(r"\| .+ \| .+ \|", row) for row in rows), "the last part of README.md is a table"
    listed = re.findall(r"^\| \[[^\]]+\]\(([^)#]+)\)", table, re.MULTILINE)
    assert sorted(ROOT / path for path in listed) == [page for page in PAGES if page != readme]
