"""The second signature (SM2/SM3): it is good, what it follows and what follows it stays good."""

import io
import re
import shutil
import subprocess
import time
from datetime import timedelta

import pytest
from asn1crypto import pem
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils.reader import PdfFileReader

from app.adapters.signature import authority, sm2
from app.adapters.signature.authority import Holder
from app.adapters.signature.lasting import holds, renew
from app.adapters.signature.signing import Trust, put_seal, sign, sign_beside
from app.adapters.signature.sm2 import Sm2Identity, Sm2Key, Sm2Missing
from app.adapters.signature.verifying import check
from tests import second
from tests.adapters import test_tampering as tampering
from tests.documents_made import NOW, Authority

pytestmark = second.needed
ORGAN = "兴县应急管理局"
LATER = NOW + timedelta(days=1)


def identity(ours):
    key = Sm2Key.fresh()
    der = sm2.certify(key.public, Holder(ORGAN, ORGAN), NOW, ours.issuing, "http://a/revoked/1.crl")
    return Sm2Identity(key, der, (ours.issuing.certificate, ours.root.certificate))


@pytest.fixture(scope="module")
def ours():
    return Authority()


@pytest.fixture(scope="module")
def key(ours):
    return identity(ours)


def states_of(ours, key, text="(a) Tj"):
    """A paper as it grows: empty places, an officer, the second signature, the seal."""
    stamp = ours.identity("时间戳", "stamp")
    states = [tampering.blank(text)]
    officer = ours.identity("张伟")
    look = tampering.LOOK
    states.append(sign(states[-1], "officer1", officer, stamp, look, "签名", NOW, first=True))
    states.append(sign_beside(states[-1], "sm2", key, stamp, "国密签名", NOW))
    seal = ours.identity(ORGAN, "seal")
    trust = ours.trust()
    states.append(put_seal(states[-1], "seal", seal, stamp, look, "用印", NOW, trust))
    return states


@pytest.fixture(scope="module")
def states(ours, key):
    return states_of(ours, key)


def told(pdf, trust, now=LATER):
    return {one.field: one.good for one in check(pdf, trust, now)}


def test_all_three_are_good_and_each_only_adds(ours, states):
    assert told(states[2], ours.trust()) == {"officer1": True, "sm2": True}
    assert told(states[3], ours.trust()) == {"officer1": True, "sm2": True, "seal": True}
    assert states[3].startswith(states[2])
    assert states[2].startswith(states[1])
    (beside,) = [one for one in check(states[3], ours.trust(), LATER) if one.field == "sm2"]
    assert (beside.signer, beside.at, beside.changed) == (ORGAN, NOW, False)


def test_it_is_sm2_with_sm3_and_shows_nothing(states, key):
    (one,) = [
        one
        for one in PdfFileReader(io.BytesIO(states[3])).embedded_regular_signatures
        if one.field_name == "sm2"
    ]
    assert one.signer_info["digest_algorithm"]["algorithm"].dotted == sm2.NUMBERS[sm2.SM3]
    algorithm = one.signer_info["signature_algorithm"]["algorithm"].dotted
    assert algorithm == sm2.NUMBERS[sm2.SM2_WITH_SM3]
    assert one.signer_cert.dump() == key.der
    assert [int(side) for side in one.sig_field["/Rect"]] == [0, 0, 0, 0]
    assert authority.serial_of(key.der)
    assert authority.ends_at(key.der) > NOW


def test_who_does_not_know_it_finds_the_others_as_they_were(states, tmp_path):
    """poppler has no word for its digest; the certification and the seal are valid to it."""
    said = tampering.poppler(states[3], tmp_path)
    assert sorted(said) == [*["Signature is Valid."] * 2, "Unknown Validation Failure."]


def test_openssl_agrees(key, tmp_path):
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not here")
    der, public, signed = (tmp_path / name for name in ("a.der", "a.pem", "a.sig"))
    der.write_bytes(key.der)
    (tmp_path / "a").write_bytes(b"abc")
    signed.write_bytes(key.key.sign(b"abc"))
    info = sm2._public_key(key.key.public).dump()
    public.write_bytes(pem.armor("PUBLIC KEY", info))
    command = [program, "dgst", "-sm3", "-verify", public, "-signature", signed]
    named = ["-sigopt", "distid:1234567812345678", tmp_path / "a"]
    done = subprocess.run([*command, *named], capture_output=True, text=True, check=False)
    assert "Verified OK" in done.stdout, done.stderr
    (tmp_path / "a").write_bytes(b"abd")
    assert subprocess.run([*command, *named], capture_output=True, check=False).returncode
    shown = subprocess.run(
        [program, "x509", "-inform", "DER", "-in", der, "-noout", "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.search("ASN1 OID: SM2|Public Key Algorithm: sm2", shown, re.IGNORECASE)


def flipped(states):
    at = states[3].index(b"(a) Tj") + 1
    return states[3][:at] + b"b" + states[3][at + 1 :]


def other_bytes(states):
    """Another signature in the place of this one."""
    start, end = tampering.contents(states[3], "sm2")
    whole = bytearray(states[3])
    at = start + 5000
    whole[at] = ord("0") if whole[at] != ord("0") else ord("1")
    assert at < end
    return bytes(whole)


def laid_over(states):
    return tampering.text_laid_over(tampering.Made(states, None, {}), None)


@pytest.mark.parametrize("tamper", [flipped, laid_over])
def test_what_is_done_to_the_paper_is_found_by_it_too(ours, states, tamper):
    assert not any(told(tamper(states), ours.trust()).values())


def test_what_is_done_to_the_second_signature_is_found(ours, states):
    changed = other_bytes(states)
    found = told(changed, ours.trust())
    assert not found["seal"]  # it covers what was changed


def test_one_of_another_paper_is_not_good_here(ours, key, states):
    other = states_of(ours, key, "(another paper) Tj")
    here, there = (tampering.contents(each, "sm2") for each in (states[2], other[2]))
    moved = other[2][there[0] : there[1]][: here[1] - here[0]]
    swapped = states[2][: here[0]] + moved + states[2][here[1] :]
    assert told(swapped, ours.trust()) == {"officer1": True, "sm2": False}


def test_a_strangers_and_a_revoked_ones_are_not_good(ours, key, states):
    stranger = states_of(ours, identity(Authority("他人")))
    assert told(stranger[2], ours.trust()) == {"officer1": True, "sm2": False}
    lists = (
        authority.list_revoked(ours.root, [], LATER),
        authority.list_revoked(ours.issuing, [(authority.serial_of(key.der), NOW)], LATER),
    )
    trust = Trust([ours.root.certificate], [ours.issuing.certificate], lists)
    assert told(states[3], trust) == {"officer1": True, "sm2": False, "seal": True}


def test_the_archive_stamp_covers_it_and_is_renewed(ours, states):
    def trust_at(moment):
        lists = [authority.list_revoked(one, [], moment) for one in (ours.root, ours.issuing)]
        return Trust([ours.root.certificate], [ours.issuing.certificate], lists)

    later = NOW + 15 * authority.YEAR
    assert holds(states[3], trust_at, later)
    again = ours.identity("时间戳", "stamp", since=later)
    renewed = renew(states[3], again, trust_at, later)
    assert holds(renewed, trust_at, NOW + 22 * authority.YEAR)


def test_no_signature_is_taken_for_one_of_another_algorithm(ours, key):
    validator, data = sm2.Validator(), b"abc"
    signature = key.key.sign(data)
    algorithm = sm2.algos.SignedDigestAlgorithm({"algorithm": sm2.SM2_WITH_SM3})
    ecdsa = sm2.algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    mine = sm2._public_key(key.key.public)
    theirs = ours.identity("张伟").certificate.public_key
    off_curve = sm2._public_key(b"\x01" * 64)
    validator.validate_signature(signature, data, mine, algorithm)
    for given, public in ((signature, theirs), (signature, off_curve), (b"", mine), (b"x", mine)):
        with pytest.raises(InvalidSignature):
            validator.validate_signature(given, data, public, algorithm)
    with pytest.raises(Exception, match=r"(?i)curve|unsupported"):
        validator.validate_signature(signature, data, mine, ecdsa)


def test_without_the_library_it_is_said_so(monkeypatch, key):
    monkeypatch.setattr(sm2, "LIBRARY", "no_such_library")
    assert not sm2.ready()
    for act in (Sm2Key.fresh, lambda: key.key.sign(b"a")):
        with pytest.raises(Sm2Missing, match="requirements-sm2"):
            act()


def test_a_key_is_shown_nowhere(key):
    assert Sm2Key.load(key.key.packed) == key.key
    assert key.key.secret.hex() not in repr(key)
    assert str(key.key.secret) not in repr(key)


def test_it_takes_little_time_and_room(ours, key, states):
    stamp = ours.identity("时间戳", "stamp")
    started = time.process_time()
    for _ in range(5):
        sign_beside(states[1], "sm2", key, stamp, "国密签名", NOW)
    assert (time.process_time() - started) / 5 < 0.1  # measured: 0.016
    assert len(states[2]) - len(states[1]) < 20_000
