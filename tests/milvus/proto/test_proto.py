"""Our own .proto files name and number everything as Milvus's clients of each version do."""
import json

import descriptors
import pytest

OURS = descriptors.ours()
THEIRS = json.loads(descriptors.NUMBERS.read_text())
NEWEST = list(THEIRS)[-1]


def test_there_is_something_to_compare():
    assert {"milvus.proto.milvus.LoadBalanceRequest", "milvus.proto.common.Status"} <= set(OURS["messages"])
    assert "milvus.proto.milvus.MilvusService/LoadBalance" in OURS["methods"]
    assert list(THEIRS) == ["2.1.3", "2.3.7", "2.5.16", "2.6.5", "3.0.2"]


@pytest.mark.parametrize("version", THEIRS)
@pytest.mark.parametrize("kind", ["messages", "enums"])
def test_what_has_a_name_has_its_number(version, kind):
    for name, theirs in THEIRS[version][kind].items():
        ours = OURS[kind][name]
        assert {each: ours[each] for each in ours if each in theirs} == \
               {each: theirs[each] for each in theirs if each in ours}, name


@pytest.mark.parametrize("version", THEIRS)
@pytest.mark.parametrize("kind", ["messages", "enums"])
def test_no_number_means_something_else(version, kind):
    for name, theirs in THEIRS[version][kind].items():
        def number(value):
            return value[0] if kind == "messages" else value
        named = {number(value): each for each, value in theirs.items()}
        for each, value in OURS[kind][name].items():
            assert named.get(number(value), each) == each, f"{name}.{each}"


@pytest.mark.parametrize("version", THEIRS)
def test_methods_take_and_give_the_same(version):
    for name, theirs in THEIRS[version]["methods"].items():
        assert OURS["methods"][name] == theirs


def test_the_newest_version_has_everything():
    newest = THEIRS[NEWEST]
    assert set(OURS["methods"]) == set(newest["methods"])
    for kind in ("messages", "enums"):
        for name, ours in OURS[kind].items():
            assert set(ours) <= set(newest[kind][name]), name
