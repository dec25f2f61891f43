"""The whole table of effects: what a diagram may ask for, by name."""

from collections.abc import Mapping

from app.engine import Signature
from app.services.effects import (
    Effect,
    campaigns,
    casework,
    documents,
    effect,
    enterprises,
    hazards,
)

EFFECTS: Mapping[str, Effect] = {
    "check_closure_ground": effect(enterprises.check_closure_ground, ("ground",)),
    "close_document": effect(documents.close_document, ("kind",), ("paper",)),
    "close_hazards": effect(hazards.close_hazards),
    "count_scope": effect(campaigns.count_scope),
    "flag_enterprise": effect(enterprises.flag_enterprise, ("flag",)),
    "issue_document": effect(documents.issue_document, ("kind", "source")),
    "lift_card": effect(enterprises.lift_card, ("reason",), ("colour",)),
    "lift_supervision": effect(hazards.lift_supervision),
    "list_supervision": effect(hazards.list_supervision),
    "next_report": effect(campaigns.next_report, ("day", "until")),
    "notify": effect(casework.notify, ("audience", "message")),
    "open_campaign": effect(campaigns.open_campaign),
    "record_hazards": effect(hazards.record_hazards, ("source",)),
    "seal_document": effect(documents.seal_document, ("kind",), ("paper",)),
    "set_card": effect(enterprises.set_card, ("colour", "reason")),
    "set_case_deadline": effect(casework.set_case_deadline, ("deadline",)),
    "set_life_status": effect(enterprises.set_life_status, ("status",), ("reason",)),
    "weigh_hazards": effect(hazards.weigh_hazards),
    "start_batch": effect(campaigns.start_batch, ("procedure",), ("deadline", "period", "report")),
    "start_case": effect(casework.start_case, ("procedure",), ("reason", "wait")),
}
SIGNATURES: Mapping[str, Signature] = {name: e.signature for name, e in EFFECTS.items()}
