"""Nobody alone takes over somebody who signs: password and signing PIN go through four eyes."""

import pytest
from sqlalchemy import select

from app.models.documents import SigningKey
from app.models.people import Account, RoleGrant
from app.services.demo.people import PASSWORD, PIN
from app.services.pdf import keys
from tests.people import actor_of, signed_in

COUNTY, CITY, FOREIGN = "xingxian.admin", "lvliang.admin", "fenyang.admin"
LEADER = "xingxian.head"
FIRST, CHOSEN, NEW_PIN = "another first one", "what the owner chose", "739106"
REASON = {"reason": "本人忘记，已当面核实"}


@pytest.fixture
def leader(deps):
    return actor_of(deps, LEADER).id


@pytest.fixture
def do(client, leader):
    """`do(administrator, act, …)`: post a form of the leader's account page."""

    def post(username, act, **form):
        return client(username).post(f"/accounts/{leader}/{act}", data=form)

    return post


def reset(do, who):
    return do(who, "password", password=FIRST)


def release(do, who, **form):
    return do(who, "pin/release", **{**REASON, **form})


def owner(app, password):
    """Return the leader's browser, or that of whoever knows the password."""
    browser = app.test_client()
    form = {"username": LEADER, "password": password}
    assert browser.post("/sign-in", data=form).status_code == 303
    if password == FIRST:
        chosen = {"old": FIRST, "new": CHOSEN, "again": CHOSEN}
        assert browser.post("/me/password", data=chosen).status_code == 303
    return browser


def new_pin(browser, password=PASSWORD, **form):
    form = {"password": password, "pin": NEW_PIN, "again": NEW_PIN, **form}
    return browser.post("/me/pin", data=form)


def pin_of(deps, leader):
    with deps.system_reading("test") as work:
        return work.session.get_one(Account, leader).pin_hash


def test_the_old_pin_is_asked_for(client):
    browser = client(LEADER)
    assert "原签名口令" in browser.get("/me/").text
    for old in ("", "000001"):
        answer = new_pin(browser, old=old)
        assert answer.status_code == 422
        assert 'id="f-old-note"' in answer.text
    assert new_pin(browser, old=PIN).status_code == 303
    assert new_pin(browser, old=PIN).status_code == 422
    assert new_pin(browser, old=NEW_PIN, pin="206814", again="206814").status_code == 303


def test_a_password_that_an_administrator_gave_signs_nothing(app, deps, do, leader):
    before = pin_of(deps, leader)
    assert reset(do, COUNTY).status_code == 303
    thief = owner(app, FIRST)
    assert new_pin(thief, CHOSEN).status_code == 422
    period = {"since": "2026-11-20", "until": "2026-12-20", "reason": "外出"}
    deputy = {"username": "xingxian.deputy", **period}
    named = thief.post("/me/deputies", data=deputy)
    assert named.status_code == 422
    assert "请填写签名口令" in named.text
    assert thief.post("/me/deputies", data={**deputy, "pin": "000001"}).status_code == 422
    assert release(do, COUNTY).status_code == 403
    assert pin_of(deps, leader) == before
    assert thief.post("/me/deputies", data={**deputy, "pin": PIN}).status_code == 303


def test_who_gave_the_password_does_not_release_the_pin(app, deps, do, client, leader):
    assert reset(do, COUNTY).status_code == 303
    refused = release(do, COUNTY)
    assert refused.status_code == 403
    assert "该用户的密码由您设置" in refused.text
    assert "签名口令须由其他管理员解除" in client(COUNTY).get(f"/accounts/{leader}").text
    assert pin_of(deps, leader) is not None
    assert release(do, CITY).status_code == 303
    browser = owner(app, FIRST)
    page = browser.get("/me/").text
    assert "您的签名口令已由管理员解除" in page
    assert "原签名口令" not in page
    assert new_pin(browser, CHOSEN).status_code == 303
    assert "您的签名口令已由管理员解除" not in browser.get("/me/").text
    for line in ("解除了签名口令", "原因：本人忘记，已当面核实", "重设了密码"):
        assert line in browser.get("/me/").text


def test_who_released_the_pin_does_not_give_a_password(app, do, client, leader):
    assert release(do, COUNTY).status_code == 303
    refused = reset(do, COUNTY)
    assert refused.status_code == 403
    assert "该用户的签名口令由您解除" in refused.text
    page = client(COUNTY).get(f"/accounts/{leader}").text
    assert "本人设置新口令前须由其他管理员重设密码" in page
    assert "签名口令已解除" in page
    browser = owner(app, PASSWORD)
    assert new_pin(browser).status_code == 303
    assert reset(do, COUNTY).status_code == 303
    # … and from then on knows the password, but not the PIN.
    assert new_pin(owner(app, FIRST), CHOSEN).status_code == 422
    assert release(do, COUNTY).status_code == 403


def test_another_gives_the_password_meanwhile(do):
    assert release(do, COUNTY).status_code == 303
    assert reset(do, CITY).status_code == 303
    assert reset(do, COUNTY).status_code == 403


def test_who_opened_an_account_does_not_release_its_pin(deps, client, leader):
    with deps.system_reading("test") as work:
        home = work.session.get_one(Account, leader).home_id
    form = {"username": "new.head", "name": "新任局长", "password": FIRST}
    opened = client(COUNTY).post(f"/organisations/{home}/accounts", data=form)
    assert opened.status_code == 303
    with deps.system_reading("test") as work:
        account = work.session.scalars(select(Account).filter_by(username="new.head")).one()
        assert account.password_by == actor_of(deps, COUNTY).id


def test_a_released_pin_signs_no_more(client, deps, do, leader):
    browser = client(LEADER)
    first = keys.of_person(deps, leader, PIN)
    assert release(do, COUNTY).status_code == 303
    assert browser.get("/me/").status_code == 303, "signed out everywhere"
    with deps.system_reading("test") as work:
        key = work.session.get_one(SigningKey, first.id)
        assert (key.holder, key.revoked_at) == (None, None)
    again = release(do, COUNTY)
    assert again.status_code == 409
    assert "该用户没有签名口令" in again.text


def test_a_pin_that_somebody_knows_takes_the_certificate_with_it(deps, do, client, leader):
    first = keys.of_person(deps, leader, PIN)
    assert release(do, COUNTY, revoke="1").status_code == 303
    with deps.system_reading("test") as work:
        key = work.session.get_one(SigningKey, first.id)
        assert (key.holder, key.reason) == (None, REASON["reason"])
        assert key.revoked_at is not None
    assert "撤销了签名证书" in client(COUNTY).get(f"/accounts/{leader}").text


def test_a_release_needs_a_reason(deps, do, leader):
    assert release(do, COUNTY, reason=" ").status_code == 422
    assert pin_of(deps, leader) is not None


def test_who_may_release(deps, do, client, leader):
    assert release(do, FOREIGN).status_code == 404
    assert client(FOREIGN).get(f"/accounts/{leader}").status_code == 404
    assert release(do, "xingxian.staff1").status_code == 403
    assert release(do, LEADER).status_code == 403
    assert pin_of(deps, leader) is not None
    mine = actor_of(deps, COUNTY).id
    assert client(COUNTY).post(f"/accounts/{mine}/pin/release", data=REASON).status_code == 403


def test_whose_area_is_wider_is_not_released_from_below(deps, leader, app):
    """A county's administrator has no way to somebody who also acts for the city."""
    city = actor_of(deps, "lvliang.head").grants[0]
    with deps.system("test") as work:
        grant = RoleGrant(account_id=leader, role=city.role, organisation_id=city.organisation)
        work.session.add(grant)
    browser = signed_in(app, COUNTY)
    assert browser.post(f"/accounts/{leader}/pin/release", data=REASON).status_code == 403


def test_guesses_at_the_old_pin_are_counted(client):
    browser = client(LEADER)
    told = [new_pin(browser, old=f"00000{n}") for n in range(6)]
    assert [answer.status_code for answer in told[:5]] == [422] * 5
    assert "尝试次数过多" in told[5].text
