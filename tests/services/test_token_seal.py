"""An organ's seal in a token: SoftHSM stands in for one."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.adapters.signature import settings, token
from app.adapters.signature.token import Token, TokenFailed
from app.adapters.signature.verifying import check
from app.domain.documents import KeyUse
from app.models.documents import SigningKey
from app.services import incidents
from app.services.documents import reading
from app.services.pdf import certificates, keys
from tests import tokens
from tests.casework import ANSWERS, Play

STAFF, ADMIN, ORGAN = "xingxian.staff1", "xingxian.admin", "兴县应急管理局"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def approved(play):
    """An order whose seal was approved, and put on it if that went well."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()
    return play.papers(STAFF, case)[-1]


def seal_keys(deps):
    with deps.system_reading("test") as work:
        wanted = select(SigningKey).where(SigningKey.use == KeyUse.SEAL).order_by(SigningKey.id)
        return work.session.scalars(wanted.options(undefer(SigningKey.sealed))).all()


def test_a_paper_is_sealed_by_the_key_in_a_token(play, deps):
    approved(play)  # before there was a token
    mine = tokens.fresh(f"seal {id(deps)}")
    deps.papers.seals[ORGAN] = mine
    paper = approved(play)
    assert paper.state == "sealed"
    file = play.run(STAFF, reading.file, paper.id).data
    found = check(file, keys.trust(deps), deps.clock())
    assert [(one.field, one.signer, one.good) for one in found][-1] == ("seal", ORGAN, True)
    first, second = seal_keys(deps)
    assert (first.holder, first.sealed) == (None, None)  # the one here seals no more
    assert second.sealed is None  # what seals now is nowhere here
    approved(play)
    assert len(seal_keys(deps)) == 2

    play.run(ADMIN, certificates.revoke, second.id, "密码机更换")
    assert approved(play).state == "signing"  # what was taken back is not certified again
    deps.papers.seals[ORGAN] = tokens.fresh(f"another seal {id(deps)}")
    (row,) = play.run(ADMIN, incidents.find)
    play.run(ADMIN, incidents.retry, row.id)
    deps.jobs.drain(deps)
    assert play.run(ADMIN, incidents.find) == []
    assert len(seal_keys(deps)) == 3


def test_a_token_that_is_away_is_an_incident(play, deps):
    mine = tokens.fresh(f"away {id(deps)}")
    deps.papers.seals[ORGAN] = replace(mine, pin="111111")
    paper = approved(play)
    assert paper.state == "signing"
    (row,) = play.run(ADMIN, incidents.find)
    assert row.fault.startswith("TokenFailed ")
    assert "111111" not in incidents.trace(deps, row.id)
    deps.papers.seals[ORGAN] = mine
    play.run(ADMIN, incidents.retry, row.id)
    deps.jobs.drain(deps)
    assert play.papers(STAFF, paper.case_id)[-1].state == "sealed"


def test_it_signs_as_a_key_here_does():
    mine = tokens.fresh("plain")
    public = mine.public_key()
    for text in (b"", b"paper", b"x" * 100_000):
        public.verify(mine.sign(text, ECDSA(SHA256())), text, ECDSA(SHA256()))
    started = time.process_time()
    mine.sign(b"paper", ECDSA(SHA256()))
    assert time.process_time() - started < 0.05


def test_many_at_once_wait_for_each_other():
    mine = tokens.fresh("many")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _turn: mine.sign(b"paper", ECDSA(SHA256())), range(12)))
    for signature in made:
        mine.public_key().verify(signature, b"paper", ECDSA(SHA256()))


@pytest.mark.parametrize(
    "changes",
    [{"pin": "0"}, {"token": "none"}, {"key": "none"}, {"module": "/nowhere/libtoken.so"}],
)
def test_what_is_not_there_is_said_without_the_pin(changes):
    wrong = replace(tokens.fresh("wrong"), **changes)
    with pytest.raises(TokenFailed) as failed:
        wrong.sign(b"paper", ECDSA(SHA256()))
    assert wrong.pin not in str(failed.value).replace("0x", "")
    assert tokens.PIN not in repr(wrong)


def test_another_curve_is_refused():
    with pytest.raises(TokenFailed):
        tokens.fresh("larger", "secp384r1").public_key()


def test_without_the_library_it_says_what_to_install(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(token.importlib, "import_module", absent)
    with pytest.raises(TokenFailed, match=r"requirements-token\.txt"):
        Token("x.so", "a", "b", "1").public_key()


def test_it_is_set_beside_services(tmp_path):
    (tmp_path / "pin").write_text("135790\n")
    said = {"module": "/usr/lib/x.so", "token": "bihuan", "key": "seal", "pin_file": "pin"}
    (tmp_path / settings.FILE).write_text(json.dumps({ORGAN: said}))
    assert settings.seals(tmp_path) == {ORGAN: Token("/usr/lib/x.so", "bihuan", "seal", "135790")}
    (tmp_path / settings.FILE).write_text(json.dumps({ORGAN: {**said, "pin": "1"}}))
    with pytest.raises(settings.WrongSetting):
        settings.seals(tmp_path)
