"""Tokens, who I am, the demo accounts, and the API's own description."""

from typing import Any

from flask import Response

from app.domain.access import ROLE_NAMES, Permission, code_of
from app.services import organisations, sessions
from app.services.demo import filling
from app.web.api.contract import document, listed, named, operation, reply, sent
from app.web.language import read
from app.web.request import deps, me, origin, reading

STRING: dict[str, Any] = {"type": "string"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


ORGANISATION = named(
    "Organisation",
    {
        "type": "object",
        "required": ["code", "name"],
        "properties": {
            "code": {"type": "string", "description": "Id of the organisation"},
            "name": STRING,
            "division": {"type": "string", "description": "GB/T 2260 code or a zone's place"},
        },
    },
)
ROLE = {
    "type": "object",
    "required": ["role", "organisation"],
    "properties": {
        "role": STRING,
        "name": {"type": "string", "description": "The role's name in the caller's language"},
        "organisation": ORGANISATION,
        "on_behalf_of": {"type": ["string", "null"]},
    },
}
ME = named(
    "Me",
    {
        "type": "object",
        "required": ["username", "name", "roles"],
        "properties": {
            "username": STRING,
            "name": STRING,
            "roles": {"type": "array", "items": ROLE},
        },
    },
)
TOKEN = named(
    "Token",
    {
        "type": "object",
        "required": ["token", "expires_at"],
        "properties": {"token": STRING, "expires_at": TIME},
    },
)
DEMO_ACCOUNT = named(
    "DemoAccount",
    {
        "type": "object",
        "required": ["username", "password", "pin", "name", "roles"],
        "properties": {
            "username": STRING,
            "password": STRING,
            "pin": STRING,
            "name": STRING,
            "roles": {"type": "array", "items": ROLE},
        },
    },
)


@operation(
    "POST",
    "/tokens",
    "Sign in and get a bearer token",
    permission=None,
    why_public="this is how one signs in",
    body={
        "type": "object",
        "required": ["username", "password"],
        "properties": {
            "username": {
                "type": "string",
                "title": "用户名",
                "x-en": {"title": "Username"},
                "minLength": 1,
                "maxLength": 64,
            },
            "password": {
                "type": "string",
                "title": "密码",
                "x-en": {"title": "Password"},
                "minLength": 1,
                "maxLength": 256,
            },
        },
    },
    answers={201: TOKEN},
    errors=(429,),
)
def sign_in() -> Response:
    body = sent()
    ticket = sessions.sign_in(deps(), body["username"], body["password"], origin(), token=True)
    return reply({"token": ticket.secret, "expires_at": ticket.expires_at}, 201)


@operation(
    "GET",
    "/me",
    "Who I am and which roles I hold where",
    permission=Permission.OWN_ACCOUNT,
    answers={200: ME},
)
def who_am_i() -> Response:
    person = me()
    assert person is not None  # noqa: S101  (the permission asks for somebody)
    with reading() as work:
        names = organisations.named(work, [g.organisation for g in person.actor.grants])
    roles = [
        {
            "role": grant.role.value,
            "name": read(ROLE_NAMES[grant.role]),
            "organisation": {
                "code": str(grant.organisation),
                "name": names[grant.organisation],
                "division": code_of(grant.place),
            },
            "on_behalf_of": str(grant.on_behalf_of) if grant.on_behalf_of else None,
        }
        for grant in person.actor.grants
    ]
    return reply({"username": person.username, "name": person.actor.name, "roles": roles})


@operation(
    "GET",
    "/demo/accounts",
    "The accounts anybody may try; 404 outside demo mode",
    permission=None,
    why_public="a demo's accounts are printed on its sign-in page",
    answers={200: listed(DEMO_ACCOUNT)},
    errors=(404,),
)
def demo_accounts() -> Response:
    items = [
        {
            "username": account.username,
            "password": account.password,
            "pin": account.pin,
            "name": account.name,
            "roles": [
                {
                    "role": account.role.value,
                    "name": read(ROLE_NAMES[account.role]),
                    "organisation": {
                        "code": str(account.organisation_id),
                        "name": account.organisation,
                    },
                }
            ],
        }
        for account in filling.accounts(deps())
    ]
    return reply({"items": items})


@operation(
    "GET",
    "/openapi.json",
    "This description",
    permission=None,
    why_public="whoever builds on the API reads it first",
    answers={200: {"type": "object"}},
)
def description() -> Response:
    return reply(document())
