"""红牌与提请政府关闭: no request without a ground (R18a), and the government's three answers."""

import pytest

from tests.diagrams.walker import Refused, load, walk

GOV, HEARING = "closure_government_", "government_hearing_"
COMPLETE = {"check_closure_ground": ("complete",)}
INCOMPLETE = {"check_closure_ground": ("incomplete",)}


def requested(**more):
    case = walk("closure_request", results=COMPLETE, **more).do("gather", ground="refused")
    case.do("legal_review").do("sign_review").do("name_panel", members=["张伟", "王芳", "陈静"])
    assert case.open == ["discuss"] * 3
    case.all("discuss").do("decide", verdict="request").do("sign_minutes")
    assert case.effects[-1][1:] == (
        "set_card",
        {"colour": "red", "reason": "《中华人民共和国安全生产法》第一百一十三条第四项"},
    )
    case.do("draft_card").make().do("tell_party")
    return sent(case)


def sent(case):
    case.do("draft_request").do("sign_request").do("seal_request")
    assert case.effects[-1][1] == "seal_document"
    case.do("send_request")
    assert case.open == [f"{GOV}receive"]
    return case


def discussed(case, **answer):
    case.do(f"{GOV}receive", answer="accepted").do(f"{GOV}legality", legality="lawful")
    noticed(case).do(f"{GOV}respond", reply="none")
    case.do(f"{GOV}propose", members=["赵强", "刘洋"])
    assert case.open == [f"{GOV}discuss"] * 2
    return case.all(f"{GOV}discuss").do(f"{GOV}decide", **answer)


def noticed(case):
    """Have the government tell the plant that it intends to close it."""
    assert case.open == [f"{GOV}draft_notice"]
    return case.do(f"{GOV}draft_notice").make().do(f"{GOV}serve_notice")


def test_without_a_complete_ground_the_request_is_blocked():
    case = walk("closure_request", results=INCOMPLETE).do("gather", ground="still_unsafe")
    assert case.effects == [("check", "check_closure_ground", {"ground": "still_unsafe"})]
    assert case.open == ["blocked"]
    assert case.do("blocked", way="supplement").open == ["gather"]
    case.do("gather").do("blocked", way="end")
    assert case.open == ["end_attempt"]
    assert case.do("end_attempt", ended="no").open == ["gather"]
    case.do("gather").do("blocked", way="end").do("end_attempt", ended="yes")
    assert case.ended == ["end_no_ground"]
    assert "set_card" not in {name for _, name, _ in case.effects}


def test_each_ground_demands_its_evidence():
    case = walk("closure_request", results=COMPLETE)
    penalty = {
        "number": "（兴）应急罚〔2026〕1号",
        "article": "《安全生产法》第九十九条",
        "decided_on": "2026-03-01",
        "served_on": "2026-03-02",
        "papers": ["0" * 32],
    }
    for wrong in (
        {"ground": "penalties", "span": "half_year", "penalties": [penalty] * 2},
        {"ground": "penalties", "span": "year", "penalties": [penalty] * 3},
        {"ground": "still_unsafe", "stop_number": None},
        {"ground": "accident", "accident_papers": []},
        {"ground": "catalogue", "item": None},
        {"ground": "catalogue", "statute": None},
        {"ground": "unlicensed", "permit_statute": "other", "statute_named": None},
        {"ground": "unlicensed", "permit_statute": "other", "statute_named": "专项行动方案"},
    ):
        with pytest.raises(Refused):
            case.do("gather", **wrong)
    case.do("gather", ground="penalties", span="half_year", penalties=[penalty] * 3)
    assert case.open == ["legal_review"]


ENERGY = "《中华人民共和国节约能源法》第七十一条"
NAMED = "《中华人民共和国节约能源法》第七十二条"


@pytest.mark.parametrize(
    ("answers", "basis"),
    [
        ({"ground": "catalogue", "statute": ENERGY}, ENERGY),
        ({"ground": "catalogue", "statute": "other", "statute_named": NAMED}, NAMED),
        ({"ground": "unlicensed", "permit_statute": "other", "statute_named": NAMED}, NAMED),
        (
            {"ground": "accident"},
            "《中华人民共和国安全生产法》第一百一十三条第三项",
        ),
    ],
)
def test_the_exact_provision_is_the_reason_of_the_red_card(answers, basis):
    case = walk("closure_request", results=COMPLETE).do("gather", **answers)
    case.do("legal_review").do("sign_review").do("name_panel").all("discuss")
    case.do("decide", verdict="request").do("sign_minutes")
    assert case.effects[-1][2]["reason"] == basis


def test_each_ground_is_shown_with_the_provision_that_the_table_gives():
    definition, forms = load("closure_request")
    (ground,) = (field for field in forms["gather"].fields if field.key == "ground")
    law = "《中华人民共和国安全生产法》"
    for choice in ground.choices:
        if "第一百一十三条" in str(choice.title):
            basis = definition.decide("closure_basis", {"ground": choice.value})["basis"]
            assert f"（{basis.removeprefix(law)}）" in str(choice.title)


def test_the_bureau_may_decide_against_it():
    case = walk("closure_request", results=COMPLETE).do("gather").do("legal_review")
    case.do("sign_review").do("name_panel").all("discuss").do("decide", verdict="no")
    case.do("sign_minutes")
    assert case.ended == ["end_not_requested"]


def test_government_closes():
    case = discussed(requested(), answer="closed")
    assert case.open == [f"{GOV}draft_decision"]
    case.do(f"{GOV}draft_decision").make()
    issued = case.effects[-2:]
    assert [name for _, name, _ in issued] == ["issue_document", "seal_document"]
    assert issued[0][2] == {"kind": "closure_decision", "source": f"{GOV}draft_decision"}
    case.do(f"{GOV}serve_decision")
    assert [name for _, name, _ in case.effects[-2:]] == ["set_life_status", "start_case"]
    assert case.effects[-1][2]["procedure"] == "closure_execution"
    assert case.ended == ["end_closed"]


@pytest.mark.parametrize("when", ["at once", "unlawful", "after discussion"])
def test_government_refuses_and_supervision_goes_on(when):
    case = requested()
    if when == "at once":
        case.do(f"{GOV}receive", answer="refused")
    elif when == "unlawful":
        case.do(f"{GOV}receive", answer="accepted").do(f"{GOV}legality", legality="unlawful")
        case.do(f"{GOV}settle", answer="refused")
    else:
        discussed(case, answer="not_closed")
    assert case.open == ["settle"]
    case.do("settle", card_after="yellow")
    assert case.effects[-3][1] == "lift_card"
    assert case.effects[-2][2]["colour"] == "yellow"
    assert case.effects[-1][2]["procedure"] == "rectification"
    assert case.ended == ["end_refused"]


def test_who_is_stopped_stays_under_the_stop_where_the_government_refuses():
    case = requested(stop="stopped").do(f"{GOV}receive", answer="refused")
    case.do("settle", card_after="yellow")
    assert case.effects[-1][2]["procedure"] == "stop_production"


def test_government_asks_for_more_evidence_and_gets_it():
    case = requested().do(f"{GOV}receive", answer="evidence")
    assert case.open == ["draft_request"]
    sent(case)


def test_card_is_lifted_where_the_head_says_so():
    case = requested().do(f"{GOV}receive", answer="refused")
    case.results["lift_card"] = ("red",)
    case.do("settle", card_after="none")
    assert [name for _, name, _ in case.effects[-2:]] == ["lift_card", "start_case"]
    assert case.open == ["card_lifting_draft"]
    case.do("card_lifting_draft").make().do("card_lifting_publish")
    assert case.ended == ["end_refused"]


def heard(**signing):
    """A hearing whose record the host has signed, saying how the party signs it."""
    case = requested().do(f"{GOV}receive", answer="accepted")
    noticed(case.do(f"{GOV}legality", legality="lawful"))
    assert case.timers[f"{GOV}respond_over"] == "P5BD"
    case.do(f"{GOV}respond", reply="hearing").do(f"{HEARING}call", hearing_on="2026-06-01")
    case.do(f"{HEARING}draft_call").make("returned")
    case.do(f"{HEARING}draft_call").make().do(f"{HEARING}serve_call").do(f"{HEARING}hold")
    assert case.effects[-1][2] == {"kind": "closure_record", "source": f"{HEARING}hold"}
    return case.do(f"{HEARING}sign_record", **signing)


@pytest.mark.parametrize(
    ("signs", "then", "noted"),
    [
        ("absent", None, True),
        ("refused", None, True),
        ("by_hand", ("hand", {"by_hand": "pad"}), False),
        ("by_hand", ("hand", {"by_hand": "refused"}), True),
        ("online", ("party", {"signature": "signed"}), False),
        ("online", ("party", {"signature": "refused"}), True),
        ("online", "party_over", True),
    ],
)
def test_the_record_of_a_hearing_is_signed_or_says_why_not(signs, then, noted):
    case = heard(party_signs=signs)
    if isinstance(then, str):
        assert case.timers[HEARING + then] == "P1BD"
        case.fire(HEARING + then)
    elif then:
        case.do(HEARING + then[0], **then[1])
    if noted:
        assert case.open == [f"{HEARING}note"]
        case.do(f"{HEARING}note")
    assert case.open == [f"{GOV}propose"]


@pytest.mark.parametrize("said", [["returned"], ["made", "returned"]])
def test_what_the_leader_or_the_seal_keeper_returns_is_drafted_anew(said):
    case = discussed(requested(), answer="closed").do(f"{GOV}draft_decision").make(*said)
    assert case.open == [f"{GOV}draft_decision"]
    case.do(f"{GOV}draft_decision").make().do(f"{GOV}serve_decision")
    assert case.ended == ["end_closed"]


def test_every_authority_is_watched():
    case = requested()
    assert case.timers == {"government_late": "P60D", f"{GOV}receive_late": "P5BD"}
    case.fire(f"{GOV}receive_late").fire("government_late")
    assert [told["message"] for _, _, told in case.effects[-2:]] == [
        "closure_not_accepted",
        "closure_unanswered",
    ]
    case.do(f"{GOV}receive", answer="accepted")
    assert case.timers[f"{GOV}legality_late"] == "P10BD"


def test_lawful_only_if_every_point_passes():
    case = requested().do(f"{GOV}receive", answer="accepted")
    with pytest.raises(Refused):
        case.do(f"{GOV}legality", legality="lawful", passed=["body"])


def test_duties_are_held_apart():
    nodes = load("closure_request")[0].nodes
    assert "draft_request" in nodes["sign_request"].words("notBy")
    assert {"draft_request", "sign_request"} <= set(nodes["seal_request"].words("notBy"))
    assert nodes["seal_request"].words("papers") == ("closure_request:seal",)
    for step in ("legal_review", "sign_review", "decide", "sign_minutes"):
        assert "gather" in nodes[step].words("notBy"), step
    for step in ("decide", "sign_minutes"):
        assert {"legal_review", "sign_review"} <= set(nodes[step].words("notBy")), step
    assert "gather" in nodes["discuss"].words("notBy")
    for step in ("call", "hold", "sign_record", "hand", "note"):
        assert nodes[HEARING + step].words("notBy") == (f"{GOV}legality",), step
    for step in (f"{GOV}propose", f"{GOV}decide"):
        assert "closure_record:view" in nodes[step].words("papers"), step
    assert nodes["government_paper_sign"].words("notBy") == ("@drafter",)
