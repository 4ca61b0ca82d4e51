"""The dashboards in the tree are what their source makes: tests/e2e/run has built them anew."""
import os
from pathlib import Path

import pytest

COMMITTED = Path(__file__).parents[2] / "dashboards"
BUILT = Path(os.environ["DASHBOARDS"])


@pytest.mark.parametrize("name", ["cluster", "decisions", "agent"])
def test_are_made_from_their_source(name):
    file = f"evenkeel-{name}.json"
    assert (BUILT / file).read_text() == (COMMITTED / file).read_text(), "run make dashboards and commit what it writes"
