"""gRPC with all that guards it: logins, roles, TLS with a certificate of the server alone, and of both sides."""
import subprocess

import evenkeel
import pytest
from figures import equal, report, settled, spread

PASSWORDS = {"keel": "even-keel-1", "reader": "even-keel-2"}
# agent/milvus/VERSIONS.md names them.
TO_READ = [("Global", "DescribeCollection"), ("Global", "ShowCollections"), ("Global", "ListDatabases")]
TO_MOVE = [("Collection", "LoadBalance"), *TO_READ]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A folder with ca.pem, and {server,client}.{pem,key} that it has signed."""
    folder = tmp_path_factory.mktemp("keys")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ca")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    for name in ("server", "client"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", f"{name}.pem")
    for user, password in {**PASSWORDS, "wrong": "wrong"}.items():
        (folder / f"{user}.password").write_text(password)
        (folder / f"{user}.password").chmod(0o600)
    return folder


@pytest.fixture(scope="module", params=["the server's certificate", "both sides' certificates"])
def cluster(request, start_cluster, keys):
    """One with logins and TLS, and two users: one may do what the agent does, one only look."""
    mode = {"the server's certificate": "1", "both sides' certificates": "2"}[request.param]
    cluster = start_cluster(query_nodes=3, memory_friendly=True, collections={"book": {"segments": 6, "rows": 40000, "dim": 128}},
                            security={"authorization_enabled": "true", "tls_mode": mode, "server_pem_path": keys / "server.pem",
                                      "server_key_path": keys / "server.key", "ca_pem_path": keys / "ca.pem"})
    cluster.mutual = mode == "2"
    cluster.milvus.over_tls("--cacert", keys / "ca.pem", "--cert", keys / "client.pem", "--key", keys / "client.key")
    cluster.milvus.create_user("reader", PASSWORDS["reader"], TO_READ)
    cluster.milvus.create_user("keel", PASSWORDS["keel"], TO_MOVE)
    return cluster


def road(cluster, keys, user="keel", password=None, certificate=True, authority="ca.pem"):
    lines = ['address = "grpcs://localhost:19530"', 'metrics_address = "http://127.0.0.1:9091"',
             f'username = "{user}"', f'password_file = "{keys}/{password or user}.password"', f'ca_file = "{keys}/{authority}"']
    if certificate and cluster.mutual:
        lines += [f'cert_file = "{keys}/client.pem"', f'key_file = "{keys}/client.key"']
    return "\n".join(lines)


def test_what_is_not_allowed_is_said(cluster, keys, agent, tmp_path):
    capacities = equal(settled(cluster), 1, 0.8)
    config = tmp_path / "evenkeel.toml"

    def planned(**options):
        config.write_text(evenkeel.configuration(capacities, road=road(cluster, keys, **options)))
        done = evenkeel.run("plan", config)
        print(f"\n  {options}: {done.returncode}: {done.stderr[:600]}")
        return done

    assert planned().returncode in (0, 3)
    wrong = planned(password="wrong")
    assert wrong.returncode == 1 and "login" in wrong.stderr
    strange = planned(authority="client.pem")
    assert strange.returncode == 1 and "certificate" in strange.stderr
    if cluster.mutual:
        bare = planned(certificate=False)
        assert bare.returncode == 1 and "cert_file" in bare.stderr


def test_a_user_without_the_privilege_moves_nothing(cluster, keys, agent):
    cluster.skew("book", 1)
    capacities = equal(settled(cluster), 1, 0.8)
    with agent(capacities, difference=20, road=road(cluster, keys, "reader")) as a:
        a.until("a refusal", 40, lambda: "privilege" in a.log())
        print("\n ", next(line for line in a.log().splitlines() if "privilege" in line)[:600])
        assert "LoadBalance" in a.log()
    assert all(s["nodes"] == [cluster.node_ids()[1]] for s in cluster.milvus.segments("book"))


def test_a_skewed_collection_is_levelled(cluster, keys, agent):
    cluster.skew("book", 1)
    before = settled(cluster)
    capacities = equal(before, 1, 0.8)
    with agent(capacities, difference=20, road=road(cluster, keys)) as a:
        a.until_balanced()
        after = settled(cluster)
        report("Over gRPC with TLS and a login", before, after, capacities, a)
        assert a.moved_twice() == []
    assert spread(before, capacities) > 0.20 >= spread(after, capacities)
