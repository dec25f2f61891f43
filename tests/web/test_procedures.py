"""Deploying a version of a procedure through its page: the topmost administrator's."""

import io

import pytest
from sqlalchemy import select

from app.models.casework import Deployment
from app.models.records import HistoryEntry
from tests import drawn
from tests.engine.draw import bundle
from tests.people import signed_in

DEPLOY = "部署新版本"


@pytest.fixture
def client(app):
    return lambda username: signed_in(app, username)


@pytest.fixture
def sent():
    made = bundle(drawn.asking(), more=drawn.FORMS)
    return lambda: {"files": [(io.BytesIO(data), name) for name, data in made.files.items()]}


def test_the_topmost_administrator_deploys(client, deps, sent):
    admin = client("shanxi.admin")
    assert DEPLOY in admin.get("/procedures/").text
    answer = admin.post("/procedures/", data=sent())
    assert answer.status_code == 303, answer.text
    assert "新版本已部署" in admin.get("/procedures/").text
    assert client("xingxian.staff1").get("/procedures/asking").status_code == 200
    with deps.system_reading("test") as work:
        found = work.session.scalars(select(Deployment).filter_by(procedure="asking")).one()
        line = work.session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.body.contains('"procedure.deploy"'))
            .order_by(HistoryEntry.seq.desc())
        ).first()
    assert found.digest in line.body


def test_what_breaks_a_rule_is_told_where_it_stands(client):
    files = {"files": [(io.BytesIO(b"<x/>"), "asking.bpmn")]}
    answer = client("shanxi.admin").post("/procedures/", data=files)
    assert answer.status_code == 422
    assert DEPLOY in answer.text


@pytest.mark.parametrize("username", ["lvliang.admin", "xingxian.staff1", "shanxi.head"])
def test_nobody_else_does(client, deps, sent, username):
    person = client(username)
    assert DEPLOY not in person.get("/procedures/").text
    assert person.post("/procedures/", data=sent()).status_code == 403
    with deps.system_reading("test") as work:
        assert not work.session.scalars(select(Deployment).filter_by(procedure="asking")).all()
