"""A paper made by the part 制发文书: two at once in one case, one sent back, one that two refuse."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.domain import Conflict, Forbidden, Invalid
from app.engine.bundle import Bundle
from app.models.casework import WorkItem
from app.models.documents import SignatureRecord
from app.services import procedures
from app.services.demo.people import PIN
from app.services.documents import inhand, reading
from app.services.pdf import signing
from app.services.procedures import gather
from app.services.tasks import commands
from config import ROOT
from tests.casework import Play
from tests.engine.draw import Drawing

STAFF, SECOND, KEEPER, PLANT = (
    "xingxian.staff1",
    "xingxian.staff2",
    "xingxian.seal",
    "xingxian.plant",
)
OFFICERS = [
    {"name": "白建国", "certificate": "14-000001"},
    {"name": "白志强", "certificate": "14-000002"},
]
START = {
    "formJsonSchemaFilename": "stop_production/start-schema.json",
    "formUiSchemaFilename": "stop_production/start-uischema.json",
}
MADE = {"paper_state": "made"}
BACK = {"paper_state": "returned", "reason": "范围写得不准确"}


def two_at_once() -> Bundle:
    """A procedure in which two measures on site are made side by side."""
    made = Drawing("two_papers")
    made.start(props=START)
    made.both("split")
    made.both("join")
    made.end()
    for side in ("a", "b"):
        made.user(
            f"draft_{side}",
            formJsonSchemaFilename="on_site/draft-schema.json",
            formUiSchemaFilename="on_site/draft-uischema.json",
            papers="on_site_measure",
        )
        given = {
            "input:paper_kind": '"on_site_measure"',
            "input:paper_source": f'"draft_{side}"',
            "input:paper_officers": '"yes"',
            "input:paper_term": '"PT4H"',
        }
        made.node(
            "callActivity", f"make_{side}", name=f"make_{side}", props=given, calledElement="paper"
        )
        made.user(
            f"serve_{side}",
            formJsonSchemaFilename="paper/serve-schema.json",
            formUiSchemaFilename="paper/serve-uischema.json",
            papers="on_site_measure:serve service_receipt",
        )
        made.chain("split", f"draft_{side}", f"make_{side}", f"serve_{side}", "join")
    made.chain("start", "split")
    made.chain("join", "end")
    files = dict(gather(ROOT, ROOT / "bpmn/parts/on_site.bpmn").files)
    del files["bpmn/parts/on_site.bpmn"]
    for path in Path(ROOT / "forms/stop_production").glob("start-*.json"):
        files[f"forms/stop_production/{path.name}"] = path.read_bytes()
    wanted = ("start", "draft", "sign", "approve", "serve")
    kept = {name: data for name, data in files.items() if _is_named(name, wanted)}
    return Bundle({**kept, "bpmn/two_papers.bpmn": made.file()})


def _is_named(name, forms):
    return not name.startswith("forms/") or Path(name).name.partition("-")[0] in forms


@pytest.fixture
def play(deps, actor):
    with deps.system("test") as work:
        procedures._add(work, two_at_once())
    return Play(deps, actor)


@pytest.fixture
def both(play):
    """A case with two measures typeset, for the casting shop and for the polishing shop."""
    case = play.start(STAFF, "two_papers", reason="检查发现重大隐患")
    for side, extent in (("a", "熔炼车间"), ("b", "打磨车间")):
        play.do(STAFF, f"draft_{side}", extent=extent, officers=OFFICERS)
    play.deps.jobs.drain(play.deps)
    return case


def tasks(play, username, node):
    return [row for row in play.todo(username) if row.node == node]


def extent(play, username, item):
    paper = play.paper(username, item.id)
    return play.run(username, reading.get, paper.id).data["extent"]


def test_each_call_keeps_to_its_own_paper(play, both):
    mine = tasks(play, STAFF, "paper_sign")
    assert {extent(play, STAFF, item) for item in mine} == {"熔炼车间", "打磨车间"}
    first, second = mine
    play.sign(STAFF, play.paper(STAFF, first.id), answers=MADE)
    assert [row.id for row in tasks(play, STAFF, "paper_sign")] == [second.id]
    for item in tasks(play, SECOND, "paper_countersign"):
        play.sign(SECOND, play.paper(SECOND, item.id), answers=MADE)
    play.finish_papers()
    places = {}
    for node in ("serve_a", "serve_b"):
        (item,) = tasks(play, STAFF, node)
        places[node] = extent(play, STAFF, item)
        assert play.task(STAFF, item.id).prefill["officers"] == OFFICERS
        play.do(STAFF, node)
    assert places == {"serve_a": "熔炼车间", "serve_b": "打磨车间"}
    served = [row for row in play.papers(STAFF, both) if row.kind == "on_site_measure"]
    assert [row.state for row in served] == ["served", "served"]
    assert play.case(STAFF, both).row.status.name == "FINISHED"


@pytest.mark.usefixtures("both")
def test_who_signs_both_may_do_so_in_either_order(play):
    first, second = tasks(play, STAFF, "paper_sign")
    play.sign(STAFF, play.paper(STAFF, first.id), answers=MADE)
    play.sign(SECOND, play.paper(SECOND, second.id), answers=MADE)
    left = {extent(play, STAFF, item): item for item in tasks(play, STAFF, "paper_countersign")}
    for item in left.values():
        paper = play.paper(STAFF, item.id)
        signed = {s.slot for s in play.run(STAFF, reading.get, paper.id).signatures}
        who = SECOND if signed == {"officer1"} else STAFF
        other = STAFF if who == SECOND else SECOND
        with pytest.raises(Conflict):  # nobody signs one paper twice
            play.sign(other, paper, answers=MADE)
        play.sign(who, paper, answers=MADE)
    with play.deps.system_reading("test") as work:
        told = work.session.execute(
            select(SignatureRecord.document_id, WorkItem.paper_id).join(
                WorkItem, WorkItem.id == SignatureRecord.item_id
            )
        ).all()
    assert len(told) == 4
    assert all(signed == asked for signed, asked in told)


def test_what_is_sent_back_is_void_and_the_other_goes_on(play, both):
    first, second = tasks(play, STAFF, "paper_sign")
    void, kept = play.paper(STAFF, first.id), play.paper(STAFF, second.id)
    play.run(STAFF, commands.complete, first.id, BACK)
    states = {row.id: row.state for row in play.papers(STAFF, both)}
    assert states == {void.id: "void", kept.id: "signing"}
    assert play.run(STAFF, reading.get, void.id).void_reason == BACK["reason"]
    with pytest.raises(Conflict):
        play.sign(SECOND, void, answers=MADE)


@pytest.mark.usefixtures("both")
def test_signing_asks_for_the_signature(play):
    first, _second = tasks(play, STAFF, "paper_sign")
    with pytest.raises(Invalid) as wrong:
        play.run(STAFF, commands.complete, first.id, MADE)
    assert list(wrong.value.errors) == ["/pin"]
    paper = play.paper(STAFF, first.id)
    with pytest.raises(Invalid) as wrong:
        play.sign(STAFF, paper, answers={"paper_state": "returned"})  # the reason is missing
    assert list(wrong.value.errors) == ["/reason"]
    assert play.paper(STAFF, first.id).sha256 == paper.sha256


def test_the_history_tells_for_whom_somebody_signed(play, both):
    (first, _second), head = tasks(play, STAFF, "paper_sign"), play.actor("xingxian.head")
    signer = play.actor(STAFF)
    standing_in = tuple(replace(grant, on_behalf_of=head.id) for grant in signer.grants)
    deputy = replace(signer, grants=standing_in)
    paper = play.paper(STAFF, first.id)
    signed = signing.prepare(play.deps, deputy, paper.id, PIN, paper.sha256)
    with play.deps.transaction(deputy) as work:
        signing.register(work, signed, MADE)
    lines = [line for line in play.case(STAFF, both).history if line.action == "document.sign"]
    assert [line.on_behalf_of for line in lines] == [head.name]


@pytest.mark.usefixtures("both")
def test_the_keeper_refuses_and_is_none_of_those_who_made_it(play, deps):
    for node, who in (("paper_sign", STAFF), ("paper_countersign", SECOND)):
        item = tasks(play, who, node)[0]
        play.sign(who, play.paper(who, item.id), answers=MADE)
    (item,) = tasks(play, KEEPER, "paper_approve")
    paper = play.paper(KEEPER, item.id)
    for nodes in (("draft_a", "draft_b"), ("paper_sign",)):
        made = update(WorkItem).where(WorkItem.node.in_(nodes))
        with deps.system("test") as work:  # it was done in the keeper's place
            work.session.execute(made.values(on_behalf_of=play.actor(KEEPER).id))
        for act in (commands.claim, lambda work, id_: commands.complete(work, id_, MADE)):
            with pytest.raises(Forbidden):
                play.run(KEEPER, act, item.id)
        with deps.system("test") as work:
            work.session.execute(made.values(on_behalf_of=None))
    play.run(KEEPER, commands.complete, item.id, BACK)
    assert play.run(STAFF, reading.get, paper.id).row.state == "void"


def test_a_word_that_names_a_proof_has_it_in_hand(play, both):
    for item in tasks(play, STAFF, "paper_sign"):
        play.sign(STAFF, play.paper(STAFF, item.id), answers=MADE)
    for item in tasks(play, SECOND, "paper_countersign"):
        play.sign(SECOND, play.paper(SECOND, item.id), answers=MADE)
    play.finish_papers()
    play.do(STAFF, "serve_a", officers=OFFICERS)
    newest = next(row for row in play.papers(STAFF, both) if row.kind == "service_receipt")

    def settled(word):
        return play.run(STAFF, inhand.settle, both, [word], {})

    assert settled("service_receipt:view") == newest.id
    assert settled("*:view") not in (None, newest.id)
