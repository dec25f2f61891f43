"""How a paper is served: electronically by a recorded consent alone, by notice after thirty days."""

from datetime import date, datetime

import pytest

from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.deadlines import Workdays, last_day
from app.models.documents import ServiceRecord
from app.services import dossier, recounting
from app.services.documents import reading, unserved
from app.services.enterprises import consents
from app.services.tasks import commands, lists
from tests.casework import Play, picture

STAFF, PLANT = "xingxian.staff1", "xingxian.plant"
CITY, OTHER = "lvliang.staff1", "fenyang.staff1"
SIGNED = {
    "channel": "email",
    "email": "anquan@example.cn",
    "receiver": "任国强",
    "confirmed_on": "2026-11-20",
    "signer": "任国强，主要负责人",
}
OWN = {"channel": "account", "receiver": "任国强", "agreed": True}
SENT = {"manner": "electronic", "receipt": "not_present", "served_at": "电子邮箱 anquan@example.cn"}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def ready(play):
    """A play whose order is complete, and the enterprise it is to be served on."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", deadline="2027-03-31")
    return case, play.subject()


def served(play, case):
    """Return the order of a case and its service."""
    (order,) = [row for row in play.papers(STAFF, case) if row.kind == "rectification_order"]
    with play.deps.system_reading("test") as work:
        return play.run(STAFF, reading.get, order.id), work.session.get(ServiceRecord, order.id)


def entered(play, plant, **changes):
    given = {**SIGNED, "papers": [play.upload(STAFF)], **changes}
    return play.run(STAFF, consents.enter, plant, given)


def test_electronic_service_is_refused_without_consent_and_names_the_one_it_had(play, ready):
    case, plant = ready
    with pytest.raises(Invalid) as refused:
        play.do(STAFF, "serve_order", **SENT)
    assert list(refused.value.errors) == ["/manner"]
    withdrawn = entered(play, plant)
    play.run(STAFF, consents.withdraw, plant, withdrawn, "邮箱停用")
    with pytest.raises(Invalid) as refused:
        play.do(STAFF, "serve_order", **SENT)
    assert list(refused.value.errors) == ["/manner"]
    consent = entered(play, plant)
    with pytest.raises(Invalid) as refused:
        play.do(STAFF, "serve_order", **{**SENT, "served_at": "企业办公室"})
    assert list(refused.value.errors) == ["/served_at"]
    item = next(row for row in play.todo(STAFF) if row.node == "serve_order")
    assert (
        play.task(STAFF, item.id).prefill["confirmation"].startswith("2026年11月20日确认，电子邮箱")
    )
    play.complete(STAFF, item.id, **SENT)
    view, record = served(play, case)
    assert (view.service.manner, record.consent_id) == ("electronic", consent)


def test_left_where_it_was_refused_before_a_witness_or_on_photos(play, ready):
    case, _plant = ready
    left = {"manner": "left", "receipt": "refused"}
    play.finish_papers()
    item = next(row for row in play.todo(STAFF) if row.node == "serve_order")
    answers = play.answered(STAFF, item.id, **left, left_proof="recorded")
    bare = {key: value for key, value in answers.items() if key != "refusal_photos"}
    with pytest.raises(Invalid) as refused:
        play.run(STAFF, commands.complete, item.id, bare)
    assert list(refused.value.errors) == ["/refusal_photos"]
    assert "witness" not in answers
    play.run(STAFF, commands.complete, item.id, answers)
    assert served(play, case)[0].service.receipt == "refused"


def test_a_notice_counts_after_thirty_days(play, ready):
    case, _plant = ready
    notice = {"manner": "notice", "receipt": "not_present", "notice_reason": "failed"}
    tried = {"way": "mail", "tried_on": "2026-11-20", "outcome": "查无此人退回"}
    notice |= {"notice_on": "2026-11-20", "attempts": [tried], "served_at": "兴县人民政府网站"}
    play.finish_papers()
    with pytest.raises(Invalid) as early:
        play.do(STAFF, "serve_order", **notice)
    assert list(early.value.errors) == ["/served_on"]
    play.deps.clock.advance(days=31)
    with pytest.raises(Invalid) as wrong:
        play.do(STAFF, "serve_order", **notice, served_on="2026-12-20")
    assert "2026年12月21日" in str(wrong.value.errors["/served_on"])  # the 20th is a Sunday
    play.do(STAFF, "serve_order", **notice, served_on="2026-12-21")
    assert served(play, case)[0].service.served_on.isoformat() == "2026-12-21"


def noticed(play, item, **changes):
    """Return the answers to a task of serving by a public notice of 20 November."""
    given = {
        "manner": "notice",
        "receipt": "not_present",
        "notice_reason": "missing",
        "notice_on": "2026-11-20",
        "served_at": "兴县人民政府网站",
        **changes,
    }
    answers = play.answered(STAFF, item, **given)
    return {key: value for key, value in answers.items() if key not in ("served_on", "receipt")}


def serving_task(play, case):
    play.finish_papers()
    (item,) = [row for row in play.todo(STAFF) if row.case_id == case and row.node == "serve_order"]
    return item


def test_a_service_by_notice_waits_for_its_day_and_is_not_late_before(play, ready):
    case, _plant = ready
    item = serving_task(play, case)
    assert "announce" in play.task(STAFF, item.id).operations
    play.deps.clock.advance(days=4)
    play.run(STAFF, commands.announce, item.id, noticed(play, item.id))
    row = serving_task(play, case)
    assert (row.noticed_on.isoformat(), last_day(row.due_at).isoformat()) == (
        "2026-11-20",
        "2026-12-21",
    )
    line = next(line for line in play.case(STAFF, case).history if line.action == "task.announce")
    assert line.detail["noticed"] == "2026-11-20"
    moved = [datetime.fromisoformat(line.detail[key]) for key in ("from", "to")]
    assert moved == [item.due_at, row.due_at]
    play.deps.clock.advance(days=24)  # far beyond the days that the law gives for serving
    play.sweep()
    assert not [line for line in play.case(STAFF, case).history if line.action == "task.overdue"]
    (unserved_,) = play.run(STAFF, unserved.find, unserved.Wanted())[0]
    assert (unserved_.late, unserved_.noticed_on.isoformat()) == (False, "2026-11-20")
    assert play.run(STAFF, lists.counts).late == 0
    play.deps.clock.advance(days=3)  # the day itself
    draft = play.task(STAFF, item.id).draft
    assert (draft["served_on"], draft["receipt"]) == ("2026-12-21", "not_present")
    play.run(STAFF, commands.complete, item.id, draft)
    assert served(play, case)[0].service.served_on.isoformat() == "2026-12-21"


def test_whose_day_goes_by_is_late_then(play, ready):
    case, _plant = ready
    item = serving_task(play, case)
    play.run(STAFF, commands.announce, item.id, noticed(play, item.id))
    play.deps.clock.advance(days=33)
    play.sweep()
    assert [line for line in play.case(STAFF, case).history if line.action == "task.overdue"]
    assert play.run(STAFF, unserved.find, unserved.Wanted(due="late"))[0]


def test_a_calendar_that_is_published_moves_the_day_of_a_notice(play, ready):
    """What is published says that 21 December is a holiday: the notice is over on the 22nd."""
    case, _plant = ready
    item = serving_task(play, case)
    play.run(STAFF, commands.announce, item.id, noticed(play, item.id))
    holiday = Workdays({date(2026, 12, 21): False}, frozenset({2026}))
    with play.deps.system_reading("test") as work:
        (move,) = [one for one in recounting.moves(work, holiday) if one.key == item.id]
        assert not [one for one in recounting.moves(work, work.calendar) if one.key == item.id]
    assert last_day(move.becomes).isoformat() == "2026-12-22"
    assert move.wake_at < move.becomes  # whoever serves it is reminded


NOT_ANNOUNCED = [
    ({"manner": "direct"}, "/manner"),
    ({"notice_on": ""}, "/notice_on"),
    ({"notice_on": "2026-11-21"}, "/notice_on"),  # tomorrow
    ({"notice_on": "2026-10-20"}, "/notice_on"),  # over already
    ({"notice_course": None}, "/notice_course"),
    ({"proof": []}, "/proof"),
]


def test_what_a_notice_lacks_is_told_at_its_field(play, ready):
    case, _plant = ready
    item = serving_task(play, case)
    answers = noticed(play, item.id)
    for changes, at in NOT_ANNOUNCED:
        with pytest.raises(Invalid) as refused:
            play.run(STAFF, commands.announce, item.id, {**answers, **changes})
        assert list(refused.value.errors) == [at]
    again = serving_task(play, case)
    assert (again.noticed_on, again.due_at) == (None, item.due_at)


def test_only_what_serves_a_paper_is_announced(play):
    play.start(STAFF)
    (item,) = [row for row in play.todo(STAFF) if row.node == "draft_order"]
    assert "announce" not in play.task(STAFF, item.id).operations
    with pytest.raises(Conflict):
        play.run(STAFF, commands.announce, item.id, {"manner": "notice"})


def test_the_form_of_a_service_tells_what_electronic_service_lacks(play, ready):
    case, plant = ready
    item = serving_task(play, case)

    def told():
        return play.task(STAFF, item.id).prefill["confirmation"]

    assert "没有登记送达地址确认书" in told()
    consent = entered(play, plant)
    assert told() == "2026年11月20日确认，电子邮箱 anquan@example.cn"
    play.run(STAFF, consents.withdraw, plant, consent, "邮箱停用")
    assert "2026年11月20日起失效" in told()


def test_one_consent_is_in_force_and_all_are_in_the_history(play):
    plant = play.subject()
    first = entered(play, plant)
    second = play.run(PLANT, consents.enter, plant, OWN)
    rows = play.run(STAFF, consents.of_enterprise, plant)
    assert [row.consent.id for row in rows] == [second, first]
    assert [row.own for row in rows] == [True, False]
    assert rows[0].consent.ended_on is None
    assert rows[1].consent.ended_on == rows[0].consent.confirmed_on
    assert rows[1].end_reason == consents.REPLACED
    assert rows[0].signer == play.actor(PLANT).name
    with pytest.raises(Conflict):
        play.run(STAFF, consents.withdraw, plant, first, "重复")
    with pytest.raises(Invalid):
        play.run(PLANT, consents.withdraw, plant, second, " ")
    play.run(PLANT, consents.withdraw, plant, second, "改用纸质送达")
    events = play.run(STAFF, dossier.get, plant).events
    acts = [event.line.action for event in events if event.line is not None]
    assert acts[:3] == ["consent.withdraw", "consent.give", "consent.record"]


LACKING = [
    ({"email": "无"}, "/email"),
    ({"channel": "phone"}, "/number"),
    ({"confirmed_on": "2026-11-21"}, "/confirmed_on"),
    ({"papers": []}, "/papers"),
    ({"papers": ["0" * 32]}, "/papers/0"),
    ({"signer": None}, "/signer"),
]


def test_what_a_confirmation_lacks_is_told_at_its_field(play):
    for changes, at in LACKING:
        with pytest.raises(Invalid) as refused:
            entered(play, play.subject(), **changes)
        assert list(refused.value.errors) == [at]


def test_an_older_confirmation_takes_no_newer_ones_place(play):
    plant = play.subject()
    entered(play, plant)
    with pytest.raises(Invalid) as refused:
        entered(play, plant, confirmed_on="2026-11-19")
    assert list(refused.value.errors) == ["/confirmed_on"]


def test_who_may_enter_and_see_a_consent(play):
    plant = play.subject()
    first = entered(play, plant)
    with pytest.raises(Forbidden):
        play.run("xingxian.head", consents.enter, plant, SIGNED)
    with pytest.raises(Forbidden):
        play.run("xingxian.head", consents.withdraw, plant, first, "不归其办理")
    with pytest.raises(NotFound):
        play.run(OTHER, consents.enter, plant, SIGNED)
    with pytest.raises(NotFound):
        play.run(OTHER, consents.of_enterprise, plant)
    with pytest.raises(NotFound):
        play.run(OTHER, consents.paper, plant, first, 0)
    assert play.run(PLANT, consents.paper, plant, first, 0).data == picture()
    assert [row.consent.id for row in play.run(CITY, consents.of_enterprise, plant)] == [first]
