"""The glossary: each word once, each with one sentence, and the types that it names are there."""
import re

import pytest
from pages import ROOT

ROWS = re.findall(r"^\| (.+?) \| (.+?) \|(.*)\|$", (ROOT / "rules/GLOSSARY.md").read_text(), re.MULTILINE)
ROWS = [row for row in ROWS if row[0] not in ("word", "---")]
HEADERS = "".join(path.read_text() for folder in ("agent", "rules") for path in (ROOT / folder).rglob("*.hpp"))


@pytest.mark.parametrize("word, meaning, types", ROWS, ids=[row[0] for row in ROWS])
def test_a_word_has_one_sentence_and_types_that_are_there(word, meaning, types):
    assert re.fullmatch(r"[A-Z].*\.", meaning) and not re.search(r"\. [A-Z]", meaning)
    for name in re.findall(r"`(\w+)`", types):
        assert re.search(rf"\b(?:struct|class|enum class) {name}\b[^;]*{{", HEADERS), name


def test_no_word_is_explained_twice():
    words = [word for word, _, _ in ROWS]
    assert len(words) == len(set(words)) > 50
