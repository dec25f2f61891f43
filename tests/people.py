"""Act as the demo people."""

from sqlalchemy import select

from app.domain.access import Actor
from app.models.people import Account
from app.services import sessions
from app.services.demo.people import PASSWORD

HERE = sessions.Origin("192.0.2.1", "pytest")


def actor_of(deps, username) -> Actor:
    with deps.system_reading("test") as work:
        account = work.session.scalars(select(Account).filter_by(username=username)).one()
        return Actor(account.id, account.name, sessions._grants(work, account.id, work.now))


def signed_in(app, username):
    client = app.test_client()
    if username is not None:
        form = {"username": username, "password": PASSWORD}
        answer = client.post("/sign-in", data=form)
        assert answer.status_code == 303, answer.text
    return client


def token(app, username) -> dict[str, str]:
    """Return the headers of an API caller."""
    body = {"username": username, "password": PASSWORD}
    answer = app.test_client().post("/api/v1/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json['token']}"}
