"""Writes the SBOMs of a package and of the image that is made from it: scripts/sbom/make runs it."""
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from spdx_tools.spdx.model import PackagePurpose

from document import document, ours, sha256, write
from linked import Part, output, parts

LICENCES = tomllib.loads((Path(__file__).parent / "licences.toml").read_text())


def field(package, name):
    return output("dpkg-deb", "--field", package, name).strip()


def contained(image):
    """Debian's packages of which files are in the image, but for our own."""
    found = []
    for status in sorted((image / "var/lib/dpkg/status.d").iterdir()):
        fields = dict(line.split(": ", 1) for line in status.read_text().splitlines() if ": " in line and not line.startswith(" "))
        source, _, version = fields.get("Source", fields["Package"]).partition(" ")
        if source != "evenkeel":
            found.append(Part(fields["Package"], fields["Version"], source, version.strip("()") or fields["Version"],
                              fields["Architecture"], "contained"))
    return found


def main(build, deb, image):
    """Beside the package: NAME.spdx.json of it, and evenkeel-image….spdx.json of the image."""
    version, architecture = field(deb, "Version"), field(deb, "Architecture")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "--extract", deb, folder], check=True, timeout=60)
        binary = Path(folder) / "usr/bin/evenkeel"
        made_of = parts(build, "agent/evenkeel", binary)
        program = ours("SPDXRef-program", "evenkeel-program", version, PackagePurpose.APPLICATION,
                       file_name="./usr/bin/evenkeel", checksums=[sha256(binary)])
    package = ours("SPDXRef-package", "evenkeel", version, PackagePurpose.INSTALL, file_name=deb.name, checksums=[sha256(deb)])
    write(document(deb.stem, package, program, made_of, [], LICENCES), deb.with_suffix(".spdx.json"))
    name = f"evenkeel-image_{version}_{architecture}"
    container = ours("SPDXRef-image", "evenkeel-image", version, PackagePurpose.CONTAINER)
    write(document(name, container, program, made_of, contained(image), LICENCES), deb.with_name(f"{name}.spdx.json"))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
