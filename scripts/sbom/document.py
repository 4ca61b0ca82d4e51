"""SPDX 2.3 documents of parts, by the library of the SPDX project."""
import datetime
import hashlib
import importlib.metadata
import os
import platform
import uuid
from urllib.parse import quote

from license_expression import get_spdx_licensing
from spdx_tools.spdx.model import (
    Actor, ActorType, Checksum, ChecksumAlgorithm, CreationInfo, Document, ExternalPackageRef, ExternalPackageRefCategory,
    ExtractedLicensingInfo, Package, PackagePurpose, Relationship, RelationshipType, SpdxNoAssertion)
from spdx_tools.spdx.writer.write_anything import write_file

from linked import fail

AUTHORS = Actor(ActorType.ORGANIZATION, "The Evenkeel authors")
SYSTEM = platform.freedesktop_os_release()  # Debian, or one that has its packages
DEBIAN = Actor(ActorType.ORGANIZATION, SYSTEM["ID"].capitalize())
HOW = {
    "archive": "linked into the program from static libraries or object files",
    "headers": "compiled into the program from its headers",
    "source": "compiled into the program from Debian's source package",
    "shared": "loaded by the program as a shared library",
    "contained": "files of it are in the image",
}


def sha256(path):
    return Checksum(ChecksumAlgorithm.SHA256, hashlib.sha256(path.read_bytes()).hexdigest())


def ours(id, name, version, purpose, **more):
    return Package(id, name, SpdxNoAssertion(), version=version, supplier=AUTHORS, files_analyzed=False,
                   license_declared=get_spdx_licensing().parse("Apache-2.0"), copyright_text="2026 The Evenkeel authors",
                   primary_package_purpose=purpose, **more)


def debians(part, licences):
    """A package of Debian's."""
    if part.source not in licences:
        fail(f"scripts/sbom/licences.toml has no licence of {part.source}: /usr/share/doc/{part.name}/copyright tells")
    purl = f"pkg:deb/{SYSTEM['ID']}/{part.name}@{quote(part.version, safe='~:')}?arch={part.architecture}"
    purl += f"&distro={SYSTEM['ID']}-{SYSTEM['VERSION_ID']}"
    if part.architecture != "source":
        purl += f"&upstream={part.source}%40{quote(part.source_version, safe='~:')}"
    return Package(
        f"SPDXRef-debian-{part.name.replace('+', 'p')}-{part.architecture}", part.name, SpdxNoAssertion(), version=part.version,
        supplier=DEBIAN, files_analyzed=False, license_declared=get_spdx_licensing().parse(licences[part.source]),
        license_comment="Of most of its files; Debian's copyright file has all.", copyright_text=SpdxNoAssertion(),
        source_info=f"built from Debian's source package {part.source} {part.source_version}",
        external_references=[ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", purl)], comment=HOW[part.how])


def document(name, top, program, parts, contained, table):
    """What `top` is made of: a package or an image, with the program in it, its parts, and what else is contained."""
    relations = [Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, top.spdx_id),
                 Relationship(top.spdx_id, RelationshipType.CONTAINS, program.spdx_id)]
    packages = {}
    for part in contained:
        package = debians(part, table["licences"])
        packages[package.spdx_id] = package
        relations.append(Relationship(top.spdx_id, RelationshipType.CONTAINS, package.spdx_id))
    for part in parts:
        link = RelationshipType.DYNAMIC_LINK if part.how == "shared" else RelationshipType.STATIC_LINK
        package = debians(part, table["licences"])
        packages.setdefault(package.spdx_id, package)  # a shared library of the image is the image's, not this machine's
        relations.append(Relationship(program.spdx_id, link, package.spdx_id))
    used = {str(package.license_declared) for package in packages.values()}
    listed = [packages[each] for each in sorted(packages)]
    described = hashlib.sha256(repr((name, program.checksums, top.checksums, listed)).encode())
    made = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc).replace(tzinfo=None)
    creation = CreationInfo("SPDX-2.3", "SPDXRef-DOCUMENT", name, f"urn:uuid:{uuid.UUID(described.hexdigest()[:32])}",
                            [AUTHORS, Actor(ActorType.TOOL, f"spdx-tools-{importlib.metadata.version('spdx-tools')}")], made)
    return Document(creation, [top, program, *listed], relationships=relations,
                    extracted_licensing_info=[ExtractedLicensingInfo(each, text) for each, text in table["texts"].items() if each in used])


def write(of, path):
    """Refuses what breaks a rule of SPDX."""
    write_file(of, str(path), validate=True)
