"""The JSON API, version 1: the same use cases and permissions as the pages.

Importing the modules below registers their operations; `contract` writes the OpenAPI document from
what they declare, so that it is complete by construction.
"""

from app.web.api import (
    accounts,
    campaigns,
    casefiles,
    cases,
    clauses,
    clock,
    consents,
    documents,
    draws,
    enterprises,
    files,
    hazards,
    incidents,
    previews,
    procedures,
    rankings,
    reports,
    tasks,
    unserved,
    wordings,
)
from app.web.api.contract import api, document

__all__ = [
    "accounts",
    "api",
    "campaigns",
    "casefiles",
    "cases",
    "clauses",
    "clock",
    "consents",
    "document",
    "documents",
    "draws",
    "enterprises",
    "files",
    "hazards",
    "incidents",
    "previews",
    "procedures",
    "rankings",
    "reports",
    "tasks",
    "unserved",
    "wordings",
]
