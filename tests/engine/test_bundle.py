import hashlib

import pytest
import zstandard

from app.domain import Invalid
from app.engine import definitions
from app.engine.bundle import BadBundle, Bundle
from app.engine.markup import BadMarkup, parse
from tests.engine.draw import bundle
from tests.engine.play import line

FILES = {"bpmn/parts/q.bpmn": b"q", "bpmn/p.bpmn": b"p", "forms/f.json": b"{}", "bpmn/d.dmn": b"d"}


def test_a_bundle_survives_storage():
    packed = Bundle(FILES).pack()
    assert Bundle.unpack(packed) == Bundle(FILES)
    assert Bundle.unpack(packed).digest == Bundle(FILES).digest


def test_the_digest_depends_on_paths_and_bytes_but_not_on_order():
    backwards = dict(reversed(FILES.items()))
    assert Bundle(backwards).digest == Bundle(FILES).digest
    assert len(Bundle(FILES).digest) == len(hashlib.sha256().hexdigest())
    assert Bundle(FILES | {"bpmn/p.bpmn": b"x"}).digest != Bundle(FILES).digest
    # The boundary between a path and its bytes counts.
    assert Bundle({"ab": b"c"}).digest != Bundle({"a": b"bc"}).digest


def test_the_main_diagram_comes_first():
    found = Bundle(FILES)
    assert list(found.diagrams) == ["bpmn/p.bpmn", "bpmn/parts/q.bpmn"]
    assert found.mains == ("bpmn/p.bpmn",)
    assert list(found.decisions) == ["bpmn/d.dmn"]


def test_a_bundle_cannot_be_changed():
    with pytest.raises(TypeError):
        Bundle(FILES).files["a"] = b""


@pytest.mark.parametrize(
    "packed",
    [b"", b"\x02abc", b"\x01abc", Bundle(FILES).pack()[:-3], b"\x01" + b"\x28\xb5\x2f\xfd"],
)
def test_what_is_no_bundle_is_refused(packed):
    with pytest.raises(BadBundle):
        Bundle.unpack(packed)


def test_a_truncated_content_is_refused():
    for data in (b"\x00" * 7 + b"\x09abc", b"\x00" * 7 + b"\x01a"):
        with pytest.raises(BadBundle):
            Bundle.unpack(b"\x01" + zstandard.ZstdCompressor().compress(data))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<a>",
        b"<!DOCTYPE a><a/>",
        f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>'.encode(),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        b"<a>&undefined;</a>",
        b"<a>" + b"x" * 1024 * 1024 + b"</a>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"\xff\xfe<a/>",
        b"<a>\x00</a>",
    ],
)
def test_hostile_xml_is_refused(data):
    with pytest.raises(BadMarkup):
        parse(data)


def test_a_definition_says_what_the_diagram_says():
    drawing = line("a")
    drawing.user("a", "n", due="P5BD", notBy="x y")
    found = definitions.load(bundle(drawing))
    assert (found.procedure, found.process_name, found.name_en) == ("p", "流程", "p")
    assert found.digest == bundle(drawing).digest
    node = found.nodes["a"]
    assert (node.kind, node.lane, node.process, node.name_en) == ("userTask", "执法人员", "p", "a")
    assert (node.incoming, node.outgoing) == (("p_f1",), ("p_f2",))
    assert (node.variables, node.words("notBy"), node.times) == (("n",), ("x", "y"), ("P5BD",))
    assert found.start.id == "start"
    assert found.flows["p_f1"].target == "a"
    assert found.between["start", "a"] == "p_f1"
    assert not found.processes["p"].embedded


def test_what_cannot_be_built_is_refused():
    lost = line("k")
    lost.call("k", "ghost")
    for broken in (bundle(lost), Bundle({"bpmn/p.bpmn": b"<a"}), Bundle({})):
        with pytest.raises(Invalid):
            definitions.load(broken)
