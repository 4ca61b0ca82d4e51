"""What a program is made of, asked of those who know: ninja, the linker and dpkg."""
import dataclasses
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path


@dataclasses.dataclass(frozen=True, order=True)
class Part:
    """A package of Debian's that something of the program is from."""
    name: str
    version: str
    source: str  # the source package that it is built from
    source_version: str
    architecture: str  # "source": compiled by our own build
    how: str  # "archive", "headers", "source": in the program · "shared": loaded by it


def fail(why):
    sys.exit(f"sbom: {why}")


def output(*command, **more):
    done = subprocess.run([str(each) for each in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, **more)
    if done.returncode != 0:
        fail(f"{command[0]} says {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.stdout


def parts(build, target, program):
    """All that `program`, which this build folder's `target` must link to byte by byte, is made of."""
    archives = linked_files(build, target, program)
    headers = included_files(build, target)
    found = {each: "headers" for each in packages_of(headers)}
    found |= {each: "archive" for each in packages_of(archives)}  # they have headers, too
    found |= {each: "shared" for each in packages_of(shared_files(program))}
    return sorted([of_package(name, how) for name, how in found.items()] + own_builds(headers))


def linked_files(build, target, program):
    """The object files and archives from outside the build that the linker takes something from."""
    command = shlex.split(output("ninja", "-C", build, "-t", "commands", target).splitlines()[-1])
    if command[:2] != [":", "&&"] or command[-2:] != ["&&", ":"] or "-o" not in command:
        fail(f"{build} links {target} by a command that is not understood: {shlex.join(command)[:200]}")
    command = command[2:-2]
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "again"
        command[command.index("-o") + 1] = str(again)
        trace = output(*command, "-Wl,--trace", cwd=build)
        if again.read_bytes() != Path(program).read_bytes():
            fail(f"{program} is not what {build} links to: make the package anew")
    taken = {line.split("(")[0].strip() for line in trace.splitlines()}  # "/usr/lib/…/libre2.a(re2.o)": of an archive, a member
    return {path for path in taken if path.startswith("/") and path.endswith((".a", ".o"))}


def included_files(build, target):
    """The headers and sources from outside the tree that its objects are compiled from."""
    objects = [each for each in output("ninja", "-C", build, "-t", "inputs", target).splitlines() if each.endswith((".o", ".gch"))]
    return set(re.findall(r"^ +(/.+)$", output("ninja", "-C", build, "-t", "deps", *objects), re.MULTILINE))


def shared_files(program):
    return set(re.findall(r"(?:=> |^\s*)(/\S+) \(0x", output("ldd", program), re.MULTILINE))


def packages_of(files):
    """Debian's names of the packages that the files are from. What no package has is ours, or a source (own_builds)."""
    names = set()
    for file in files:
        real = os.path.realpath(file)
        if real.startswith("/usr/"):
            # dpkg knows a file by the name in its package, which for the C library is still below /lib.
            names |= {real, real.removeprefix("/usr")}
    found = subprocess.run(["dpkg-query", "--search", *sorted(names)], text=True, capture_output=True, timeout=120)  # 1: not all are known
    known = [line.split(": ", 1) for line in found.stdout.splitlines()]
    missing = {each for each in names if each.startswith("/usr/")} - {path for _, path in known} - {"/usr" + path for _, path in known}
    if missing:
        fail(f"no package of Debian's has {sorted(missing)[0]}: an SBOM is made on the Debian that the program was built on")
    return {owners.split(",")[0].split(":")[0] for owners, _ in known}


def of_package(name, how):
    wanted = "${Version}\n${source:Package}\n${source:Version}\n${Architecture}"
    return Part(name, *output("dpkg-query", "--show", f"--showformat={wanted}", name).splitlines(), how)


def own_builds(files):
    """The libraries that are compiled from what scripts/library-sources unpacked."""
    folders = {re.match(r"(.*/sources-[0-9a-f]{16}/[^/]+)/", file) for file in files if "/sources-" in file}
    found = []
    for folder in {each[1] for each in folders if each}:
        name, version = (output("dpkg-parsechangelog", "--file", f"{folder}/debian/changelog", "--show-field", field).strip()
                         for field in ("Source", "Version"))
        found.append(Part(name, version, name, version, "source", "source"))
    return found
