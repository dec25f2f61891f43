"""The whole table of effects: what a diagram may ask for, by name."""

from collections.abc import Mapping

from app.engine import Signature
from app.services.effects import Effect, casework, documents, effect

EFFECTS: Mapping[str, Effect] = {
    "close_hazards": effect(casework.close_hazards),
    "issue_document": effect(documents.issue_document, ("kind", "source")),
    "notify": effect(casework.notify, ("audience", "message")),
    "seal_document": effect(documents.seal_document, ("kind",)),
    "set_case_deadline": effect(casework.set_case_deadline, ("deadline",)),
    "start_case": effect(casework.start_case, ("procedure",), ("reason", "wait")),
}
SIGNATURES: Mapping[str, Signature] = {name: e.signature for name, e in EFFECTS.items()}
