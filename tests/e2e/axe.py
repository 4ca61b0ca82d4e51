"""axe, which finds what keeps people from reading or using a page, out of a wheel that carries it: axe.py fetches it once."""
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("axe_requirements.txt")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "evenkeel"
SCRIPT = CACHE / f"axe-{REQUIREMENTS.read_text().split('==')[1].split()[0]}.js"


def fetch():
    """Without what the wheel is for, and needs: a driver of browsers. pip refuses another digest than the file has."""
    if SCRIPT.exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-input",
                        "--disable-pip-version-check", "--require-hashes", "--dest", folder, "--requirement", REQUIREMENTS], check=True)
        half = Path(folder) / "axe.js"
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            half.write_bytes(wheel.read("axe_playwright_python/axe.min.js"))
        half.rename(SCRIPT)


def findings(browser):
    """What axe finds on the page as it is now, by all its rules: a line each, with the first place and what to do there."""
    browser.script(SCRIPT.read_text() + "\nwindow.axe = axe;")
    return browser.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ['violations']}).then(
          all => done(all.violations.map(({id, nodes}) => `${id}, ${nodes.length} ×: ${nodes[0].target} ${nodes[0].failureSummary}`)),
          error => done([String(error)]));""")


if __name__ == "__main__":
    fetch()
