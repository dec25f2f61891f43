"""The JSON API, version 1: the same use cases and permissions as the pages.

Importing the modules below registers their operations; `contract` writes the OpenAPI document from
what they declare, so that it is complete by construction.
"""

from app.web.api import (
    accounts,
    campaigns,
    cases,
    clock,
    documents,
    draws,
    enterprises,
    files,
    hazards,
    incidents,
    procedures,
    rankings,
    reports,
    tasks,
)
from app.web.api.contract import api, document

__all__ = [
    "accounts",
    "api",
    "campaigns",
    "cases",
    "clock",
    "document",
    "documents",
    "draws",
    "enterprises",
    "files",
    "hazards",
    "incidents",
    "procedures",
    "rankings",
    "reports",
    "tasks",
]
