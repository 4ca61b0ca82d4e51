import pathlib
import tempfile

import pytest

import package


@pytest.fixture
def bare():
    """A bare system of this test's own."""
    with tempfile.TemporaryDirectory(prefix="bare-") as folder:
        package.run("tar", "--extract", "--file", package.bare_image(), "--directory", folder)
        yield package.Bare(pathlib.Path(folder))


@pytest.fixture
def booted():
    """A running system that the package was installed in."""
    with tempfile.TemporaryDirectory(prefix="booted-") as folder:
        image = package.bare_image("adduser", "libssl3", "systemd", "systemd-sysv")
        package.run("tar", "--extract", "--file", image, "--directory", folder)
        installed = package.Bare(pathlib.Path(folder))
        (installed.folder / package.DEB.name).write_bytes(package.DEB.read_bytes())
        installed.run("dpkg", "--install", package.DEB.name)
        system = package.Booted(installed.folder)
        try:
            yield system
        finally:
            system.end()


@pytest.fixture(scope="session")
def image():
    """The root of the container image, with the SBOMs and their sums beside it."""
    package.run(package.ROOT / "scripts/sbom/make", package.DEB.parent)
    return package.DEB.parent / "image"
