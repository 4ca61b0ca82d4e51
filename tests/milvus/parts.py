"""The programs of a Milvus cluster: downloads them once, and writes the configuration that they start with.

Parts: the `milvus` wheel (the server binary of that version), Kafka (its jars, by Maven) and etcd (Debian's
etcd-server). They are kept in ~/.cache/evenkeel/parts ($XDG_CACHE_HOME/evenkeel/parts where that is set). Nothing is
unpacked or run before its sha256 is found to be the one that is written here (wheels) or in kafka-….sha256 (jars).

    python3 tests/milvus/parts.py 2.3.5 2.2.16          downloads what clusters of these need
"""
import fcntl
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

WHEELS = {  # version: sha256
    "2.3.5": "69515a0630ce29fd10e101fa442afea8ca1387b93a456cd9bd41fdf3deb93d04",
    "2.2.16": "ea5bd32251b7bcad629d7e46c307414a586c96b4a50491d04a08db42fca8fba9",
}
KAFKA = "3.6.1"
JARS = Path(__file__).with_name(f"kafka-{KAFKA}.sha256")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evenkeel"

# The plugin runs before its digest could be compared: it is Debian's (libmaven-dependency-plugin-java), which apt has
# checked. Debian's repository has no checksums of its own.
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.5.0:copy-dependencies"
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>evenkeel</groupId><artifactId>kafka</artifactId><version>1</version>
<pluginRepositories><pluginRepository><id>central</id><url>file:///usr/share/maven-repo</url>
<releases><checksumPolicy>ignore</checksumPolicy></releases></pluginRepository></pluginRepositories>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{kafka}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
"""

KAFKA_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
advertised.listeners=PLAINTEXT://127.0.0.1:9092
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={logs}
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=true
message.max.bytes=10485760
log.cleaner.enable=false
"""

# Ports that the wheel's template leaves open.
PORTS = {
    "root_coord_port": 53100, "proxy_port": 19530, "proxy_internal_port": 19529, "query_coord_port": 19531,
    "query_node_port": 21123, "index_coord_port": 31000, "index_node_port": 21121, "data_coord_port": 13333,
    "data_node_port": 21124, "etcd_port": 2379,
}


class WrongParts(Exception):
    """What was downloaded is not what is written here; nothing of it is kept."""


def fetch(version):
    """Downloads what is missing; returns (folder of the Milvus server, folder of Kafka's jars)."""
    return _once(CACHE / "parts" / f"milvus-{version}", lambda d: _fetch_milvus(d, version)), \
        _once(CACHE / "parts" / f"kafka-{KAFKA}", _fetch_kafka)


def _once(folder, make):
    """Fills a folder with `make`, once: another process that wants it meanwhile waits."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(folder.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_name(folder.name + ".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            print(f"fetching {folder.name} into {folder.parent}", file=sys.stderr)
            try:
                make(unfinished)
            except BaseException:
                shutil.rmtree(unfinished)
                raise
            unfinished.rename(folder)
    return folder


def _fetch_milvus(folder, version):
    if version not in WHEELS:
        raise WrongParts(f"no sha256 of Milvus {version} is known, only of {', '.join(WHEELS)}: add it to {__file__}")
    pinned = folder / "requirements.txt"
    pinned.write_text(f"milvus=={version} --hash=sha256:{WHEELS[version]}\n")
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
                    "--require-hashes", "--dest", folder, "--requirement", pinned], check=True)
    pinned.unlink()
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".lzma"):  # the server and its libraries
                target = folder / Path(name).stem
                with archive.open(name) as raw, lzma.open(raw) as source, open(target, "wb") as sink:
                    shutil.copyfileobj(source, sink)
                target.chmod(0o755)
            elif name.endswith("config.yaml.template"):
                (folder / "template.yaml").write_bytes(archive.read(name))
            elif name.endswith("glog.conf"):
                (folder / "glog.conf").write_bytes(archive.read(name))
    wheel.unlink()


def _fetch_kafka(folder):
    (folder / "pom.xml").write_text(POM.format(kafka=KAFKA))
    own = folder / "repository"  # not ~/.m2: what is refused must not be there the next time
    subprocess.run(["mvn", "--quiet", "--batch-mode", "--file", folder / "pom.xml", f"-Dmaven.repo.local={own}", COPY,
                    f"-DoutputDirectory={folder}"], check=True)
    shutil.rmtree(own)
    _check_jars(folder)
    # A formatted log folder, so that a start need not run a JVM for it.
    (folder / "format.properties").write_text(KAFKA_PROPERTIES.format(logs=folder / "formatted"))
    subprocess.run(["java", "-cp", f"{folder}/*", "kafka.tools.StorageTool", "format", "--cluster-id",
                    "4OJh0kScR9yiYKwNy2zEKA", "--config", folder / "format.properties"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _check_jars(folder):
    """Each jar of the list, and no other, is in the folder, with the digest that the list (sha256sum's) tells."""
    expected = {name: digest for digest, name in map(str.split, JARS.read_text().splitlines())}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    wrong = [f"{name}: expected {expected.get(name, 'no such file')}, found {found.get(name, 'no such file')}"
             for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]
    if wrong:
        raise WrongParts("\n  ".join([f"Kafka's jars are not those of {JARS} (sha256):", *wrong]))


def write_kafka_configuration(conf, data, jars):
    conf.mkdir(parents=True, exist_ok=True)
    shutil.copytree(jars / "formatted", data)
    (conf / "kafka.properties").write_text(KAFKA_PROPERTIES.format(logs=data))
    return conf / "kafka.properties"


def write_milvus_configuration(conf, server, data, *, auto_balance, session_ttl, security):
    """milvus.yaml from the wheel's own template: Kafka, an outside etcd, one local folder as object storage.
    `security`: values of the template for logins and TLS."""
    values = {"local_storage_dir": data, "etcd_data_dir": data.with_name("unused"),
              "rocksmq_data_dir": data.with_name("unused"), "system_log_path": "", "etcd_log_path": "stdout", **security}

    def fill(match):  # {{ name(type): default }}
        name, _, default = match.group(1).partition(":")
        name = re.sub(r"\(.*\)", "", name).strip()
        return str(values.get(name, default.strip() or PORTS.get(name, "")))

    text = re.sub(r"\{\{(.*?)\}\}", fill, (server / "template.yaml").read_text())
    text = text.replace("embed: true", "embed: false").replace("type: rocksmq", "type: kafka")
    text = text.replace("  ip: #", "  ip: 127.0.0.1 #")
    text = re.sub(r"(?m)^(    ttl:) \d+", rf"\1 {session_ttl}", text)
    text = re.sub(r"(?m)^(  autoBalance:) \w+", rf"\1 {str(auto_balance).lower()}", text)
    text = re.sub(r"(?m)^(kafka|pulsar):.*\n(  .*\n|\s*\n)*", "", text)
    text += ("\nkafka:\n  brokerList: 127.0.0.1:9092\n  saslUsername:\n  saslPassword:\n"
             "  saslMechanisms: PLAIN\n  securityProtocol: PLAINTEXT\n")
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "milvus.yaml").write_text(text)
    if (server / "glog.conf").exists():
        shutil.copy(server / "glog.conf", conf)


if __name__ == "__main__":
    try:
        for each in sys.argv[1:]:
            fetch(each)
    except (WrongParts, subprocess.CalledProcessError) as error:
        sys.exit(f"parts.py: {error}")
