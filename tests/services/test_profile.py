"""One's own account: password, PIN, language, deputies, and proving who one is."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.domain import Invalid, NotFound
from app.models.people import Account, SignInFailure
from app.services import profile, sessions
from app.services.demo.people import PASSWORD, PIN
from tests.people import HERE

USER = "xingxian.head"


@pytest.fixture
def person(deps):
    ticket = sessions.sign_in(deps, USER, PASSWORD, HERE, token=False)
    return sessions.whoever(deps, ticket.secret, token=False)


@pytest.fixture
def mine(deps, person):
    def run(use_case, *args):
        with deps.transaction(person.actor) as work:
            return use_case(work, *args)

    return run


def test_changing_the_password(deps, person, mine):
    other = sessions.sign_in(deps, USER, PASSWORD, HERE, token=True)
    mine(profile.change_password, PASSWORD, "a whole new one", person.digest)
    assert sessions.whoever(deps, other.secret, token=True) is None
    assert sessions.sign_in(deps, USER, "a whole new one", HERE, token=False)
    with pytest.raises(Invalid):
        sessions.sign_in(deps, USER, PASSWORD, HERE, token=False)


@pytest.mark.parametrize("new", ["short", PASSWORD, f"{USER}-2026", "a" * 200, "aaaaaaaaaaaaa"])
def test_a_weak_password_is_refused(person, mine, new):
    with pytest.raises(Invalid) as refused:
        mine(profile.change_password, PASSWORD, new, person.digest)
    assert set(refused.value.errors) == {"/new"}


def test_confirming_the_password_and_the_pin(deps, person):
    sessions.confirm(deps, person, PASSWORD, HERE, "/old")
    sessions.confirm(deps, person, PIN, HERE, "/pin", pin=True)
    for secret, pin in (("wrong", False), ("000000", True), (PIN, False), (PASSWORD, True)):
        with pytest.raises(Invalid) as refused:
            sessions.confirm(deps, person, secret, HERE, "/here", pin=pin)
        assert set(refused.value.errors) == {"/here"}


@pytest.mark.parametrize("pin", [True, False])
def test_who_found_an_open_browser_cannot_guess_on(deps, person, pin, clock):
    right = PIN if pin else PASSWORD
    for _ in range(5):
        with pytest.raises(Invalid):
            sessions.confirm(deps, person, "000001", HERE, "/pin", pin=pin)
    with pytest.raises(sessions.TooMany):
        sessions.confirm(deps, person, right, HERE, "/pin", pin=pin)
    clock.advance(seconds=31)
    sessions.confirm(deps, person, right, HERE, "/pin", pin=pin)
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_wrong_pins_do_not_stop_signing_in(deps, person):
    for _ in range(5):
        with pytest.raises(Invalid):
            sessions.confirm(deps, person, "000001", HERE, "/pin", pin=True)
    assert sessions.sign_in(deps, USER, PASSWORD, HERE, token=False)


def test_a_pin_left_empty_is_asked_for_and_no_guess(deps, person):
    for _ in range(6):
        with pytest.raises(Invalid) as refused:
            sessions.confirm(deps, person, "", HERE, "/pin", pin=True)
        assert str(refused.value.errors["/pin"]) == "请填写签名口令"
    sessions.confirm(deps, person, PIN, HERE, "/pin", pin=True)


def test_without_a_pin_nothing_is_signed(deps, person):
    with deps.system("test") as work:
        work.session.scalars(select(Account).filter_by(username=USER)).one().pin_hash = None
    with pytest.raises(Invalid):
        sessions.confirm(deps, person, "", HERE, "/pin", pin=True)


def test_changing_the_pin(deps, person, mine):
    mine(profile.change_pin, "904871")
    sessions.confirm(deps, person, "904871", HERE, "/pin", pin=True)
    with pytest.raises(Invalid):
        mine(profile.change_pin, "123456")


def test_choosing_a_language(deps, mine):
    mine(profile.set_language, "en")
    ticket = sessions.sign_in(deps, USER, PASSWORD, HERE, token=False)
    assert sessions.whoever(deps, ticket.secret, token=False).language == "en"
    with pytest.raises(Invalid):
        mine(profile.set_language, "fr")


def name(mine, clock, username="xingxian.deputy", since=0, days=3, reason="外出学习"):
    start = clock.now + timedelta(days=since)
    mine(profile.name_deputy, username, start, start + timedelta(days=days), reason)


def test_naming_and_ending_a_deputy(deps, actor, mine, clock, person):
    name(mine, clock)
    (row,) = mine(profile.deputies)
    assert (row.name, row.reason) == ("白永刚（演示）", "外出学习")
    deputy = actor("xingxian.deputy")
    with deps.reading(deputy) as work:
        assert profile.leaders(work) == {person.actor.id: "白守正（演示）"}
    mine(profile.end_deputy, row.id)
    assert mine(profile.deputies) == []
    assert all(grant.on_behalf_of is None for grant in actor("xingxian.deputy").grants)
    with pytest.raises(NotFound):
        mine(profile.end_deputy, row.id)


def test_a_deputy_passes_nothing_on(deps, mine, clock, actor):
    name(mine, clock)
    with deps.transaction(actor("xingxian.deputy")) as work:
        until = clock.now + timedelta(days=2)
        profile.name_deputy(work, "xingxian.legal", clock.now, until, "也外出")
    leaders = {grant.on_behalf_of for grant in actor("xingxian.legal").grants}
    assert leaders == {None, actor("xingxian.deputy").id}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "nobody"}, "/username"),
        ({"username": USER}, "/username"),
        ({"username": "lvliang.deputy"}, "/username"),
        ({"username": "xingxian.gov"}, "/username"),
        ({"days": 0}, "/until"),
        ({"since": -5, "days": 3}, "/until"),
        ({"days": 400}, "/until"),
        ({"reason": " "}, "/reason"),
    ],
)
def test_a_bad_deputy_is_refused(mine, clock, values, field):
    with pytest.raises(Invalid) as refused:
        name(mine, clock, **values)
    assert set(refused.value.errors) == {field}


def test_nobody_was_a_deputy_before_being_named(mine, clock):
    name(mine, clock, since=-2, days=5)
    assert mine(profile.deputies)[0].since == clock.now


def test_deputies_are_few(mine, clock):
    for _ in range(profile.MOST_DEPUTIES):
        name(mine, clock)
    with pytest.raises(Invalid):
        name(mine, clock)


def test_nobody_ends_the_deputy_of_another(deps, actor, mine, clock):
    name(mine, clock)
    row = mine(profile.deputies)[0].id
    with pytest.raises(NotFound), deps.transaction(actor("xingxian.deputy")) as work:
        profile.end_deputy(work, row)


def test_closing_all_other_devices(deps, person, mine):
    others = [sessions.sign_in(deps, USER, PASSWORD, HERE, token=token) for token in (True, False)]
    mine(sessions.close_others, person.digest)
    assert [row.key for row in mine(sessions.mine)] == [sessions.key_of(person.digest)]
    assert sessions.whoever(deps, others[0].secret, token=True) is None


@pytest.mark.parametrize("key", ["", "zz", "g" * 16, "0" * 16, "0" * 64, "ff ff ff ff ff ff"])
def test_a_key_of_no_session_closes_none(mine, key):
    mine(sessions.close, key)
    assert len(mine(sessions.mine)) == 1


def test_guesses_over_ipv6_count_for_the_whole_network(deps):
    for number in range(5):
        there = sessions.Origin(f"2001:db8::{number:x}")
        with pytest.raises(Invalid):
            sessions.sign_in(deps, USER, "wrong password", there, token=False)
    with pytest.raises(sessions.TooMany):
        sessions.sign_in(deps, USER, PASSWORD, sessions.Origin("2001:db8::ffff"), token=False)
    elsewhere = sessions.Origin("2001:db8:1::1")
    assert sessions.sign_in(deps, USER, PASSWORD, elsewhere, token=False)
