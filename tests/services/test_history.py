"""The sealed histories: written by use cases, defended by the database, checked by anybody."""

import json
import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.domain import NotFound
from app.domain.access import Role
from app.domain.history import GENESIS, Entry, Stream, first_break, seal
from app.models.people import Account
from app.models.records import HistoryEntry
from app.services import Stale, accounts, organisations, profile, roles, sessions
from app.services.accounts import AccountForm
from app.services.demo.people import PASSWORD
from tests.people import HERE


def entries(deps, stream, subject):
    with deps.system_reading("test") as work:
        rows = work.session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.stream == stream, HistoryEntry.subject == subject)
            .order_by(HistoryEntry.seq)
        )
        return [Entry(row.stream, row.subject, row.seq, row.body, row.hash) for row in rows]


@pytest.fixture
def staff(actor):
    return actor("xingxian.staff1").id


@pytest.fixture
def written(deps, actor, staff):
    """An account with some history."""
    with deps.transaction(actor("xingxian.admin")) as work:
        accounts.set_active(work, staff, active=False, reason="借调")
        accounts.set_active(work, staff, active=True, reason="返回")
    return staff


def execute(deps, *statements, **values):
    with deps.system("test") as work:
        for statement in statements:
            wanted = {key: value for key, value in values.items() if f":{key}" in statement}
            work.session.execute(text(statement).execution_options(unscoped="test"), wanted)


def test_an_act_leaves_a_sealed_entry(deps, actor, written):
    first, second = entries(deps, Stream.ACCOUNT, written)
    body = json.loads(second.body)
    assert body["action"] == "account.open"
    assert body["by"] == actor("xingxian.admin").id
    assert body["role"] == "admin"
    assert body["detail"] == {"reason": "返回"}
    assert first.hash == seal(GENESIS, Stream.ACCOUNT, written, 1, first.body)
    assert first_break([first, second]) is None


def test_what_is_rolled_back_leaves_none(deps, actor, staff):
    def fail(work):
        accounts.set_active(work, staff, active=False, reason="借调")
        accounts.get(work, 10**9)

    with pytest.raises(NotFound), deps.transaction(actor("xingxian.admin")) as work:
        fail(work)
    assert entries(deps, Stream.ACCOUNT, staff) == []


def test_secrets_never_enter_a_history(deps):
    ticket = sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=False)
    person = sessions.whoever(deps, ticket.secret, token=False)
    sessions.confirm(deps, person, PASSWORD, HERE, "/old")
    with deps.transaction(person.actor) as work:
        profile.change_password(work, PASSWORD, "a new long password", person.digest)
        profile.change_pin(work, "904871")
    text_ = "".join(entry.body for entry in entries(deps, Stream.ACCOUNT, person.actor.id))
    assert "password.change" in text_
    for secret in (PASSWORD, "a new long password", "904871", ticket.secret):
        assert secret not in text_


TAMPERING = {
    "update": "UPDATE history SET body = '{}'",
    "update of a hash": "UPDATE history SET seq = seq + 1",
    "delete": "DELETE FROM history",
    "a wrong hash": "INSERT INTO history (stream, subject, seq, body, hash)"
    " VALUES ('account', :subject, 3, '{}', :hash)",
    "a gap": "INSERT INTO history (stream, subject, seq, body, hash)"
    " VALUES ('account', :subject, 9, '{}', :hash)",
    "a zeroth entry": "INSERT INTO history (stream, subject, seq, body, hash)"
    " VALUES ('account', :subject, 0, '{}', :zeroth)",
    "an entry again": "INSERT INTO history (stream, subject, seq, body, hash)"
    " VALUES ('account', :subject, 1, '{}', :first)",
}
ONLY = {
    "sqlite": {
        "replace": "INSERT OR REPLACE INTO history (stream, subject, seq, body, hash)"
        " VALUES ('account', :subject, 1, '{}', :first)",
        "ignore": "INSERT OR IGNORE INTO history (stream, subject, seq, body, hash)"
        " VALUES ('account', :subject, 3, '{}', :hash)",
        "update or replace": "UPDATE OR REPLACE history SET seq = 1",
        "upsert": "INSERT INTO history (stream, subject, seq, body, hash)"
        " VALUES ('account', :subject, 1, '{}', :first)"
        " ON CONFLICT (stream, subject, seq) DO UPDATE SET body = '{}'",
    },
    "postgresql": {
        "truncate": "TRUNCATE history",
        "upsert": "INSERT INTO history (stream, subject, seq, body, hash)"
        " VALUES ('account', :subject, 1, '{}', :first)"
        " ON CONFLICT (stream, subject, seq) DO UPDATE SET body = '{}'",
    },
}
CASES = [(name, "both") for name in TAMPERING] + [
    (name, dialect) for dialect, found in ONLY.items() for name in found
]


@pytest.mark.parametrize(("case", "dialect"), CASES)
@pytest.mark.parametrize("replica", [False, True], ids=["plain", "replica"])
def test_the_database_refuses_tampering(deps, written, case, dialect, replica):
    name = "sqlite" if deps.database.sqlite else "postgresql"
    if dialect not in ("both", name) or (replica and name == "sqlite"):
        pytest.skip(f"about {dialect}")
    statement = {**TAMPERING, **ONLY[name]}[case]
    before = entries(deps, Stream.ACCOUNT, written)
    values = {
        "subject": written,
        "hash": bytes(32),
        "first": seal(GENESIS, "account", written, 1, "{}"),
        "zeroth": seal(GENESIS, "account", written, 0, "{}"),
    }
    prelude = "SET LOCAL session_replication_role = replica" if replica else "SELECT 1"
    with pytest.raises((DBAPIError, Stale)):
        execute(deps, prelude, statement, **values)
    assert entries(deps, Stream.ACCOUNT, written) == before


def test_tampering_below_the_triggers_is_found(deps, written):
    """Whoever owns the database can drop the triggers; the chain then shows what they did."""
    if deps.database.sqlite:
        execute(deps, "DROP TRIGGER history_no_update")
    else:
        execute(deps, "ALTER TABLE history DISABLE TRIGGER history_deny")
    execute(deps, "UPDATE history SET body = replace(body, '借调', '出差') WHERE seq = 1")
    assert first_break(entries(deps, Stream.ACCOUNT, written)) == 1


def test_two_who_write_one_history_at_once_both_succeed(deps):
    """On PostgreSQL they would meet at the same seq; a lock makes the second one wait."""
    failures = []

    def sign_in():
        try:
            for _ in range(4):
                sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=True)
        except Exception as failure:  # noqa: BLE001  (the thread's own)
            failures.append(failure)

    threads = [threading.Thread(target=sign_in) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with deps.system_reading("test") as work:
        account = work.session.scalars(select(Account.id).filter_by(username="xingxian.staff1"))
        subject = account.one()
    found = entries(deps, Stream.ACCOUNT, subject)
    assert len(found) == 20
    assert first_break(found) is None


def test_an_administrator_reads_the_history_of_an_account(deps, actor, staff):
    admin = actor("xingxian.admin")
    with deps.transaction(admin) as work:
        bureau = accounts.get(work, staff).home_id
        accounts.update(work, staff, 1, AccountForm("", "白建国"))
        roles.add(work, staff, Role.HEAD, bureau)
    with deps.reading(admin) as work:
        told = accounts.history(work, staff)
    assert [line.action for line in told.rows] == ["role.add", "account.update"]
    assert told.rows[0].actor == admin.name
    assert told.names.organisations[bureau] == "兴县应急管理局"
    assert told.before is None


def test_a_long_history_is_read_page_by_page(deps, actor):
    for _ in range(25):
        sessions.sign_in(deps, "xingxian.staff1", PASSWORD, HERE, token=True)
    with deps.reading(actor("xingxian.staff1")) as work:
        newest = profile.history(work)
        rest = profile.history(work, newest.before)
    assert [line.seq for line in newest.rows] == list(range(25, 5, -1))
    assert [line.seq for line in rest.rows] == [5, 4, 3, 2, 1]
    assert rest.before is None


def test_the_history_of_an_organisation_says_what_changed(deps, actor):
    admin = actor("xingxian.admin")
    with deps.transaction(admin) as work:
        (office,) = [o for o in organisations.of(work, "141123") if o.kind.code == "justice"]
        form = organisations.OrganisationForm("兴县司法局（新）", "")
        organisations.update(work, office.id, office.revision, form)
    with deps.reading(admin) as work:
        (line,) = organisations.history(work, office.id).rows
    assert line.detail == {"before": {"name": "兴县司法局"}}
