"""The mutants of tests/mutation/mutants."""
import pathlib
import re
import sys
from typing import NamedTuple

# The test program of each folder that is broken, and where it is built.
PROGRAMS = {"rules": "rules/rules", "rules/planner": "rules/rules", "agent/loop": "loop/loop", "agent/milvus": "milvus/milvus",
            "agent/settings": "settings/settings", "agent/scrape": "scrape/scraper", "agent/journal": "journal/journal",
            "agent/turns": "turns/turns"}


class Mutant(NamedTuple):
    file: str
    breaks: str  # in words
    find: str
    put: str

    @property
    def program(self):
        return PROGRAMS[str(pathlib.PurePath(self.file).parent)]


def read_mutants(path):
    """A head line 'file: what it breaks', then '- ' lines to find and '+ ' lines to put there; '#' is a comment."""
    mutants = []
    for block in re.split(r"\n\s*\n", path.read_text()):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        file, colon, breaks = lines[0].partition(": ")
        find = [line[2:] for line in lines[1:] if line.startswith("- ")]
        put = [line[2:] for line in lines[1:] if line.startswith("+ ")]
        if not colon or not find or len(find) + len(put) != len(lines) - 1:
            sys.exit(f"{path}: cannot be read:\n{block}")
        mutants.append(Mutant(file, breaks, "\n".join(find), "\n".join(put)))
    return mutants
