"""What `verify` finds: chains, tables against engine, bundles, files."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from app.domain.casework import ItemStatus, WaitKind
from app.models.casework import Case, Deployment, Wait, WorkItem
from app.models.documents import (
    Document,
    DocumentRevision,
    NumberCounter,
    ServiceRecord,
    SignatureRecord,
)
from app.models.records import HistoryEntry
from app.services import verifying
from app.services.cases import ending
from app.services.documents import reading as documents
from app.services.documents import registered
from app.services.tasks import commands
from app.services.verifying import Tally
from tests import drawn
from tests.casework import ANSWERS, Play
from tests.documents_made import NOW

STAFF, LEADER = "xingxian.staff1", "xingxian.deputy"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def verify(deps):
    def run():
        return [str(fault) for check in verifying.CHECKS for fault in check(deps, Tally())]

    return run


@pytest.fixture
def case(deps, play):
    drawn.deploy(deps, drawn.asking(), drawn.parent(), drawn.ticking())
    for procedure in ("parent", "ticking", "asking"):
        play.start(STAFF, procedure, ok="")
    play.run(LEADER, ending.cancel, play.start(STAFF, "ticking", ok=""), "撤")
    return play.start(STAFF)


def write(deps, *statements):
    with deps.system("test") as work:
        for statement in statements:
            work.session.execute(
                statement, execution_options={"unscoped": "test", "synchronize_session": False}
            )


def untrigger(deps):
    """Whoever owns the database can drop what keeps its history."""
    if deps.database.sqlite:
        names = ("history_no_update", "history_no_delete", "history_seal", "history_once")
        write(deps, *[text(f"DROP TRIGGER {name}") for name in names])
    else:
        write(deps, text("ALTER TABLE history DISABLE TRIGGER ALL"))


@pytest.mark.usefixtures("case")
def test_nothing_is_found_in_what_was_made_by_use_cases(deps, play, verify):
    play.through("draft_order", "serve_order")
    play.upload(STAFF)
    assert verify() == []
    tally = Tally()
    list(verifying.cases(deps, tally))
    assert tally.number == 5  # the child too


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (update(HistoryEntry).where(HistoryEntry.seq == 2).values(body='{"forged":1}'), 2),
        (update(HistoryEntry).where(HistoryEntry.seq == 1).values(hash=bytes(32)), 1),
        (delete(HistoryEntry).where(HistoryEntry.seq == 2), 2),
        (update(HistoryEntry).where(HistoryEntry.seq == 3).values(seq=77), 3),
    ],
)
def test_a_forged_history_is_found_where_it_begins(deps, play, verify, case, change, at):
    play.through("draft_order", "serve_order")
    untrigger(deps)
    write(deps, change.where(HistoryEntry.stream == "case", HistoryEntry.subject == case))
    broken = [fault for fault in verify() if fault.startswith("history")]
    assert broken == [f"history case {case}: broken at entry {at}"]
    with deps.reading(play.actor("xingxian.auditor")) as work:
        assert verifying.chain_of(work, case).broken_at == at


@pytest.mark.usefixtures("case")
def test_each_stream_is_told_once(deps, play, verify):
    play.through("draft_order", "serve_order")
    untrigger(deps)
    write(deps, update(HistoryEntry).values(body="{}"))
    found = [fault for fault in verify() if fault.startswith("history")]
    assert len(found) == len(set(found)) > 3
    assert all("broken at entry 1" in fault for fault in found)


def test_tables_that_do_not_say_what_the_engine_says(deps, verify, case):
    write(deps, delete(Wait).where(Wait.kind == WaitKind.TIMER))
    (fault,) = verify()
    assert "the engine has timer" in fault
    write(
        deps,
        update(WorkItem).where(WorkItem.case_id == case, WorkItem.seq > 0).values(seq=99),
    )
    told = sorted(fault for fault in verify() if f"case {case}:" in fault)
    assert len(told) == 2
    assert "the engine has task" in told[0]
    assert told[1] == f"case {case}: the tables have task 99 at draft_order, the engine has not"


def test_states_that_cannot_be_read(deps, verify, case):
    write(deps, update(Case).where(Case.id == case).values(state=b"nonsense"))
    assert any("cannot be read" in fault for fault in verify())
    write(deps, update(Case).where(Case.id == case).values(state=None))
    assert f"case {case}: it runs without a state" in verify()


def test_what_is_open_in_a_case_that_ended(deps, play, verify, case, clock):
    play.run(LEADER, ending.cancel, case, "撤")
    write(
        deps,
        update(WorkItem)
        .where(WorkItem.case_id == case, WorkItem.seq > 0)
        .values(status=ItemStatus.OPEN, closed_at=None),
        insert(Wait).values(
            case_id=case, seq=9, kind=WaitKind.TIMER, node="x", rule="P1D", armed_at=clock.now
        ),
        update(Case).where(Case.id == case).values(state=b"x"),
    )
    assert len([fault for fault in verify() if f"case {case}: it ended" in fault]) == 3


@pytest.mark.usefixtures("case")
def test_a_bundle_that_was_changed(deps, verify):
    write(deps, update(Deployment).where(Deployment.procedure == "asking").values(digest="0" * 64))
    assert any("deployment asking v1" in fault for fault in verify())


def test_files_that_are_gone_or_changed(play, verify, tmp_path):
    play.upload(STAFF)
    files = sorted(path for path in Path(tmp_path / "files").glob("*/*"))
    files[0].write_bytes(b"changed")
    assert len(verify()) == 1
    files[0].unlink()
    assert len(verify()) == 1


def test_a_paper_whose_file_is_gone(deps, play, verify, tmp_path):
    play.start(STAFF)
    play.do(STAFF, "draft_order")
    with deps.system_reading("test") as work:
        digest = work.session.scalars(select(DocumentRevision.sha256)).one()
    assert verify() == []
    (path,) = Path(tmp_path / "files").glob(f"*/{digest}*")
    path.unlink()
    assert [fault.startswith(f"revision of a paper {digest}") for fault in verify()] == [True]


FIRST = select(func.min(Document.id)).scalar_subquery()
PAPER = update(Document).where(Document.id == FIRST)
REVISION = update(DocumentRevision).where(DocumentRevision.document_id == FIRST)
SIGNATURE = update(SignatureRecord).where(SignatureRecord.document_id == FIRST)
SERVICE = update(ServiceRecord).where(ServiceRecord.document_id == FIRST)


@pytest.fixture
def served(deps, play):
    """Return the number of a paper that was signed, sealed and served."""
    case = play.start(STAFF)
    play.through("draft_order", "serve_order")
    play.finish_papers()
    with deps.system_reading("test") as work:
        wanted = select(Document.number).where(Document.case_id == case).order_by(Document.id)
        return work.session.scalars(wanted.limit(1)).one()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (PAPER.values(number="（兴）应急责改〔2026〕99号"), "tells: number"),
        (PAPER.values(data=b"{}"), "tells: data"),
        (PAPER.values(data_sha256="0" * 64), "tells: digest of data"),
        (PAPER.values(state="void", void_at=NOW, void_reason="误"), "tells: why it is void"),
        (PAPER.values(declined=True), "tells: whether what it proposes was declined"),
        (PAPER.values(state="sealed"), "it is sealed, which its history does not tell"),
        (REVISION.values(made_by="head"), "tells: files"),
        (
            SIGNATURE.where(SignatureRecord.slot == "officer1").values(
                account_id=SignatureRecord.account_id + 1
            ),
            "tells: who signed",
        ),
        (SERVICE.values(served_on=date(2026, 1, 1)), "tells: how it was served"),
        (SIGNATURE.where(SignatureRecord.slot == "seal").values(account_id=1), "tells: who signed"),
        (SERVICE.values(manner="mail"), "tells: how it was served"),
    ],
)
@pytest.mark.usefixtures("served")
def test_a_row_of_the_register_that_was_changed(deps, verify, change, told):
    assert verify() == []
    write(deps, change)
    found = verify()
    assert [
        fault
        for fault in found
        if fault.startswith("paper （兴）应急责改〔2026〕") and told in fault
    ]


def test_a_paper_exchanged_for_an_earlier_file_of_it(deps, verify, served):
    """The file is one of the paper's own and whole, but has no seal: only the register tells."""
    with deps.system_reading("test") as work:
        wanted = select(DocumentRevision.sha256).where(DocumentRevision.document_id == FIRST)
        digests = work.session.scalars(wanted.order_by(DocumentRevision.revision)).all()
    write(deps, PAPER.values(sha256=digests[0]))
    assert verify() == [f"paper {served}: not what its history tells: newest file"]
    write(
        deps,
        delete(DocumentRevision)
        .where(DocumentRevision.document_id == FIRST)
        .where(DocumentRevision.revision > 0),
    )
    assert f"paper {served}: not what its history tells: files" in verify()


@pytest.mark.usefixtures("served")
def test_forged_lines_of_papers_do_not_end_the_search(deps, verify):
    untrigger(deps)
    forged = ('{"action":"document.issue"}', '{"action":"document.sign","detail":{"document":1}}')
    for seq, body in enumerate(forged, 2):
        write(deps, update(HistoryEntry).where(HistoryEntry.seq == seq).values(body=body))
    assert any("broken at entry 2" in fault for fault in verify())


@pytest.mark.parametrize("paper", ["1000000000000000000000", "-7", "1e400", "[1]", '"x"'])
@pytest.mark.usefixtures("served")
def test_forged_numbers_of_papers_do_not_end_the_search(deps, verify, paper):
    """What tells of a paper that no register can have is told as lost, or is no line at all."""
    untrigger(deps)
    body = f'{{"action":"document.issue","detail":{{"document":{paper},"number":"甲1号"}}}}'
    write(deps, update(HistoryEntry).where(HistoryEntry.seq == 2).values(body=body))
    found = verify()
    assert any("broken at entry 2" in fault for fault in found)
    lost = "paper 甲1号: it was issued, and is not in the register"
    assert (lost in found) == paper.strip("-").isdigit()


@pytest.mark.parametrize("at_once", [1, 2, 3, 200])
def test_papers_of_many_cases_are_read_a_few_at_a_time(deps, play, verify, monkeypatch, at_once):
    """However they fall together, each is held against its own case, whose history is read once."""
    monkeypatch.setattr(registered, "AT_ONCE", at_once)
    read = []
    told = registered._told
    monkeypatch.setattr(registered, "_told", lambda work, of: read.append(of) or told(work, of))
    cases = [play.start(STAFF) for _ in range(3)]
    for times, case in enumerate(cases, 1):
        for turn in range(times):  # what is drafted again leaves a void paper
            (item,) = [task for task in play.open_of(case) if task.node == "draft_order"]
            play.complete(STAFF, item.id)
            play.deps.jobs.drain(deps)
            (item,) = play.open_of(case)
            if turn + 1 < times:
                play.run(STAFF, commands.return_to, item.id, "draft_order", "期限有误，须重新拟写")
    assert verify() == []
    assert [case for some in read for case in some] == cases
    assert all(len(some) == 1 or len(some) < at_once for some in read)
    forged = update(Document).where(Document.case_id == cases[1])
    write(deps, forged.values(sha256="0" * 64))
    assert len([fault for fault in verify() if "newest file" in fault]) == 2


def test_a_number_that_is_gone_or_was_put_in(deps, play, verify):
    play.start(STAFF)
    play.do(STAFF, "draft_order")
    (number,) = [row.number for row in play.run(STAFF, documents.find)[0]]
    write(deps, update(NumberCounter).values(last=NumberCounter.last + 1))
    (fault,) = verify()
    assert fault.startswith("numbers of rectification_order of organisation ")
    write(
        deps,
        delete(DocumentRevision),
        update(WorkItem).values(paper_id=None),
        delete(Document),
        delete(NumberCounter),
    )
    assert f"paper {number}: it was issued, and is not in the register" in verify()


def test_auditors_see_whether_a_case_is_whole(deps, play, case):
    with deps.reading(play.actor("xingxian.auditor")) as work:
        chain = verifying.chain_of(work, case)
        assert (chain.entries, len(chain.head), chain.broken_at) == (1, 64, None)
    for other in ("fenyang.auditor", STAFF, LEADER):
        with deps.reading(play.actor(other)) as work:
            assert verifying.chain_of(work, case) is None


def test_the_history_tells_who_approved_a_seal_and_for_whom_a_paper_was_issued(deps, play):
    """A paper drafted in another's place is issued in their place: by whom and for whom."""
    head = play.actor("xingxian.head")
    drafter = play.actor(STAFF)
    for_head = tuple(replace(grant, on_behalf_of=head.id) for grant in drafter.grants)
    case = play.start(STAFF)
    (item,) = [row.id for row in play.todo(STAFF) if row.node == "draft_order"]
    answers = play.answered(STAFF, item, **ANSWERS["draft_order"])
    with deps.transaction(replace(drafter, grants=for_head)) as work:
        commands.complete(work, item, answers)
    play.deps.jobs.drain(deps)
    play.finish_papers()
    history = play.case(STAFF, case).history
    issued = [line for line in history if line.action == "document.issue"]
    assert [(line.actor, line.on_behalf_of) for line in issued] == [(drafter.name, head.name)]
    (sealed,) = [line for line in history if line.detail.get("by") == "seal"]
    with deps.system_reading("test") as work:
        wanted = select(SignatureRecord.item_id, SignatureRecord.account_id)
        row = work.session.execute(wanted.where(SignatureRecord.slot == "seal")).one()
    assert (sealed.detail["task"], sealed.detail["approved"]) == tuple(row)
