"""Who would be in a campaign, by name, before it starts."""

from flask import Response, request

from app.domain.access import Permission
from app.services.campaigns import previewing
from app.services.campaigns.previewing import Sought
from app.web.api.contract import listed, operation, reply
from app.web.api.enterprises import ENTERPRISE, summary
from app.web.api.schemas import CURSOR, STRING
from app.web.request import reading


@operation(
    "GET",
    "/campaigns/<int:campaign_id>/scope",
    "Whom a campaign that has not started would take in, by name",
    permission=Permission.SEE_CAMPAIGN,
    query={
        "part": {
            "enum": ["total", "key", "left"],
            "description": "`key`: key and worrisome ones; `left`: of its level, not taken in",
        },
        "division": {**STRING, "description": "Its place"},
        "sector": STRING,
        "q": {**STRING, "description": "Part of a name, code or address"},
        "cursor": CURSOR,
    },
    answers={200: listed(ENTERPRISE, paged=True)},
)
def list_campaign_scope(campaign_id: int) -> Response:
    args = request.args
    wanted = (args.get(name, "") for name in ("division", "sector", "q"))
    sought = Sought(campaign_id, args.get("part", "total"), *wanted)
    with reading() as work:
        found = previewing.find(work, sought, args.get("cursor", ""))
    return reply({"items": [summary(row) for row in found.rows], "next": found.following})
