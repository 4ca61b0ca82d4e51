"""Descriptors of Protocol Buffers, read from their bytes: names and numbers of messages, enumerations and methods.

    python3 descriptors.py      writes numbers.json anew from the wheels of pymilvus that pymilvus.txt pins

The wheels are downloaded and unpacked, and never run.
"""
import ast
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PROTOS = ROOT / "agent/milvus/proto"
NUMBERS = HERE / "numbers.json"


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _fields(data):
    """The fields of a message: number, and value (a number or bytes)."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
        elif tag & 7 == 2:
            size, at = _varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


def _all(data, number):
    return [value for field, value in _fields(data) if field == number]


def _text(data, number):
    return b"".join(_all(data, number)).decode()


def _number(data, number):
    """A number that may be a negative 32-bit one."""
    value = (_all(data, number) or [0])[-1]
    return value - (1 << 64) if value >= 1 << 63 else value


def _field(data):
    kind = _text(data, 6) or _number(data, 5)
    return [_number(data, 3), kind, "list" if _number(data, 4) == 3 else "one"]


def read_file(data):
    """The numbers of a FileDescriptorProto, by full names: field to number, type and label; value to number; method to
    request and answer."""
    package = _text(data, 2)
    messages, enums, methods = {}, {}, {}

    def message(data, prefix):
        name = f"{prefix}.{_text(data, 1)}"
        messages[name] = {_text(field, 1): _field(field) for field in _all(data, 2)}
        for nested in _all(data, 3):
            message(nested, name)

    for each in _all(data, 4):
        message(each, package)
    for each in _all(data, 5):
        enums[f"{package}.{_text(each, 1)}"] = {_text(value, 1): _number(value, 2) for value in _all(each, 2)}
    for service in _all(data, 6):
        for method in _all(service, 2):
            methods[f"{package}.{_text(service, 1)}/{_text(method, 1)}"] = [_text(method, 2), _text(method, 3)]
    return {"messages": messages, "enums": enums, "methods": methods}


def merged(files):
    whole = {"messages": {}, "enums": {}, "methods": {}}
    for data in files:
        for kind, found in read_file(data).items():
            whole[kind].update(found)
    return whole


def ours():
    """The numbers of our own .proto files, as protoc understands them."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", f"--proto_path={ROOT}", "--include_imports", f"--descriptor_set_out={out.name}",
                        *sorted(PROTOS.glob("*.proto"))], check=True)
        return merged(_all(Path(out.name).read_bytes(), 1))


def of_wheel(path):
    """The numbers of a wheel of pymilvus, whose generated files hold the descriptors as bytes."""
    files = []
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if not name.startswith("pymilvus/grpc_gen/") or not name.endswith("_pb2.py"):
                continue
            for node in ast.walk(ast.parse(wheel.read(name))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
                    files.append(node.args[0].value)
    return merged(files)


def used(numbers, by):
    """Of `numbers` that which has a name in `by`: whole messages and enumerations."""
    return {kind: {name: found[name] for name in sorted(found) if name in by[kind]} for kind, found in numbers.items()}


def main():
    by = ours()
    versions = {}
    for line in (HERE / "pymilvus.txt").read_text().splitlines():
        version = line.split()[0].partition("==")[2]
        with tempfile.TemporaryDirectory() as folder:
            pin = Path(folder) / "pin.txt"
            pin.write_text(line + "\n")
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                            "--only-binary", ":all:", "--require-hashes", "--dest", folder, "-r", pin], check=True)
            versions[version] = used(of_wheel(next(Path(folder).glob("*.whl"))), by)
    with NUMBERS.open("w") as out:  # one name a line, so that a change is seen
        out.write("{\n")
        for i, (version, numbers) in enumerate(versions.items()):
            out.write(f'"{version}": {{\n')
            for j, (kind, found) in enumerate(numbers.items()):
                lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in found.items())
                out.write(f' "{kind}": {{\n{lines}\n }}{"," if j < 2 else ""}\n')
            out.write("}" + (",\n" if i + 1 < len(versions) else "\n"))
        out.write("}\n")


if __name__ == "__main__":
    main()
