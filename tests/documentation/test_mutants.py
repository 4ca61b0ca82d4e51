"""Each mutant of tests/mutation/mutants still finds the line that it breaks."""
import sys

import pytest
from pages import ROOT

sys.path.insert(0, str(ROOT / "tests/mutation"))
from mutant import read_mutants  # noqa: E402


@pytest.mark.parametrize("mutant", read_mutants(ROOT / "tests/mutation/mutants"), ids=lambda m: f"{m.file}: {m.breaks}")
def test_the_text_that_it_breaks_is_there_once(mutant):
    assert (ROOT / mutant.file).read_text().count(mutant.find) == 1
