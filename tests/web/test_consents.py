"""Pages and API of the consent to electronic service."""

import io

import pytest

from app.services.demo.people import PASSWORD
from app.services.enterprises import consents
from tests.casework import Play, picture
from tests.people import token
from tests.web.routes import Things

STAFF, PLANT = "xingxian.staff1", "xingxian.plant"
OWN = {"channel": "phone", "number": "13800000000", "receiver": "任国强", "agreed": "true"}
SIGNED = {
    "channel": "email",
    "email": "anquan@example.cn",
    "receiver": "任国强",
    "confirmed_on": "2026-11-19",
    "signer": "任国强，主要负责人",
}


@pytest.fixture
def plant(deps, actor):
    return Play(deps, actor).subject()


def of(deps, actor, plant):
    return Play(deps, actor).run(STAFF, consents.of_enterprise, plant)


def test_staff_enter_what_was_signed_and_withdraw_it(deps, actor, client, plant):
    browser, here = client(STAFF), f"/enterprises/{plant}"
    assert "企业没有确认电子送达地址" in browser.get(here).text
    wrong = browser.post(f"{here}/consents/new", data=SIGNED)
    assert wrong.status_code == 422
    assert (
        "请填写签字盖章的送达地址确认书" in wrong.text or "签字盖章的送达地址确认书" in wrong.text
    )
    assert of(deps, actor, plant) == []
    scan = (io.BytesIO(picture()), "确认书.png")
    done = browser.post(f"{here}/consents/new", data={**SIGNED, "papers": scan})
    assert (done.status_code, done.location) == (303, here)
    page = browser.get(here).text
    assert "anquan@example.cn" in page
    assert "登记企业送达地址确认书" in page  # its time line
    (row,) = of(deps, actor, plant)
    paper = browser.get(f"{here}/consents/{row.consent.id}/papers/0")
    assert paper.data == picture()
    assert paper.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert "sandbox" in paper.headers["Content-Security-Policy"]
    withdraw = f"{here}/consents/{row.consent.id}/withdraw"
    assert browser.post(withdraw, data={"reason": ""}).status_code == 303
    assert of(deps, actor, plant)[0].consent.ended_on is None
    browser.post(withdraw, data={"reason": "邮箱停用"})
    assert of(deps, actor, plant)[0].end_reason == "邮箱停用"
    assert "邮箱停用" in browser.get(here).text


def test_the_party_itself_confirms_with_its_password(deps, actor, client, plant):
    browser, page = client(PLANT), f"/enterprises/{plant}/consents/new"
    assert "您的登录密码" in browser.get(page).text
    wrong = browser.post(page, data={**OWN, "password": "不是这个"})
    assert wrong.status_code == 422
    assert "密码不正确" in wrong.text
    bare = {key: value for key, value in OWN.items() if key != "agreed"}
    assert browser.post(page, data={**bare, "password": PASSWORD}).status_code == 422
    assert of(deps, actor, plant) == []
    assert browser.post(page, data={**OWN, "password": PASSWORD}).status_code == 303
    (row,) = of(deps, actor, plant)
    assert (row.own, row.consent.address) == (True, "13800000000")


def test_the_same_through_the_api(app, deps, plant):
    staff, party = token(app, STAFF), token(app, PLANT)
    caller, url = app.test_client(), f"/api/v1/enterprises/{plant}/consents"
    assert caller.get(url, headers=staff).json == {"items": []}
    scan = Things(deps).play.upload(STAFF)
    entered = caller.post(url, json={**SIGNED, "papers": [scan]}, headers=staff)
    assert (entered.status_code, len(entered.json["items"])) == (201, 1)
    assert entered.json["items"][0]["papers"][0]["sha256"]
    given = {**OWN, "agreed": True}
    assert caller.post(url, json=given, headers=party).status_code == 422
    confirmed = caller.post(url, json={**given, "password": PASSWORD}, headers=party)
    assert [one["own"] for one in confirmed.json["items"]] == [True, False]
    newest = confirmed.json["items"][0]["id"]
    withdrawn = caller.post(f"{url}/{newest}/withdraw", json={"reason": "改用纸质"}, headers=party)
    assert withdrawn.json["items"][0]["ended_on"] == "2026-11-20"
