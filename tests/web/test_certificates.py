"""The certificates of an organisation: the list, and taking one back with one's password."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.adapters.signature import sm2
from app.adapters.signature.outside import SealService
from app.adapters.signature.token import Token
from app.models.documents import SigningKey
from app.services import profile
from app.services.demo.people import PASSWORD
from tests.casework import ANSWERS, Play
from tests.people import actor_of
from tests.web.routes import Things

ADMIN, STAFF = "xingxian.admin", "xingxian.staff1"


@pytest.fixture
def url(deps):
    return f"/organisations/{Things(deps).organisation}/certificates"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def paper(play):
    """A sealed paper: two people and the seal have certificates."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()
    (found,) = play.papers(STAFF, case)
    return found


def key_of(deps, **whose) -> int:
    with deps.system_reading("test") as work:
        return work.session.scalars(select(SigningKey.id).filter_by(**whose)).one()


def code_of(client, paper):
    page = client(STAFF).get(f"/documents/{paper.id}").text
    return re.search(r'href="(/v/\w+)"', page)[1]


def test_the_list_says_who_can_sign(client, url, play, paper):
    assert paper.state == "sealed"
    page = client(ADMIN).get(url).text
    assert page.count("<tr>") == 4  # the head, two people, the seal
    for part in ("白建国", "白志强", "兴县应急管理局", "个人签名", "机关印章", "在用", "2031"):
        assert part in page, part
    play.run(STAFF, profile.change_pin, "739106")
    assert "不再签名" in client(ADMIN).get(url).text
    assert "签名证书" in client(ADMIN).get(url.removesuffix("/certificates")).text


@pytest.mark.parametrize(
    ("second", "there", "said"),
    [
        (False, True, "未启用"),
        (True, True, "在加盖印章前另加一个签名"),
        (True, False, "文书不能用印"),
    ],
)
def test_the_page_tells_which_signatures_papers_get(
    client, url, deps, monkeypatch, second, there, said
):
    """The operator decides: the page shows it, and has nothing to switch."""
    monkeypatch.setattr(sm2, "ready", lambda: there)
    object.__setattr__(deps, "papers", replace(deps.papers, second=second))
    page = client(ADMIN).get(url).text
    assert said in page
    assert ("已启用" in page) == second
    assert "由本系统保管密钥" in page
    assert "<form" not in page.partition("本单位文书上的签名")[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (Token("softhsm.so", "bureau", "seal", "1234"), "智能密码钥匙"),
        (SealService("https://seals.example", (), "兴县应急管理局"), "自有的签章服务"),
    ],
)
def test_the_page_tells_where_the_seal_is_and_no_secret(client, url, deps, kept, said):
    papers = replace(deps.papers, seals={"兴县应急管理局": kept})
    object.__setattr__(deps, "papers", papers)
    page = client(ADMIN).get(url).text
    assert said in page
    assert not [secret for secret in ("softhsm", "1234", "seals.example") if secret in page]


@pytest.mark.parametrize("whose", ["person", "seal"])
def test_revoking_takes_a_password_and_a_reason(client, url, deps, paper, whose):
    key = key_of(deps, account_id=actor_of(deps, STAFF).id) if whose == "person" else None
    key = key or key_of(deps, organisation_id=Things(deps).organisation)
    browser, code = client(ADMIN), code_of(client, paper)
    form = {"key": key, "reason": "口令可能泄露", "password": "wrong"}

    def refused(**changes):
        answer = browser.post(f"{url}/revoke", data={**form, **changes})
        assert answer.status_code == 422
        return re.search(r'id="f-(\w+)-note"><svg.*?<span>(.*?)</span>', answer.text)[2]

    assert refused() == "密码不正确"
    assert refused(key="") == "请选择证书"
    assert refused(password=PASSWORD, reason=" ") == "请填写撤销原因（不超过 200 个字）"
    assert "已登记" in client().get(code).text
    answer = browser.post(f"{url}/revoke", data={**form, "password": PASSWORD})
    assert answer.status_code == 303
    page = browser.get(url).text
    assert "已撤销" in page
    assert "口令可能泄露" in page
    assert "已撤销" in client().get(code).text
    again = browser.post(f"{url}/revoke", data={**form, "password": PASSWORD})
    assert again.status_code == 409
    assert "证书已经撤销" in again.text
    subject = f"/accounts/{actor_of(deps, STAFF).id}"
    if whose == "seal":
        subject = url.removesuffix("/certificates")
    history = browser.get(subject).text
    assert "撤销了签名证书" in history
    assert "原因：口令可能泄露" in history


def test_a_revoked_seal_is_made_anew(client, url, deps, play, paper):
    assert paper.state == "sealed"
    old = key_of(deps, organisation_id=Things(deps).organisation)
    form = {"key": old, "reason": "印章可能被他人使用", "password": PASSWORD}
    assert client(ADMIN).post(f"{url}/revoke", data=form).status_code == 303
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()
    (other,) = play.papers(STAFF, case)
    assert "已登记" in client().get(code_of(client, other)).text
    assert "已撤销" in client().get(code_of(client, paper)).text


def test_guesses_at_the_password_are_counted(client, url, deps, paper):
    assert paper.state == "sealed"
    form = {"key": key_of(deps, account_id=actor_of(deps, STAFF).id), "reason": "x"}
    browser = client(ADMIN)
    told = [browser.post(f"{url}/revoke", data={**form, "password": f"{n}"}) for n in range(6)]
    assert [answer.status_code for answer in told] == [422] * 5 + [429]


def test_only_administrators_of_the_area_revoke(client, url, deps, paper):
    assert paper.state == "sealed"
    form = {
        "key": key_of(deps, account_id=actor_of(deps, STAFF).id),
        "reason": "越权",
        "password": PASSWORD,
    }
    assert client(STAFF).get(url).status_code == 403
    assert client(STAFF).post(f"{url}/revoke", data=form).status_code == 403
    stranger = client("fenyang.admin")
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}/revoke", data=form).status_code == 404
    root = {**form, "key": key_of(deps, use="root")}
    assert client("lvliang.admin").post(f"{url}/revoke", data=root).status_code == 404
    assert client("lvliang.admin").post(f"{url}/revoke", data=form).status_code == 303
