"""The procedures in use and those in bpmn/upcoming/, which ask for effects that are to come."""

from app.engine import Signature
from app.services.effects.table import SIGNATURES
from config import ROOT

PROCEDURES = sorted(
    path.stem for folder in ("bpmn", "bpmn/upcoming") for path in (ROOT / folder).glob("*.bpmn")
)


def _takes(*required):
    return Signature(frozenset(required))


EFFECTS = {
    "record_hazards": _takes("source"),
    "flag_enterprise": _takes("flag"),
    "set_card": _takes("colour", "reason"),
    "lift_card": _takes("reason"),
    "set_life_status": _takes("status"),
    "check_closure_ground": _takes("ground"),
    "list_supervision": _takes(),
    "lift_supervision": _takes(),
    **SIGNATURES,
}
