"""A seal service outside: what is believed of its answers, and how long they are waited for."""

import json
import time

import pytest
from asn1crypto import pem

from app.adapters.signature import settings
from app.adapters.signature.outside import SealNotOfThisPaper, SealServiceFailed, SealServiceSlow
from app.adapters.signature.signing import Slot, add_fields, sign
from tests import fakes, seals
from tests.documents_made import NOW, Authority


@pytest.fixture(scope="module")
def ours():
    return Authority()


@pytest.fixture(scope="module")
def paper(ours):
    boxes = fakes.Press.BOXES
    slots = [Slot(name, box, name, closes=name == "seal") for name, box in boxes.items()]
    blank = add_fields(fakes._empty_page(), slots)
    stamp = ours.identity("时间戳", "stamp")
    signer = ours.identity("张伟")
    return sign(blank, "officer1", signer, stamp, seals.LOOK, "签名", NOW, first=True)


@pytest.fixture(scope="module")
def double():
    made = seals.Double()
    yield made
    made.close()


def ask(ours, paper, double, way, **changes):
    double.does = [way]
    service = double.service(**changes)
    return service.fetch(paper, "seal", f"key {way}", ours.trust(), NOW)


def test_exactly_what_was_sent_and_the_seal(ours, paper, double):
    sealed = ask(ours, paper, double, "seal")
    assert sealed.startswith(paper)
    assert ask(ours, paper, double, "seal") == sealed  # the second time, too


@pytest.mark.parametrize(
    "way",
    [
        "echo",
        "junk",
        "other paper",
        "changed first",
        "changed then",
        "trailing bytes",
        "other place",
        "other organ",
        "other authority",
    ],
)
def test_anything_else_is_refused(ours, paper, double, way):
    with pytest.raises(SealNotOfThisPaper):
        ask(ours, paper, double, way)


@pytest.mark.parametrize("way", ["busy", "refuses", "elsewhere", "broken off", "endless"])
def test_no_paper_is_a_failure(ours, paper, double, way):
    with pytest.raises(SealServiceFailed) as failed:
        ask(ours, paper, double, way)
    assert seals.SECRET not in str(failed.value)


@pytest.mark.parametrize("way", ["slow", "drip"])
def test_it_is_not_waited_for_without_end(ours, paper, double, way):
    started = time.monotonic()
    with pytest.raises(SealServiceSlow):
        ask(ours, paper, double, way, patience=0.4)
    assert time.monotonic() - started < 1.4


def test_nobody_there_is_a_failure(ours, paper, double):
    with pytest.raises(SealServiceFailed):
        ask(ours, paper, double, "seal", address="http://127.0.0.1:9/seal")


class TestSettings:
    ROOT = Authority().root.certificate

    def write(self, folder, **said):
        (folder / "roots.pem").write_bytes(pem.armor("CERTIFICATE", self.ROOT))
        (folder / "secret").write_text("abc\n")
        given = {"address": "http://127.0.0.1:1/", "roots": "roots.pem", "secret_file": "secret"}
        (folder / settings.FILE).write_text(json.dumps({seals.ORGAN: {**given, **said}}))

    def test_without_a_file_there_is_none(self, tmp_path):
        assert settings.seals(tmp_path) == {}

    def test_files_beside_it_are_read(self, tmp_path):
        self.write(tmp_path, patience=3)
        service = settings.seals(tmp_path)[seals.ORGAN]
        assert (service.roots, service.secret, service.patience) == ((self.ROOT,), "abc", 3.0)
        assert service.holder == seals.ORGAN

    @pytest.mark.parametrize(
        "said",
        [
            {"address": "file:///etc/passwd"},
            {"roots": "none.pem"},
            {"roots": "secret"},
            {"secret_file": "none"},
            {"patience": "long"},
            {"passwort": "x"},
        ],
    )
    def test_what_cannot_be_understood_stops_the_start(self, tmp_path, said):
        self.write(tmp_path, **said)
        with pytest.raises(settings.WrongSetting):
            settings.seals(tmp_path)
