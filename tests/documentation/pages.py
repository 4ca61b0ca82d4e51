"""The repository's pages, and what is shown in them."""
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_listed = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True, check=True).stdout.splitlines()
FILES = [ROOT / name for name in sorted(_listed) if (ROOT / name).exists()]
PAGES = [file for file in FILES if file.suffix == ".md"]


@dataclass
class Block:
    where: str  # README.md:12
    language: str
    text: str


def blocks(*languages):
    for page in PAGES:
        text = page.read_text()
        for found in re.finditer(r"^ *```(\w*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
            line = text[:found.start()].count("\n") + 1
            if found[1] in languages:
                yield Block(f"{page.relative_to(ROOT)}:{line}", found[1], found[2])


def commands():
    """(where, command): each command of each sh block, without comments; continued lines and here-documents are one."""
    for block in blocks("sh"):
        text = re.sub(r"\\\n\s*", "", block.text)
        text = re.sub(r"^(.*)<<(\w+)\n(?:.*\n)*?\2$", r"\1<<\2", text, flags=re.MULTILINE)
        for line in text.splitlines():
            command = re.sub(r"(^|\s+)#.*$", "", line).strip()
            if command:
                yield block.where, command


def anchors(page):
    """As web interfaces to git make them of headings."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
