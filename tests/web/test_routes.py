"""Who may call what: generated from the map of addresses, so that no route is forgotten."""

import os
import re
from itertools import product

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.domain.access import may_somewhere
from app.models import Scope
from app.models import scope as guard
from app.web.request import Access
from tests.people import actor_of
from tests.web.callers import Caller
from tests.web.routes import Things, body_for, everybody, example, routes

FOREIGN = "fenyang"
TAKING_TURNS = os.environ.get("TAKING_TURNS")
MANY = 100
"""At least so many statements are there to be looked at."""


@pytest.fixture
def caller(app, deps):
    return lambda username=None: Caller(app, deps, username)


@pytest.fixture
def things(deps):
    return Things(deps)


@pytest.fixture
def all_routes(app):
    return list(routes(app))


@pytest.fixture
def whole(deps):
    """Hold each statement to what it would be with the conditions of every class; yield how many."""
    known, dialect = set(), deps.database.engine.dialect

    def compare(state):
        own, statement = state.session.info["scope"], state.statement
        if not isinstance(own, Scope) or state.execution_options.get("unscoped"):
            return
        key = statement._generate_cache_key().key
        if state.is_orm_statement and not state.is_insert and key not in known:
            known.add(key)
            every = guard._asked(own, frozenset(guard._scoped_tables()))
            rest = [one for one in every if one not in statement._with_options]
            more = statement.options(*rest).compile(dialect=dialect)
            assert str(statement.compile(dialect=dialect)) == str(more)

    event.listen(Session, "do_orm_execute", compare)
    yield known
    event.remove(Session, "do_orm_execute", compare)


def some(people, deps):
    """All on SQLite; on PostgreSQL, where only the statements differ, every third.

    Where everything is run nobody is on both.
    """
    if not deps.database.sqlite:
        return people[::3]
    return [who for at, who in enumerate(people) if at % 3] if TAKING_TURNS else people


def turns(asked, number, deps):
    """All that is asked; where everything is run every other on this database, the rest on that.

    Which those are changes with the number, so that no database is spared any of it everywhere.
    """
    first = (number + deps.database.sqlite) % 2
    return asked[first::2] if TAKING_TURNS else asked


def test_every_view_says_who_may_call_it(app):
    for endpoint, view in app.view_functions.items():
        access = getattr(view, "access", None)
        assert isinstance(access, Access), endpoint
        assert access.permission or access.why, endpoint


def test_every_parameter_has_an_example(all_routes):
    missing = {
        (route.rule.endpoint, parameter)
        for route in all_routes
        for parameter in route.rule.arguments
        if example(route.rule.endpoint, parameter) is None
    }
    assert missing == set(), "add them to EXAMPLES in tests/web/routes.py"


def test_strangers_are_asked_to_sign_in(app, things, caller, all_routes):
    stranger = caller()
    for route in all_routes:
        answer = stranger.call(route.method, route.url(app, route.real(things)))
        public = app.view_functions[route.rule.endpoint].access.permission is None
        if public:
            assert answer.status_code < 500, route
        elif route.rule.rule.startswith("/api/"):
            assert answer.status_code == 401, route
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        else:
            assert answer.status_code == 303, route
            assert answer.location.startswith("/sign-in"), route


def test_nothing_breaks_for_any_role(app, things, caller, all_routes, whole):
    """No role meets a failure of ours anywhere, nor a statement that lacks a condition."""
    for username in some(everybody("xingxian"), things.deps):
        person = caller(username)
        for route in all_routes:
            answer = person.call(route.method, route.url(app, route.real(things)))
            assert answer.status_code < 500, (username, str(route), answer.text)
            if route.rule.endpoint == "sessions.sign_out":
                person = caller(username)
    assert len(whole) > MANY


def test_a_foreign_county_learns_nothing(app, things, caller, all_routes):
    """What lies in 兴县 is not there for 汾阳市: the answer is that for an id nothing has."""
    with_things = [route for route in all_routes if route.thing]
    for username in some(everybody(FOREIGN), things.deps):
        person = caller(username)
        for route in with_things:
            body = body_for(route)
            there = person.call(route.method, route.url(app, route.real(things)), **body)
            nowhere = person.call(route.method, route.url(app, route.unreal()), **body)
            assert 400 <= there.status_code < 500, (username, str(route), there.status_code)
            assert there.status_code == nowhere.status_code, (username, str(route))
            one, other = _same(there.text, nowhere.text)
            assert one == other, (username, str(route))


def _same(one, other):
    """Compare two answers but for what is new each time, and for their own addresses."""
    return [
        [line for line in text.splitlines() if "csrf" not in line and "next=" not in line]
        for text in (one, other)
    ]


@pytest.mark.parametrize("area", ["xingxian", "lvliang", "shanxi", "fenyang"])
def test_pages_of_administrators_are_for_administrators(caller, area):
    for username in everybody(area):
        if username.endswith(".admin"):
            continue
        person = caller(username)
        for path in ("/accounts/", "/organisations/"):
            assert person.call("GET", path).status_code == 403, username


def test_an_administrator_above_reaches_down(app, things, caller, all_routes):
    person = caller("lvliang.admin")
    for route in all_routes:
        if route.method == "GET" and route.rule.endpoint in ("accounts.show", "organisations.show"):
            assert person.call("GET", route.url(app, route.real(things))).status_code == 200


HOSTILE_IDS = [
    *("0", "-1", "9" * 18, "9" * 19, "9" * 400, "%00", "１", "../../etc", "%ED%A0%80"),
]


def test_hostile_ids_are_not_found(caller, all_routes, deps):
    people = [caller(username) for username in ("xingxian.admin", "xingxian.staff1")]
    with_ids = [route for route in all_routes if route.rule.arguments]
    for number, route in enumerate(with_ids):
        for person, hostile in turns([*product(people, HOSTILE_IDS)], number, deps):
            url = re.sub(r"<[^>]+>", hostile, route.rule.rule)
            answer = person.call(route.method, url)
            assert answer.status_code < 500, (person.username, route.method, url)


HOSTILE_FORMS = [
    {},
    dict.fromkeys(("name", "username", "reason", "code", "q", "password", "pin"), "长" * 10000),
    dict.fromkeys(("name", "username", "reason", "password", "role", "kind"), "\x00"),
    {"name": "🙂" * 50, "place": "🙂", "kind": "🙂", "role": "🙂", "organisation": "🙂"},
    {"organisation": "9" * 30, "revision": "-1", "role": "admin", "active": "x"},
    {"username": ["a", "b"], "password": ["", ""], "_key": "k" * 1000},
    {"since": "9999-12-31", "until": "9999-12-31", "username": "xingxian.head", "reason": "x"},
    {"since": "0001-01-01", "until": "0001-01-01", "username": "xingxian.head", "reason": "x"},
    {
        "place": "14'; DROP TABLE account; --",
        "name": "<script>alert(1)</script>",
        "kind": "justice",
    },
]


@pytest.mark.parametrize("username", ["xingxian.admin", "xingxian.staff1"])
def test_hostile_forms_are_refused(app, things, caller, all_routes, username):
    forms = [
        route
        for route in all_routes
        if route.method != "GET"
        and not route.rule.rule.startswith("/api/")
        and route.rule.endpoint != "sessions.sign_out"
    ]
    for number, form in enumerate(HOSTILE_FORMS):
        person = caller(username)
        for route in turns(forms, number, things.deps):
            answer = person.call(route.method, route.url(app, route.real(things)), data=form)
            assert answer.status_code < 500, (str(route), answer.data)
            assert b"<script>alert" not in answer.data  # a file may be no text


HOSTILE_QUERIES = [
    *("q=" + "%25" * 2000, "q=%00", "q=%5C%25_", "q=" + "好" * 3000, "q=%FF%FE"),
    *("cursor=" + "z" * 9000, "cursor=%00", "before=abc", "before=" + "9" * 40, "before=-1"),
    *("place=%00", "place=zz", "place=" + "1" * 5000, "next=%00", "next=//evil.example"),
]


def test_hostile_queries_are_answered(app, things, caller, all_routes):
    """By somebody who may open the page, and on public pages by strangers."""
    people = {name: caller(name) for name in (None, "xingxian.admin", "xingxian.staff1")}
    pages = [route for route in all_routes if route.method == "GET"]
    for number, route in enumerate(pages):
        permission = app.view_functions[route.rule.endpoint].access.permission
        name = None
        if permission is not None:
            admin = may_somewhere(actor_of(things.deps, "xingxian.admin"), permission)
            name = "xingxian.admin" if admin else "xingxian.staff1"
        for query in turns(HOSTILE_QUERIES, number, things.deps):
            answer = people[name].call("GET", route.url(app, route.real(things)) + "?" + query)
            assert answer.status_code < 500, (str(route), query[:40], answer.text)
