"""A request that comes twice has one effect and the same answer."""

import threading

import pytest
from sqlalchemy import func, select

from app.models.people import Account, Organisation
from app.models.records import Answered, HistoryEntry
from app.web.request import _digest
from tests.web.callers import Caller

NEW = {"username": "wang.fang", "name": "王芳", "password": "a first password", "_key": "k1"}


@pytest.fixture
def admin(app, deps):
    return Caller(app, deps, "xingxian.admin")


def count(deps, model, **values):
    with deps.system_reading("test") as work:
        return work.session.scalar(
            select(func.count()).select_from(select(model).filter_by(**values).subquery())
        )


def test_a_repetition_gets_the_same_answer_and_changes_nothing(deps, admin):
    first = admin.call("POST", "/organisations/1/accounts", data=NEW)
    second = admin.call("POST", "/organisations/1/accounts", data=NEW)
    assert (first.status_code, first.location) == (303, second.location)
    assert count(deps, Account, username="wang.fang") == 1


def test_the_key_may_come_in_a_header(deps, admin):
    body = {key: value for key, value in NEW.items() if key != "_key"}
    for _ in range(2):
        answer = admin.call(
            "POST", "/organisations/1/accounts", data=body, headers={"Idempotency-Key": "k2"}
        )
        assert answer.status_code == 303
    assert count(deps, Account, username="wang.fang") == 1


def test_a_key_used_for_something_else_is_refused(deps, admin):
    admin.call("POST", "/organisations/1/accounts", data=NEW)
    for url, data in (
        ("/organisations/1/accounts", {**NEW, "name": "王方"}),
        ("/organisations/2/accounts", NEW),
        ("/organisations/1/accounts?x=1", NEW),
    ):
        assert admin.call("POST", url, data=data).status_code == 409
    assert count(deps, Account, username="wang.fang") == 1


def test_everybody_has_keys_of_their_own(app, deps, admin):
    admin.call("POST", "/organisations/1/accounts", data=NEW)
    other = Caller(app, deps, "lvliang.admin")
    again = other.call("POST", "/organisations/1/accounts", data=NEW)
    assert again.status_code == 422  # the username is taken: this was an attempt of its own


def test_a_refusal_is_not_remembered(admin):
    bad = {**NEW, "password": "short"}
    assert admin.call("POST", "/organisations/1/accounts", data=bad).status_code == 422
    assert admin.call("POST", "/organisations/1/accounts", data=NEW).status_code == 303


def test_without_a_key_each_request_counts(admin):
    body = {key: value for key, value in NEW.items() if key != "_key"}
    assert admin.call("POST", "/organisations/1/accounts", data=body).status_code == 303
    assert admin.call("POST", "/organisations/1/accounts", data=body).status_code == 422


@pytest.mark.parametrize("key", ["x" * 65, "x" * 9000, "\0"])
def test_a_key_that_cannot_be_kept_is_refused(deps, admin, key):
    answer = admin.call("POST", "/organisations/1/accounts", data={**NEW, "_key": key})
    assert answer.status_code == 400
    assert count(deps, Account, username="wang.fang") == 0


def test_changing_the_password_may_be_repeated(app, deps):
    """The old password is wrong by the time of the repetition, which must not matter."""
    person = Caller(app, deps, "xingxian.staff1")
    form = {"old": "bihuan-demo", "new": "my own long one", "again": "my own long one", "_key": "p"}
    for _ in range(2):
        assert person.call("POST", "/me/password", data=form).status_code == 303


def test_secrets_are_not_kept_with_the_key(app):
    """A bare sum of a PIN could be found by trying: it is keyed, and differs by installation."""
    form = {"password": "bihuan-demo", "pin": "904871", "again": "904871", "_key": "pin"}
    sums = set()
    for secret in ("one", "two"):
        app.secret_key = secret
        with app.test_request_context("/me/pin", method="POST", data=form):
            sums.add(_digest())
    assert len(sums) == 2


@pytest.mark.parametrize("attempts", [6])
def test_pressing_twice_at_once_has_one_effect(app, deps, attempts):
    people = [Caller(app, deps, "xingxian.admin") for _ in range(attempts)]
    form = {"kind": "energy", "name": "兴县能源局", "place": "141123", "_key": "same"}
    answers, barrier = [], threading.Barrier(attempts)

    def press(person):
        barrier.wait()
        answers.append(person.call("POST", "/organisations/", data=form))

    threads = [threading.Thread(target=press, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert count(deps, Organisation, name="兴县能源局") == 1
    assert count(deps, Answered, key="same") == 1
    subject = int(answers[0].location.rpartition("/")[2])
    assert count(deps, HistoryEntry, stream="organisation", subject=subject) == 1
