"""The permission table, and the places that areas are written as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Forbidden
from app.domain.access import (
    BUREAU_ROLES,
    NOT_DELEGATED,
    ROLE_FAMILIES,
    ROLE_NAMES,
    TABLE,
    Actor,
    Family,
    Grant,
    Permission,
    Role,
    Thing,
    areas,
    covers,
    granted_by,
    may_somewhere,
    require,
    require_somewhere,
    stem,
)

PLACES = st.sampled_from(["", "14", "1411", "141123", "141123K01", "141182", "21", "21K01"])


def actor(role, place="141123", *, id_=1, on_behalf_of=None):
    return Actor(id_, "张三", (Grant(role, 1, place, on_behalf_of),))


def test_every_permission_is_in_the_table():
    assert set(TABLE) == set(Permission)


def test_every_role_has_a_name_and_a_kind_of_organisation():
    assert set(ROLE_NAMES) == set(Role)
    assert set(ROLE_FAMILIES) == set(Role)
    assert {family for found in ROLE_FAMILIES.values() for family in found} == set(Family)


def test_only_administrators_administer():
    for permission in (
        Permission.MANAGE_ACCOUNTS,
        Permission.MANAGE_ORGANISATIONS,
        Permission.SET_PAPERS,
        Permission.MANAGE_KEYS,
    ):
        may = {role for role in Role if may_somewhere(actor(role), permission)}
        assert may == {Role.ADMIN}


@pytest.mark.parametrize(
    ("place", "allowed"),
    [("141123", True), ("141123K01", True), ("1411", False), ("141182", False), ("", False)],
)
def test_an_administrator_works_in_their_area(place, allowed):
    found = granted_by(actor(Role.ADMIN), Permission.MANAGE_ACCOUNTS, Thing(place=place, account=2))
    assert (found is not None) == allowed


def test_nobody_gives_themselves_a_role():
    with pytest.raises(Forbidden):
        require(actor(Role.ADMIN), Permission.MANAGE_ACCOUNTS, Thing(place="141123", account=1))


def test_nobody_has_a_deputy_give_them_a_role():
    deputy = actor(Role.ADMIN, id_=2, on_behalf_of=1)
    for account in (1, 2):
        thing = Thing(place="141123", account=account)
        assert granted_by(deputy, Permission.MANAGE_ACCOUNTS, thing) is None


def test_administration_is_not_delegated():
    assert Role.ADMIN in NOT_DELEGATED


def test_a_permission_without_a_role_is_refused():
    for permission in Permission:
        with pytest.raises(Forbidden):
            require_somewhere(Actor(1, "无岗位"), permission)


def test_every_role_has_an_account():
    assert all(may_somewhere(actor(role), Permission.OWN_ACCOUNT) for role in Role)


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("000000", ""),
        ("140000", "14"),
        ("141100", "1411"),
        ("141123", "141123"),
        ("532300", "5323"),
        ("500000", "50"),
        ("469000", "4690"),
        ("371000", "3710"),
    ],
)
def test_a_code_becomes_a_place(code, place):
    assert stem(code) == place


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_the_place_of_a_code_says_the_code_again(code):
    place = stem(code)
    assert len(place) % 2 == 0
    assert place.ljust(6, "0") == code


@given(PLACES, PLACES, PLACES)
def test_places_are_a_tree(a, b, c):
    assert covers(a, a)
    assert covers("", a)
    if covers(a, b) and covers(b, c):
        assert covers(a, c)
    if covers(a, b) and covers(b, a):
        assert a == b
    if covers(a, c) and covers(b, c):
        assert covers(a, b) or covers(b, a)


@given(st.lists(st.tuples(st.sampled_from(list(Role)), PLACES), max_size=6), PLACES)
def test_areas_are_the_widest_places_and_lose_none(held, place):
    grants = [Grant(role, 1, where) for role, where in held]
    found = areas(grants)
    sees = any(
        covers(where, place) for role, where in held if role in BUREAU_ROLES or role is Role.AUDITOR
    )
    assert any(covers(area, place) for area in found) == sees
    assert not any(covers(a, b) for a in found for b in found if a != b)
