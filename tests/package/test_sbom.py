"""The SBOMs of package and image: valid SPDX, whole, true, and the same bytes whenever they are made."""
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from package import BUILD, DEB, ROOT, run

# Source packages of Debian's. Who links another library adds it here, in scripts/sbom/licences.toml and in config/debian/copyright.
STATIC = {"abseil", "boost1.81", "c-ares", "cli11", "cpp-httplib", "fmtlib", "gcc-12", "glibc", "grpc", "libxcrypt", "linux",
          "nlohmann-json3", "openssl", "prometheus-cpp", "protobuf", "re2", "sqlite3", "tl-expected", "tomlplusplus",
          "utf8proc", "zlib"}
SHARED = {"libc6", "libcrypt1", "libssl3", "zlib1g"}


@pytest.fixture(scope="session", params=["evenkeel", "evenkeel-image"])
def file(request, image):
    return next(DEB.parent.glob(f"{request.param}_*.spdx.json"))


@pytest.fixture(scope="session")
def sbom(file):
    return json.loads(file.read_text())


def by_id(sbom):
    return {each["SPDXID"]: each for each in sbom["packages"]}


def related(sbom, kind):
    """The packages at the far end of all relationships of a kind."""
    return [by_id(sbom)[each["relatedSpdxElement"]] for each in sbom["relationships"] if each["relationshipType"] == kind]


def source(package):
    return package["sourceInfo"].removeprefix("built from Debian's source package ").split()[0]


def test_is_valid_spdx(file):
    done = run(os.environ["PYSPDXTOOLS"], "--infile", file, check=False)
    assert done.returncode == 0, done.stdout


def test_the_validator_finds_what_is_wrong(file, tmp_path):
    broken = tmp_path / "broken.spdx.json"
    broken.write_text(file.read_text().replace('"Apache-2.0"', '"Apache-2.0 OR"', 1))
    assert run(os.environ["PYSPDXTOOLS"], "--infile", broken, check=False).returncode != 0


def test_names_every_linked_library(sbom):
    assert {source(each) for each in related(sbom, "STATIC_LINK")} == STATIC
    assert {each["name"] for each in related(sbom, "DYNAMIC_LINK")} == SHARED


def test_each_has_a_version_a_licence_and_a_name_for_scanners(sbom):
    for each in sbom["packages"]:
        assert each["versionInfo"] and each["licenseDeclared"] not in ("NOASSERTION", "NONE"), each
        if each["supplier"] == "Organization: Debian":
            assert each["externalRefs"][0]["referenceLocator"].startswith(f"pkg:deb/debian/{each['name']}@"), each


def test_the_packed_copyright_file_names_what_is_linked_in(sbom):
    """All but those of which only headers of shared libraries and of the kernel are read."""
    named = set(re.findall(r"^Files: ([\w.+-]+)/", (ROOT / "config/debian/copyright").read_text(), re.MULTILINE))
    assert named == {source(each) for each in related(sbom, "STATIC_LINK")} - {"libxcrypt", "linux", "openssl", "zlib"}


def test_versions_are_those_that_are_installed(sbom):
    for each in related(sbom, "STATIC_LINK"):
        if "arch=source" not in each["externalRefs"][0]["referenceLocator"]:
            assert each["versionInfo"] == run("dpkg-query", "--show", "--showformat=${Version}", each["name"]).stdout


def test_the_image_s_has_what_the_image_has(image):
    sbom = json.loads(next(DEB.parent.glob("evenkeel-image_*.spdx.json")).read_text())
    contained = {each["name"]: each["versionInfo"] for each in related(sbom, "CONTAINS") if each["supplier"] == "Organization: Debian"}
    status = {path.name: path.read_text() for path in (image / "var/lib/dpkg/status.d").iterdir() if path.name != "evenkeel"}
    assert contained.keys() == status.keys()
    for name, version in contained.items():
        assert f"\nVersion: {version}\n" in status[name]


def test_its_sums_are_those_of_package_and_program(sbom, image):
    sums = {each["name"]: each["checksums"][0]["checksumValue"] for each in sbom["packages"] if "checksums" in each}
    binary = hashlib.sha256((image / "usr/bin/evenkeel").read_bytes()).hexdigest()
    package = hashlib.sha256(DEB.read_bytes()).hexdigest()
    assert sums in ({"evenkeel-program": binary, "evenkeel": package}, {"evenkeel-program": binary})
    assert run("sha256sum", "--check", "SHA256SUMS", cwd=DEB.parent).stdout.count(": OK\n") == 3


def make(package, image, **environment):
    """The SBOMs of a package alone, beside it."""
    python = Path(os.environ["PYSPDXTOOLS"]).parent / "python"
    created = run("git", "-C", ROOT, "log", "-1", "--format=%ct").stdout.strip()
    return run(python, ROOT / "scripts/sbom/make.py", BUILD, package, image, check=False,
               env={**os.environ, "SOURCE_DATE_EPOCH": created, **environment})


def test_made_again_they_are_the_same(image, tmp_path):
    shutil.copy(DEB, tmp_path)
    done = make(tmp_path / DEB.name, image, TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stdout
    for file in DEB.parent.glob("*.spdx.json"):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_another_program_than_the_build_s_is_refused(image, tmp_path):
    run("dpkg-deb", "--raw-extract", DEB, tmp_path / "all")
    with (tmp_path / "all/usr/bin/evenkeel").open("ab") as program:
        program.write(b"\0")
    run("dpkg-deb", "-Znone", "--build", tmp_path / "all", tmp_path / DEB.name)
    done = make(tmp_path / DEB.name, image)
    assert done.returncode == 1 and "is not what" in done.stdout and done.stdout.endswith("make the package anew\n"), done.stdout
    assert not list(tmp_path.glob("*.spdx.json"))
