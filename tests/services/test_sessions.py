"""Signing in, and how often one may guess."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.adapters.passwords import Argon2
from app.domain import Invalid
from app.domain.access import Role
from app.domain.credentials import FREE_GUESSES
from app.models.people import Account, LoginSession
from app.services import accounts, profile, sessions
from app.services.demo.people import PASSWORD
from tests.people import HERE

USER = "xingxian.staff1"


def sign_in(deps, username=USER, password=PASSWORD, origin=HERE, *, token=False):
    return sessions.sign_in(deps, username, password, origin, token=token)


def guess(deps, times, username=USER, origin=HERE):
    for _ in range(times):
        with pytest.raises(Invalid):
            sign_in(deps, username, "wrong password", origin)


def test_the_secret_is_stored_nowhere(deps):
    ticket = sign_in(deps)

    person = sessions.whoever(deps, ticket.secret, token=False)
    assert (person.username, person.home) == (USER, "兴县应急管理局")
    assert [grant.role for grant in person.actor.grants] == [Role.STAFF]
    with deps.system_reading("test") as work:
        (kept,) = work.session.scalars(select(LoginSession.digest))
    assert ticket.secret.encode() not in kept


def test_a_browser_session_is_no_token(deps):
    ticket = sign_in(deps)
    assert sessions.whoever(deps, ticket.secret, token=True) is None


def test_a_session_ends(deps, clock):
    ticket = sign_in(deps)
    clock.advance(hours=11, minutes=59)
    assert sessions.whoever(deps, ticket.secret, token=False)
    clock.advance(minutes=1)
    assert sessions.whoever(deps, ticket.secret, token=False) is None


def test_last_use_is_written_down_now_and_then(deps, clock):
    ticket = sign_in(deps)
    clock.advance(minutes=6)
    person = sessions.whoever(deps, ticket.secret, token=False)
    with deps.reading(person.actor) as work:
        (row,) = sessions.mine(work)
    assert row.seen_at == clock.now


def test_guessing_is_slowed_and_then_let_through(deps, clock):
    guess(deps, 5)
    with pytest.raises(sessions.TooMany) as refused:
        sign_in(deps)
    assert refused.value.retry_after == 31

    clock.advance(seconds=31)
    assert sign_in(deps)
    guess(deps, 4)  # the right password wiped the slate


def test_the_pause_doubles(deps, clock):
    guess(deps, 5)
    clock.advance(seconds=30)
    guess(deps, 1)
    clock.advance(seconds=59)
    with pytest.raises(sessions.TooMany):
        sign_in(deps)
    clock.advance(seconds=1)
    assert sign_in(deps)


@pytest.mark.parametrize("pin", [False, True])
def test_guesses_made_at_once_count_as_if_one_after_the_other(deps, pin):
    person = sessions.whoever(deps, sign_in(deps).secret, token=False)
    answers = []

    def act():
        try:
            if pin:
                sessions.confirm(deps, person, "000001", HERE, "/pin", pin=True)
            else:
                sign_in(deps, password="wrong password")
        except (Invalid, sessions.TooMany) as refused:
            answers.append(type(refused))

    threads = [threading.Thread(target=act) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(Invalid) == FREE_GUESSES
    assert answers.count(sessions.TooMany) == 12 - FREE_GUESSES


def test_a_stranger_locks_nobody_out(deps):
    guess(deps, 5, origin=sessions.Origin("198.51.100.7"))
    assert sign_in(deps)


def test_one_address_cannot_try_every_account(deps):
    elsewhere = sessions.Origin("198.51.100.7")
    for number in range(50):
        guess(deps, 1, username=f"somebody{number}", origin=elsewhere)
    with pytest.raises(sessions.TooMany):
        sign_in(deps, origin=elsewhere)
    assert sign_in(deps)


def test_a_closed_account_is_out_at_once(deps, actor):
    ticket = sign_in(deps)
    with deps.transaction(actor("xingxian.admin")) as work:
        person = sessions.whoever(deps, ticket.secret, token=False)
        accounts.set_active(work, person.actor.id, active=False, reason="离岗")
    assert sessions.whoever(deps, ticket.secret, token=False) is None
    with pytest.raises(Invalid):
        sign_in(deps)


def test_a_weak_hash_is_renewed(deps):
    stronger = replace(deps, passwords=Argon2(memory_kib=16, passes=1))
    assert sign_in(stronger)
    with deps.system_reading("test") as work:
        hashed = work.session.scalar(select(Account.password_hash).filter_by(username=USER))
    assert "m=16," in hashed
    assert sign_in(deps)


def test_closing_another_device(deps):
    first, second = sign_in(deps), sign_in(deps, token=True)
    person = sessions.whoever(deps, first.secret, token=False)
    with deps.transaction(person.actor) as work:
        (other,) = [row for row in sessions.mine(work) if row.token]
        sessions.close(work, other.key)
        sessions.close(work, "zz")
    assert sessions.whoever(deps, second.secret, token=True) is None
    assert sessions.whoever(deps, first.secret, token=False)


def test_signing_out(deps):
    ticket = sign_in(deps)
    person = sessions.whoever(deps, ticket.secret, token=False)
    with deps.transaction(person.actor) as work:
        sessions.sign_out(work, person.digest)
    assert sessions.whoever(deps, ticket.secret, token=False) is None


def test_a_deputy_holds_the_leaders_grants_for_the_period(deps, actor, clock):
    leader = actor("xingxian.deputy")
    with deps.transaction(leader) as work:
        profile.name_deputy(
            work,
            "xingxian.head",
            clock.now + timedelta(days=1),
            clock.now + timedelta(days=3),
            "外出学习",
        )
    assert all(grant.on_behalf_of is None for grant in actor("xingxian.head").grants)
    clock.advance(days=2)
    borrowed = [grant for grant in actor("xingxian.head").grants if grant.on_behalf_of]
    assert [(grant.role, grant.on_behalf_of) for grant in borrowed] == [
        (Role.DEPUTY_HEAD, leader.id)
    ]
    clock.advance(days=1)
    assert all(grant.on_behalf_of is None for grant in actor("xingxian.head").grants)


def test_old_sessions_are_swept(deps, clock):
    sign_in(deps)
    clock.advance(days=2)
    sign_in(deps)
    with deps.system_reading("test") as work:
        assert work.session.scalar(select(func.count()).select_from(LoginSession)) == 1
