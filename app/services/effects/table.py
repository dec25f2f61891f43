"""The whole table of effects: what a diagram may ask for, by name."""

from collections.abc import Mapping

from app.engine import Signature
from app.services.effects import (
    Effect,
    campaigns,
    casework,
    documents,
    draws,
    effect,
    enterprises,
    hazards,
    rankings,
    reports,
    visits,
)

EFFECTS: Mapping[str, Effect] = {
    "accept_hazards": effect(hazards.accept_hazards),
    "approve_scores": effect(rankings.approve_scores),
    "begin_term": effect(enterprises.begin_term, ("kind", "paper")),
    "cancel_draw": effect(draws.cancel_draw, ("source",)),
    "check_closure_ground": effect(enterprises.check_closure_ground, ("ground",)),
    "close_document": effect(documents.close_document, ("kind",), ("paper",)),
    "close_draw": effect(draws.close_draw),
    "close_hazards": effect(hazards.close_hazards),
    "commit_draw": effect(draws.commit_draw, ("source",)),
    "compute_scores": effect(rankings.compute_scores),
    "confirm_draw": effect(draws.confirm_draw),
    "correct_scores": effect(rankings.correct_scores, ("source",)),
    "count_missing": effect(reports.count_missing),
    "count_scope": effect(campaigns.count_scope),
    "draw_list": effect(draws.draw_list),
    "drawn_visitors": effect(visits.drawn_visitors),
    "end_term": effect(enterprises.end_term, ("kind", "source")),
    "enter_public_value": effect(draws.enter_public_value, ("first", "second")),
    "find_expert": effect(casework.find_expert, ("name",)),
    "flag_enterprise": effect(enterprises.flag_enterprise, ("flag",)),
    "freeze_roster": effect(draws.freeze_roster, ("source",)),
    "hand_down_hazards": effect(hazards.hand_down_hazards),
    "hand_in_report": effect(reports.hand_in_report, ("source",)),
    "issue_document": effect(documents.issue_document, ("kind", "source"), ("replaces",)),
    "judge_report": effect(reports.judge_report, ("source",)),
    "lift_card": effect(enterprises.lift_card, ("reason",), ("colour",)),
    "lift_supervision": effect(hazards.lift_supervision),
    "list_supervision": effect(hazards.list_supervision),
    "next_report": effect(campaigns.next_report, ("day", "until")),
    "notify": effect(casework.notify, ("audience", "message")),
    "open_campaign": effect(campaigns.open_campaign),
    "open_report": effect(reports.open_report, ("report",), ("period",)),
    "paper_course": effect(documents.paper_course, ("kind",)),
    "answered_day": effect(documents.answered_day, ("source", "field")),
    "paper_expert": effect(documents.paper_expert, ("paper",)),
    "record_arrival": effect(visits.record_arrival, ("first", "second")),
    "record_hazards": effect(hazards.record_hazards, ("source",)),
    "record_look_back": effect(hazards.record_look_back, ("source",)),
    "release_hazards": effect(hazards.release_hazards),
    "seal_document": effect(documents.seal_document, ("kind",), ("paper",)),
    "send_circular": effect(rankings.send_circular),
    "send_document": effect(documents.send_document, ("paper", "source")),
    "send_report": effect(reports.send_report),
    "set_card": effect(enterprises.set_card, ("colour", "reason")),
    "set_case_deadline": effect(casework.set_case_deadline, ("deadline",)),
    "set_order_deadlines": effect(casework.set_order_deadlines, ("deadline", "plan")),
    "set_life_status": effect(enterprises.set_life_status, ("status",), ("reason",)),
    "take_stock": effect(hazards.take_stock),
    "void_unsigned": effect(documents.void_unsigned, ("paper", "reason")),
    "weigh_hazards": effect(hazards.weigh_hazards),
    "start_batch": effect(
        campaigns.start_batch, ("procedure",), ("deadline", "period", "report", "kind")
    ),
    "start_case": effect(
        casework.start_case, ("procedure",), ("reason", "wait", "owner", "report", "period")
    ),
    "start_visits": effect(draws.start_visits),
}
SIGNATURES: Mapping[str, Signature] = {name: e.signature for name, e in EFFECTS.items()}
